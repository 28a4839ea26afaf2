//! `attest`: where the bytes lie that the precompile verified. Each of these transactions passes
//! the runtime's own check of its signatures, or would let a reader that is less strict than the
//! program take unsigned bytes for signed ones.

use solana_instruction::Instruction;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::{OracleSignature, attest, verify_signatures};
use system_token_tests::{Epoch, World, signature};

/// Bytes before the first signature's offsets.
const OFFSETS_START: usize = 2;
/// Bytes of one signature's offsets.
const OFFSETS_LEN: usize = 14;
/// Where, within one signature's offsets, the index lies of the instruction with the signature.
const SIGNATURE_INDEX: usize = 2;
/// The same for the key.
const KEY_INDEX: usize = 6;
/// Where the message's offset lies.
const MESSAGE_OFFSET: usize = 8;
/// Where the message's length lies.
const MESSAGE_SIZE: usize = 10;
/// Where the index lies of the instruction with the message.
const MESSAGE_INDEX: usize = 12;

fn ended() -> (World, Epoch) {
    let world = World::start(2);
    world.end_epoch(1);
    let epoch = world.epoch(1, &[100, 200]);
    (world, epoch)
}

/// Writes one u16 of a signature's offsets.
fn set_offset(precompile: &mut Instruction, signature: usize, field: usize, value: u16) {
    let at = OFFSETS_START + OFFSETS_LEN * signature + field;
    precompile.data[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn an_oracle_s_key_beside_a_stranger_s_verified_one_is_refused() {
    // Given a stranger's valid signature over the attestation, as instruction 0
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let strangers = signature(&world.key(), &message);
    let genuine = verify_signatures(&message, &[strangers]);

    // When instruction 1 shows the oracle's key in its own bytes, but has the runtime verify the
    // key, the signature and the message of instruction 0
    let shown = OracleSignature { oracle: world.oracles[0].pubkey(), signature: [0; 64] };
    let [mut decoy, attest] = attest(&world.payer.pubkey(), &epoch.attestation, &[shown]);
    for field in [SIGNATURE_INDEX, KEY_INDEX, MESSAGE_INDEX] {
        set_offset(&mut decoy, 0, field, 0);
    }

    // Then the runtime is content, and the program is not
    world.send(&[genuine.clone(), decoy.clone()]).unwrap();
    world.assert_refused(SystemTokenError::ForeignOffset, &[genuine, decoy, attest]);
}

#[test]
fn an_attestation_beside_another_verified_message_is_refused() {
    // Given an oracle's valid signature over another message of the same length
    let (world, epoch) = ended();
    let harmless = [0x55; Attestation::LEN];
    let genuine = verify_signatures(&harmless, &[signature(&world.oracles[0], &harmless)]);

    // When instruction 1 shows a greedy attestation, but has the harmless message verified
    let [mut decoy, attest] = world.attest_instructions(&epoch.attestation, &[0]);
    for field in [SIGNATURE_INDEX, KEY_INDEX, MESSAGE_INDEX] {
        set_offset(&mut decoy, 0, field, 0);
    }
    world.send(&[genuine.clone(), decoy.clone()]).unwrap();
    world.assert_refused(SystemTokenError::ForeignOffset, &[genuine, decoy, attest]);
}

#[test]
fn each_single_offset_into_another_instruction_is_refused() {
    // Given the same valid signatures twice, so that either copy verifies
    let (world, epoch) = ended();
    let [precompile, attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    for one in [0, 1] {
        for field in [SIGNATURE_INDEX, KEY_INDEX, MESSAGE_INDEX] {
            // When one offset of the second copy points into the first
            let mut decoy = precompile.clone();
            set_offset(&mut decoy, one, field, 0);
            world.send(&[precompile.clone(), decoy.clone()]).unwrap();
            let instructions = [precompile.clone(), decoy, attest.clone()];
            world.assert_refused(SystemTokenError::ForeignOffset, &instructions);
        }
    }
}

#[test]
fn the_instruction_s_own_index_by_number_is_refused_too() {
    // Given offsets that name their own instruction by its number, which may be another's later
    let (world, epoch) = ended();
    let [mut precompile, attest] = world.attest_instructions(&epoch.attestation, &[0]);
    for field in [SIGNATURE_INDEX, KEY_INDEX, MESSAGE_INDEX] {
        set_offset(&mut precompile, 0, field, 0);
    }
    world.assert_refused(SystemTokenError::ForeignOffset, &[precompile, attest]);
}

#[test]
fn signatures_over_different_messages_are_refused() {
    // Given oracle 0's signature over the attestation and oracle 1's over something else
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let harmless = [0x55; Attestation::LEN];
    let signatures =
        [signature(&world.oracles[0], &message), signature(&world.oracles[1], &harmless)];
    let [mut precompile, attest] = attest(&world.payer.pubkey(), &epoch.attestation, &signatures);
    let second_message = u16::try_from(precompile.data.len()).unwrap();
    precompile.data.extend_from_slice(&harmless);
    set_offset(&mut precompile, 1, MESSAGE_OFFSET, second_message);

    // Then both verify, and the program counts neither
    world.send(std::slice::from_ref(&precompile)).unwrap();
    world.assert_refused(SystemTokenError::InvalidAttestation, &[precompile, attest]);
}

#[test]
fn a_signature_over_more_or_fewer_bytes_than_an_attestation_is_refused() {
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let longer = [message.as_slice(), &[0]].concat();
    for signed in [&longer, &message[..Attestation::LEN - 1], &[]] {
        let precompile = verify_signatures(signed, &[signature(&world.oracles[0], signed)]);
        let [_, attest] = world.attest_instructions(&epoch.attestation, &[0]);
        world.assert_refused(SystemTokenError::InvalidAttestation, &[precompile, attest]);
    }
}

#[test]
fn a_longer_second_message_that_opens_with_the_attestation_is_refused() {
    // Given oracle 1's signature over the attestation and one byte more
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let longer = [message.as_slice(), &[0]].concat();
    let signatures =
        [signature(&world.oracles[0], &message), signature(&world.oracles[1], &longer)];
    let [mut precompile, attest] = attest(&world.payer.pubkey(), &epoch.attestation, &signatures);
    precompile.data.push(0);
    set_offset(&mut precompile, 1, MESSAGE_SIZE, u16::try_from(longer.len()).unwrap());
    world.send(std::slice::from_ref(&precompile)).unwrap();
    world.assert_refused(SystemTokenError::InvalidAttestation, &[precompile, attest]);
}

#[test]
fn a_precompile_without_signatures_is_refused() {
    let (world, epoch) = ended();
    let [mut precompile, attest] = world.attest_instructions(&epoch.attestation, &[0]);
    precompile.data = vec![0, 0];
    world.assert_refused(SystemTokenError::MalformedPrecompile, &[precompile, attest]);
}

#[test]
fn a_count_of_signatures_below_what_follows_counts_only_the_first() {
    // Given the bytes of two signatures, of which the second is forged, and a count of one
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let forged = OracleSignature { oracle: world.oracles[1].pubkey(), signature: [7; 64] };
    let signatures = [signature(&world.oracles[0], &message), forged];
    let [mut precompile, attest] = attest(&world.payer.pubkey(), &epoch.attestation, &signatures);
    precompile.data[0] = 1;

    // Then only what the runtime verified is counted
    world.send(&[precompile, attest]).unwrap();
    assert_eq!(world.proposal(&epoch).signatures.get(), 0b001);
}

#[test]
fn signatures_anywhere_within_their_own_instruction_count() {
    // Given the message before keys and signatures: another layout, the same instruction
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let OracleSignature { oracle, signature } = signature(&world.oracles[2], &message);
    let [mut precompile, attest] = world.attest_instructions(&epoch.attestation, &[2]);
    let start = OFFSETS_START + OFFSETS_LEN;
    precompile.data.truncate(start);
    precompile.data.extend_from_slice(&message);
    precompile.data.extend_from_slice(&signature);
    precompile.data.extend_from_slice(oracle.as_ref());
    let offset = |after: usize| u16::try_from(start + after).expect("a short instruction");
    set_offset(&mut precompile, 0, MESSAGE_OFFSET, offset(0));
    set_offset(&mut precompile, 0, 0, offset(Attestation::LEN));
    set_offset(&mut precompile, 0, 4, offset(Attestation::LEN + 64));

    // Then the oracle is counted
    world.send(&[precompile, attest]).unwrap();
    assert_eq!(world.proposal(&epoch).signatures.get(), 0b100);
}
