//! `veto`: the guardian stops a proposal within its challenge window, and nobody else does.

use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::{ChainError, Receipt};
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::{close_proposal, veto};
use system_token_tests::{CHALLENGE_SECONDS, Epoch, World, admin, failed, guardian};

/// A world whose first epoch is attested and in its challenge window.
fn attested() -> (World, Epoch) {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.attest_ended(&epoch);
    (world, epoch)
}

fn send_veto(world: &World, signer: &Keypair, epoch: &Epoch) -> Result<Receipt, ChainError> {
    let digest = epoch.attestation.digest();
    world.send_with(&[signer], &[veto(&signer.pubkey(), &world.distribution, &digest)], &[])
}

#[test]
fn anybody_but_the_guardian_is_refused() {
    let (world, epoch) = attested();
    let digest = epoch.attestation.digest();
    for stranger in [admin(), world.oracles[0].insecure_clone(), world.key()] {
        let by_stranger = veto(&stranger.pubkey(), &world.distribution, &digest);
        let error = SystemTokenError::NotGuardian;
        world.assert_refused_with(&[&stranger], error, &[by_stranger]);
    }
}

#[test]
fn the_guardian_s_name_without_its_signature_is_refused() {
    let (world, epoch) = attested();
    let digest = epoch.attestation.digest();
    let mut unsigned = veto(&guardian().pubkey(), &world.distribution, &digest);
    unsigned.accounts[0].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn a_proposal_of_another_distribution_is_refused() {
    let (world, _) = attested();
    let neighbour = world.neighbour(2);
    let theirs = neighbour.epoch(1, &[100, 200]);
    neighbour.attest_ended(&theirs);
    let guardian = guardian();
    let digest = theirs.attestation.digest();
    let mut foreign = veto(&guardian.pubkey(), &neighbour.distribution, &digest);
    foreign.accounts[1].pubkey = world.distribution;
    world.assert_refused_with(&[&guardian], SystemTokenError::ForeignProposal, &[foreign]);
}

#[test]
fn after_the_window_and_after_the_end_it_is_too_late() {
    let (world, epoch) = attested();
    let guardian = guardian();
    let late = veto(&guardian.pubkey(), &world.distribution, &epoch.attestation.digest());
    world.end_challenge_window();
    let closed = SystemTokenError::ChallengeWindowClosed;
    world.assert_refused_with(&[&guardian], closed, std::slice::from_ref(&late));
    world.finalize(&epoch).unwrap();
    world.assert_refused_with(&[&guardian], SystemTokenError::EpochNotNext, &[late]);
}

#[test]
fn a_vetoed_proposal_is_neither_attested_nor_finalized_nor_closed_for_a_second_try() {
    // Given a proposal vetoed in the last second of its window
    let (world, epoch) = attested();
    world.warp(world.now() + i64::from(CHALLENGE_SECONDS) - 1);
    send_veto(&world, &guardian(), &epoch).unwrap();
    assert_eq!(world.proposal(&epoch).vetoed, 1);

    // Then no signature and no time helps it
    world.end_challenge_window();
    let attest = world.attest_instructions(&epoch.attestation, &[2]);
    world.assert_refused(SystemTokenError::Vetoed, &attest);
    world.assert_refused(SystemTokenError::Vetoed, &[world.finalize_instruction(&epoch)]);

    // Nor can it be closed, to be created anew by the same signatures
    let digest = epoch.attestation.digest();
    let close = close_proposal(&world.distribution, &digest, &world.payer.pubkey());
    world.assert_refused(SystemTokenError::ProposalOpen, &[close]);

    // And another proposal for the same epoch passes
    let better = world.epoch(1, &[100, 100]);
    world.install(&better);
    assert_eq!(world.distribution().root, better.attestation.root);
}

#[test]
fn a_half_signed_proposal_can_be_vetoed_too() {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.end_epoch(1);
    world.attest(&epoch, &[0]).unwrap();
    send_veto(&world, &guardian(), &epoch).unwrap();
    let attest = world.attest_instructions(&epoch.attestation, &[1]);
    world.assert_refused(SystemTokenError::Vetoed, &attest);
}
