//! `attest`: whose signatures over which bytes count. Where the signatures may lie is tested in
//! `attest_offsets.rs`.

use solana_account::Account;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use system_token_attestation::Attestation;
use system_token_interface::instructions::{OracleSignature, attest, verify_signatures};
use system_token_interface::{SystemTokenError, proposal_address};
use system_token_tests::{EPOCH_SECONDS, Epoch, START_AT, World, failed, signature};

/// A world whose first epoch has ended, and that epoch.
fn ended() -> (World, Epoch) {
    let world = World::start(2);
    world.end_epoch(1);
    let epoch = world.epoch(1, &[100, 200]);
    (world, epoch)
}

/// The attesting instructions of any keys, who sign the attestation honestly.
fn attest_by(world: &World, attestation: &Attestation, keys: &[&Keypair]) -> [Instruction; 2] {
    let message = attestation.to_bytes();
    let signatures: Vec<_> = keys.iter().map(|key| signature(key, &message)).collect();
    attest(&world.payer.pubkey(), attestation, &signatures)
}

/// Asserts that an attestation that differs by one change, but is well signed, is refused.
#[track_caller]
fn assert_attestation_refused(error: SystemTokenError, change: impl FnOnce(&mut Attestation)) {
    let (world, mut epoch) = ended();
    change(&mut epoch.attestation);
    world.assert_refused(error, &world.attest_instructions(&epoch.attestation, &[0, 1]));
}

#[test]
fn without_the_precompile_it_is_refused() {
    let (world, epoch) = ended();
    let [_, attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::MissingPrecompile, &[attest]);
}

#[test]
fn the_precompile_after_it_is_refused() {
    let (world, epoch) = ended();
    let [precompile, attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::MissingPrecompile, &[attest, precompile]);
}

#[test]
fn an_instruction_between_precompile_and_attest_is_refused() {
    let (world, epoch) = ended();
    let [precompile, attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    let between = transfer(&world.payer.pubkey(), &world.payer.pubkey(), 1);
    let error = SystemTokenError::MissingPrecompile;
    world.assert_refused(error, &[precompile, between, attest]);
}

#[test]
fn another_account_in_place_of_the_instructions_sysvar_is_refused() {
    let (world, epoch) = ended();
    let [precompile, mut attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    let fake = world.address();
    let account = Account { lamports: 1_000_000_000, data: vec![0; 512], ..Account::default() };
    world.put_account(fake, account);
    attest.accounts[3].pubkey = fake;
    world.assert_refused(failed(1, InstructionError::InvalidArgument), &[precompile, attest]);
}

#[test]
fn a_forged_signature_is_refused_by_the_runtime() {
    let (world, epoch) = ended();
    let message = epoch.attestation.to_bytes();
    let mut forged = signature(&world.oracles[1], &message);
    forged.signature[7] ^= 1;
    let signatures = [signature(&world.oracles[0], &message), forged];
    let attest = attest(&world.payer.pubkey(), &epoch.attestation, &signatures);
    // The precompile's `InvalidSignature`.
    world.assert_refused(failed(0, InstructionError::Custom(2)), &attest);
}

#[test]
fn an_oracle_s_name_under_a_stranger_s_signature_is_refused_by_the_runtime() {
    let (world, epoch) = ended();
    let by_stranger = signature(&world.key(), &epoch.attestation.to_bytes());
    let forged = OracleSignature { oracle: world.oracles[0].pubkey(), ..by_stranger };
    let attest = attest(&world.payer.pubkey(), &epoch.attestation, &[forged]);
    world.assert_refused(failed(0, InstructionError::Custom(2)), &attest);
}

#[test]
fn a_signature_by_a_key_outside_the_set_is_refused() {
    let (world, epoch) = ended();
    let stranger = world.key();
    for keys in [vec![&stranger], vec![&world.oracles[0], &stranger]] {
        let attest = attest_by(&world, &epoch.attestation, &keys);
        world.assert_refused(SystemTokenError::UnknownOracle, &attest);
    }
}

#[test]
fn an_unused_place_of_the_oracle_set_is_no_oracle() {
    // Given a fourth key in the set's bytes, beyond the three that are in use
    let (world, epoch) = ended();
    let former = world.key();
    world.alter_distribution(|distribution| distribution.oracles[3] = former.pubkey().to_bytes());

    // Then it has no voice
    let attest = attest_by(&world, &epoch.attestation, &[&former]);
    world.assert_refused(SystemTokenError::UnknownOracle, &attest);
}

#[test]
fn one_oracle_twice_in_one_instruction_is_refused() {
    let (world, epoch) = ended();
    let attest = world.attest_instructions(&epoch.attestation, &[1, 1]);
    world.assert_refused(SystemTokenError::RepeatedOracle, &attest);
}

#[test]
fn signatures_over_another_attestation_are_refused() {
    // Given signatures over an honest epoch
    let (world, honest) = ended();
    let [precompile, _] = world.attest_instructions(&honest.attestation, &[0, 1]);

    // When they are sent with the digest of a greedier one
    let greedy = world.epoch(1, &[100, 999_999]);
    let [_, attest] = world.attest_instructions(&greedy.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::DigestMismatch, &[precompile, attest]);
}

#[test]
fn a_proposal_at_another_address_is_refused() {
    let (world, epoch) = ended();
    let [precompile, mut attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    attest.accounts[2].pubkey = proposal_address(&world.distribution, &[7; 32]).0;
    world.assert_refused(failed(1, InstructionError::InvalidSeeds), &[precompile, attest]);
}

#[test]
fn an_attestation_for_another_program_is_refused() {
    assert_attestation_refused(SystemTokenError::ForeignAttestation, |attestation| {
        attestation.program_id = [9; 32];
    });
}

#[test]
fn an_attestation_for_another_distribution_is_refused() {
    // Given a neighbour with the same oracles, who attested its own epoch
    let (world, _) = ended();
    let neighbour = world.neighbour(2);
    let theirs = neighbour.epoch(1, &[100, 200]);
    let [precompile, mut attest] = neighbour.attest_instructions(&theirs.attestation, &[0, 1]);

    // When the signatures are replayed against our distribution
    attest.accounts[0].pubkey = world.payer.pubkey();
    attest.accounts[1].pubkey = world.distribution;
    attest.accounts[2].pubkey =
        proposal_address(&world.distribution, &theirs.attestation.digest()).0;

    // Then they are refused
    world.assert_refused(SystemTokenError::ForeignAttestation, &[precompile, attest]);
}

#[test]
fn an_attestation_in_another_domain_is_refused() {
    // Given oracles that signed the same fields under another domain
    let (world, epoch) = ended();
    let mut message = epoch.attestation.to_bytes();
    message[10..12].copy_from_slice(b"V2");
    let digest = Attestation::digest_of(&message);
    let signatures = [0, 1].map(|oracle: usize| signature(&world.oracles[oracle], &message));

    // When the digest and the proposal are those of the signed bytes
    let [_, mut attest] = world.attest_instructions(&epoch.attestation, &[0, 1]);
    attest.data[8..].copy_from_slice(&digest);
    attest.accounts[2].pubkey = proposal_address(&world.distribution, &digest).0;
    world.assert_refused(
        SystemTokenError::InvalidAttestation,
        &[verify_signatures(&message, &signatures), attest],
    );
}

#[test]
fn an_attestation_of_another_oracle_set_version_is_refused() {
    for version in [0, 2, u32::MAX] {
        assert_attestation_refused(SystemTokenError::StaleOracleSet, |attestation| {
            attestation.oracle_set_version = version;
        });
    }
}

#[test]
fn an_attestation_from_before_a_change_of_the_set_is_refused() {
    let (world, epoch) = ended();
    world.alter_distribution(|distribution| distribution.oracle_set_version.set(2));
    let attest = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::StaleOracleSet, &attest);
}

#[test]
fn an_epoch_that_is_finalized_is_refused() {
    let (world, epoch) = ended();
    world.install(&epoch);
    for late in [world.epoch(1, &[1, 2]), epoch] {
        let attest = world.attest_instructions(&late.attestation, &[0, 1]);
        world.assert_refused(SystemTokenError::EpochNotNext, &attest);
    }
}

#[test]
fn epoch_zero_is_refused() {
    assert_attestation_refused(SystemTokenError::EpochNotNext, |attestation| attestation.epoch = 0);
}

#[test]
fn an_epoch_that_has_not_ended_is_refused_until_it_has() {
    // Given the last second of epoch 1
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    let end = START_AT + i64::from(EPOCH_SECONDS);
    world.warp(end - 1);
    let attest = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::EpochNotEnded, &attest);

    // When it is over
    world.warp(end);
    world.send(&attest).unwrap();
    assert_eq!(world.proposal(&epoch).attested_at.get(), end);
}

#[test]
fn a_far_epoch_is_refused_without_overflow() {
    for epoch in [u64::from(u32::MAX) + 1, u64::MAX] {
        assert_attestation_refused(SystemTokenError::Overflow, |attestation| {
            attestation.epoch = epoch;
        });
    }
    assert_attestation_refused(SystemTokenError::EpochNotEnded, |attestation| {
        attestation.epoch = u32::MAX.into();
    });
}

#[test]
fn a_paused_distribution_takes_no_signatures() {
    let (world, epoch) = ended();
    world.alter_distribution(|distribution| distribution.paused = 1);
    let attest = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::Paused, &attest);

    // And takes them again afterwards
    world.alter_distribution(|distribution| distribution.paused = 0);
    world.send(&attest).unwrap();
}

#[test]
fn a_vetoed_proposal_takes_no_more_signatures() {
    let (world, epoch) = ended();
    world.attest(&epoch, &[0]).unwrap();
    world.alter_proposal(&epoch, |proposal| proposal.vetoed = 1);
    let attest = world.attest_instructions(&epoch.attestation, &[1]);
    world.assert_refused(SystemTokenError::Vetoed, &attest);
}

#[test]
fn one_oracle_attesting_twice_counts_once() {
    // Given one oracle's signature, sent twice
    let (world, epoch) = ended();
    world.attest(&epoch, &[0]).unwrap();
    world.attest(&epoch, &[0]).unwrap();

    // Then it is one of two, and no window has begun
    let proposal = world.proposal(&epoch);
    assert_eq!(proposal.signatures.get(), 0b001);
    assert_eq!(proposal.attested_at.get(), 0);
}

#[test]
fn signatures_gather_over_transactions_and_the_threshold_stamps_the_time_once() {
    // Given one signature
    let (world, epoch) = ended();
    world.attest(&epoch, &[2]).unwrap();
    assert_eq!(world.proposal(&epoch).attested_at.get(), 0);

    // When the second arrives, it starts the challenge window
    world.warp(world.now() + 60);
    let attested_at = world.now();
    world.attest(&epoch, &[0]).unwrap();
    assert_eq!(world.proposal(&epoch).attested_at.get(), attested_at);

    // Then a third, or any again, counts but does not start it anew
    world.warp(world.now() + 60);
    world.attest(&epoch, &[1, 2]).unwrap();
    let proposal = world.proposal(&epoch);
    assert_eq!(proposal.signatures.get(), 0b111);
    assert_eq!(proposal.attested_at.get(), attested_at);
}

#[test]
fn a_proposal_holds_all_that_was_signed_and_who_paid_for_it() {
    let (world, epoch) = ended();
    world.attest(&epoch, &[0]).unwrap();
    let payer = world.key();
    world.chain.airdrop(&payer.pubkey(), 1_000_000_000).unwrap();
    let [precompile, mut second] = world.attest_instructions(&epoch.attestation, &[1]);
    second.accounts[0].pubkey = payer.pubkey();
    world.send_with(&[&payer], &[precompile, second], &[]).unwrap();

    let proposal = world.proposal(&epoch);
    let attestation = epoch.attestation;
    assert_eq!(proposal.distribution, world.distribution.to_bytes());
    assert_eq!(proposal.rent_payer, world.payer.pubkey().to_bytes());
    assert_eq!(proposal.digest, attestation.digest());
    assert_eq!(proposal.root, attestation.root);
    assert_eq!(proposal.bundle_hash, attestation.bundle_hash);
    assert_eq!(proposal.epoch.get(), 1);
    assert_eq!(proposal.cumulative_total.get(), 300);
    assert_eq!(proposal.leaf_count.get(), 2);
    assert_eq!(proposal.oracle_set_version.get(), 1);
    assert_eq!(proposal.vetoed, 0);
}

#[test]
fn a_bad_proposal_does_not_block_a_good_one() {
    // Given one oracle that signed something else for the same epoch
    let (world, good) = ended();
    let bad = world.epoch(1, &[0, 999_999]);
    world.attest(&bad, &[2]).unwrap();

    // When the others attest the good one, it is finalized
    world.install(&good);
    assert_eq!(world.distribution().root, good.tree.root());
}

#[test]
fn lamports_that_an_attacker_sends_ahead_do_not_prevent_it() {
    let (world, epoch) = ended();
    let address = world.proposal_address(&epoch);
    world.send(&[transfer(&world.payer.pubkey(), &address, 1_000_000)]).unwrap();
    world.attest(&epoch, &[0, 1]).unwrap();
    assert_eq!(world.proposal(&epoch).signatures.get(), 0b011);
}
