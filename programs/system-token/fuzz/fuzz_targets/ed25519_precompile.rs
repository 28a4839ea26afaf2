//! Any bytes as the Ed25519 precompile's instruction: reading never panics, and what is taken lies
//! where the precompile itself would look for it.
#![no_main]

use anchor_lang::Address;
use libfuzzer_sys::fuzz_target;
use system_token::ed25519::{message_of, signers_of};
use system_token_attestation::Attestation;

/// Bytes before the first signature's offsets, and of each signature's offsets.
const HEADER: usize = 2;
const OFFSETS: usize = 14;

/// Field `field` of signature `signature`'s seven.
fn offset(data: &[u8], signature: usize, field: usize) -> u16 {
    let at = HEADER + OFFSETS * signature + 2 * field;
    u16::from_le_bytes([data[at], data[at + 1]])
}

fuzz_target!(|data: &[u8]| {
    // A set of the keys that the data itself names, so that signatures are found.
    let count = usize::from(data.first().copied().unwrap_or(0));
    let key = |signature: usize| {
        let at = HEADER + OFFSETS * signature;
        let start = usize::from(u16::from_le_bytes(data.get(at + 4..at + 6)?.try_into().ok()?));
        Address::try_from(data.get(start..start + 32)?).ok()
    };
    let mut oracles: Vec<Address> = Vec::new();
    for key in (0..count.min(16)).filter_map(key) {
        if !oracles.contains(&key) {
            oracles.push(key);
        }
    }

    let Ok(message) = message_of(data) else { return };
    for signature in 0..count {
        // Each signature's three parts lie in this same instruction and cover this message.
        for instruction_index in [1, 3, 6] {
            assert_eq!(offset(data, signature, instruction_index), u16::MAX);
        }
        let start = usize::from(offset(data, signature, 4));
        assert_eq!(usize::from(offset(data, signature, 5)), Attestation::LEN);
        assert_eq!(&data[start..start + Attestation::LEN], message);
    }
    if let Ok(signers) = signers_of(data, &oracles) {
        assert_eq!(signers.count_ones() as usize, count, "an oracle counts once");
        for (place, oracle) in oracles.iter().enumerate() {
            let signed = (0..count).filter_map(key).any(|key| key == *oracle);
            assert_eq!(signers >> place & 1 == 1, signed, "oracle {place}");
        }
    }
});
