//! Every way to hash that this processor has, against the crate that the rest of the code hashes by.

use proptest::prelude::*;
use system_token_attestation::{Hash, Lanes, Padded};

/// As many messages as there are fillings, each with bytes of its own.
fn agrees<const BYTES: usize, const BLOCKS: usize>(lanes: Lanes, seeds: &[u64]) {
    let mut messages = vec![Padded::<BYTES, BLOCKS>::new(); seeds.len()];
    for (message, seed) in messages.iter_mut().zip(seeds) {
        let mut state = *seed;
        for byte in message.bytes_mut() {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *byte = state.to_le_bytes()[7];
        }
    }
    let mut hashes = vec![[0; 32]; messages.len()];
    lanes.hash(&messages, &mut hashes);
    let expected: Vec<Hash> = messages
        .iter()
        .map(|message| solana_sha256_hasher::hash(message.bytes()).to_bytes())
        .collect();
    assert_eq!(hashes, expected, "{lanes:?}, {BYTES} bytes");
}

#[test]
fn one_lane_is_always_there() {
    let available: Vec<_> = Lanes::available().collect();
    assert!(available.contains(&Lanes::ONE));
    assert_eq!(available.last(), Some(&Lanes::best()));
    for lanes in available {
        assert!([1, 8, 16].contains(&lanes.count()), "{lanes:?}");
    }
}

#[test]
fn a_published_digest() {
    // FIPS 180-4's example of one block.
    let mut message = Padded::<3, 1>::new();
    message.bytes_mut().copy_from_slice(b"abc");
    for lanes in Lanes::available() {
        let mut hash = [[0; 32]];
        lanes.hash(&[message], &mut hash);
        assert_eq!(hash[0][..4], [0xba, 0x78, 0x16, 0xbf], "{lanes:?}");
        assert_eq!(hash[0][28..], [0xf2, 0x00, 0x15, 0xad], "{lanes:?}");
    }
}

#[test]
#[should_panic(expected = "each message has one place for its hash")]
fn a_place_for_each_hash() {
    Lanes::best().hash(&[Padded::<3, 1>::new()], &mut []);
}

proptest! {
    #[test]
    fn lanes_agree_on_any_messages_of_any_number(
        seeds in proptest::collection::vec(any::<u64>(), 0..50),
    ) {
        for lanes in Lanes::available() {
            agrees::<0, 1>(lanes, &seeds);
            agrees::<55, 1>(lanes, &seeds);
            agrees::<56, 2>(lanes, &seeds);
            agrees::<65, 2>(lanes, &seeds);
            agrees::<165, 3>(lanes, &seeds);
        }
    }
}
