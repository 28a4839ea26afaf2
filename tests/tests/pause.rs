//! `pause` and `unpause`: the guardian or the admin stops everything, the admin lets it go on.

use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::{pause, unpause, veto};
use system_token_tests::{World, admin, failed, guardian};

fn send(world: &World, signer: &Keypair, instruction: Instruction) {
    world.send_with(&[signer], &[instruction], &[]).expect("the transaction passes");
}

#[test]
fn strangers_neither_stop_nor_start_it() {
    let world = World::start(2);
    for stranger in [world.oracles[0].insecure_clone(), world.key()] {
        let address = stranger.pubkey();
        let error = SystemTokenError::NotGuardianOrAdmin;
        world.assert_refused_with(&[&stranger], error, &[pause(&address, &world.distribution)]);
        let error = SystemTokenError::NotAdmin;
        world.assert_refused_with(&[&stranger], error, &[unpause(&address, &world.distribution)]);
    }
}

#[test]
fn the_guardian_cannot_start_it_again() {
    let (world, guardian) = (World::start(2), guardian());
    send(&world, &guardian, pause(&guardian.pubkey(), &world.distribution));
    let start = unpause(&guardian.pubkey(), &world.distribution);
    world.assert_refused_with(&[&guardian], SystemTokenError::NotAdmin, &[start]);
}

#[test]
fn a_name_without_its_signature_is_refused() {
    let world = World::start(2);
    for mut unsigned in [
        pause(&guardian().pubkey(), &world.distribution),
        pause(&admin().pubkey(), &world.distribution),
        unpause(&admin().pubkey(), &world.distribution),
    ] {
        unsigned.accounts[0].is_signer = false;
        world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
    }
}

#[test]
fn while_paused_nothing_moves_but_the_veto_and_afterwards_everything_does() {
    for pauser in [guardian(), admin()] {
        // Given a finalized epoch, an attested one, and a pause
        let world = World::start(2);
        world.open_page(0).unwrap();
        let first = world.epoch(1, &[100, 200]);
        world.install(&first);
        let second = world.epoch(2, &[150, 250]);
        world.attest_ended(&second);
        send(&world, &pauser, pause(&pauser.pubkey(), &world.distribution));
        send(&world, &pauser, pause(&pauser.pubkey(), &world.distribution));

        // Then nothing is attested, finalized or claimed
        let paused = SystemTokenError::Paused;
        world.assert_refused(paused, &world.attest_instructions(&second.attestation, &[2]));
        world.assert_refused(paused, &[world.claim_instruction(&first, 0, 2)]);
        let guardian = guardian();
        let digest = second.attestation.digest();
        send(&world, &guardian, veto(&guardian.pubkey(), &world.distribution, &digest));
        world.end_challenge_window();
        world.assert_refused(paused, &[world.finalize_instruction(&second)]);

        // And after it everything goes on
        let admin = admin();
        send(&world, &admin, unpause(&admin.pubkey(), &world.distribution));
        world.claim(&first, 0, 2).unwrap();
        let other = world.epoch(2, &[110, 220]);
        world.install(&other);
        world.claim(&other, 0, 2).unwrap();
        assert_eq!(world.balances(), [110, 220]);
    }
}

#[test]
fn a_pause_stops_one_community_and_not_its_neighbour() {
    let world = World::start(2);
    let neighbour = world.neighbour(2);
    let guardian = guardian();
    send(&world, &guardian, pause(&guardian.pubkey(), &world.distribution));
    neighbour.install(&neighbour.epoch(1, &[1, 2]));
    assert_eq!(world.distribution().paused, 1);
    assert_eq!(neighbour.distribution().paused, 0);
}
