//! `close_proposal`: the rent goes back to who paid it, once nobody can attest it again.

use solana_signer::Signer;
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::close_proposal;
use system_token_tests::{Epoch, World};

fn attested() -> (World, Epoch) {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.attest_ended(&epoch);
    (world, epoch)
}

#[test]
fn an_open_proposal_stays() {
    let (world, epoch) = attested();
    let digest = epoch.attestation.digest();
    let close = close_proposal(&world.distribution, &digest, &world.payer.pubkey());
    world.assert_refused(SystemTokenError::ProposalOpen, &[close]);
}

#[test]
fn the_rent_goes_to_nobody_but_who_paid_it() {
    let (world, epoch) = attested();
    world.end_challenge_window();
    world.finalize(&epoch).unwrap();
    let digest = epoch.attestation.digest();
    let thief = close_proposal(&world.distribution, &digest, &world.address());
    world.assert_refused(SystemTokenError::RentPayerMismatch, &[thief]);
}

#[test]
fn a_proposal_of_another_distribution_is_refused() {
    let (world, epoch) = attested();
    let neighbour = world.neighbour(2);
    neighbour.install(&neighbour.epoch(1, &[1, 2]));
    let digest = epoch.attestation.digest();
    let mut foreign = close_proposal(&world.distribution, &digest, &world.payer.pubkey());
    foreign.accounts[0].pubkey = neighbour.distribution;
    world.assert_refused(SystemTokenError::ForeignProposal, &[foreign]);
}

#[test]
fn after_its_epoch_anyone_closes_it_and_it_never_comes_back() {
    // Given a finalized epoch and a rival proposal for it that lost
    let (world, epoch) = attested();
    let rival = world.epoch(1, &[100, 201]);
    world.attest(&rival, &[2]).unwrap();
    world.end_challenge_window();
    world.finalize(&epoch).unwrap();

    // When both are closed, in one transaction that pays only its fee
    let payer = world.payer.pubkey();
    let lamports = || world.account(&payer).unwrap().lamports;
    let rent: u64 = [&epoch, &rival]
        .map(|epoch| world.account(&world.proposal_address(epoch)).unwrap().lamports)
        .iter()
        .sum();
    let close =
        |epoch: &Epoch| close_proposal(&world.distribution, &epoch.attestation.digest(), &payer);
    let before = lamports();
    let receipt = world.send(&[close(&epoch), close(&rival)]).unwrap();

    // Then all their rent is back with the payer, and nothing attests them again
    assert_eq!(lamports(), before + rent - receipt.fee_lamports);
    for epoch in [&epoch, &rival] {
        assert!(world.account(&world.proposal_address(epoch)).is_none());
        let attest = world.attest_instructions(&epoch.attestation, &[0, 1]);
        world.assert_refused(SystemTokenError::EpochNotNext, &attest);
    }
    assert_eq!(world.distribution().epoch.get(), 1);
}

#[test]
fn a_proposal_of_a_former_oracle_set_can_be_closed() {
    let (world, epoch) = attested();
    world.alter_distribution(|distribution| distribution.oracle_set_version.set(2));
    let digest = epoch.attestation.digest();
    let close = close_proposal(&world.distribution, &digest, &world.payer.pubkey());
    world.send(&[close]).unwrap();
    assert!(world.account(&world.proposal_address(&epoch)).is_none());
    let attest = world.attest_instructions(&epoch.attestation, &[0, 1]);
    world.assert_refused(SystemTokenError::StaleOracleSet, &attest);
}
