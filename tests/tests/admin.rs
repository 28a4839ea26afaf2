//! `propose_admin` and `accept_admin`: the distribution goes to another admin in two steps.

use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use system_token_interface::SystemTokenError;
use system_token_interface::instructions::{accept_admin, propose_admin, unpause};
use system_token_tests::{World, admin, failed, guardian};

#[test]
fn only_the_admin_proposes() {
    let world = World::start(2);
    for stranger in [guardian(), world.oracles[0].insecure_clone(), world.key()] {
        let address = stranger.pubkey();
        let propose = propose_admin(&address, &world.distribution, &address);
        world.assert_refused_with(&[&stranger], SystemTokenError::NotAdmin, &[propose]);
    }
    let mut unsigned = propose_admin(&admin().pubkey(), &world.distribution, &world.address());
    unsigned.accounts[0].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn nobody_accepts_what_was_not_proposed_to_them() {
    // Given no proposal
    let (world, admin, next) = (World::start(2), admin(), World::start(1).key());
    let accept = accept_admin(&next.pubkey(), &world.distribution);
    let error = SystemTokenError::NotPendingAdmin;
    world.assert_refused_with(&[&next], error, std::slice::from_ref(&accept));

    // Given a proposal to somebody else
    let other = world.address();
    let propose = propose_admin(&admin.pubkey(), &world.distribution, &other);
    world.send_with(&[&admin], &[propose], &[]).unwrap();
    world.assert_refused_with(&[&next], error, &[accept]);

    // And the one it was made to must sign
    let mut unsigned = accept_admin(&other, &world.distribution);
    unsigned.accounts[0].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn a_withdrawn_proposal_cannot_be_accepted() {
    let (world, admin) = (World::start(2), admin());
    let next = world.key();
    for proposed in [next.pubkey(), Address::default()] {
        let propose = propose_admin(&admin.pubkey(), &world.distribution, &proposed);
        world.send_with(&[&admin], &[propose], &[]).unwrap();
    }
    let accept = accept_admin(&next.pubkey(), &world.distribution);
    world.assert_refused_with(&[&next], SystemTokenError::NotPendingAdmin, &[accept]);
}

#[test]
fn after_the_hand_over_the_new_admin_acts_and_the_old_one_does_not() {
    let (world, old) = (World::start(2), admin());
    let new = world.key();
    let propose = propose_admin(&old.pubkey(), &world.distribution, &new.pubkey());
    world.send_with(&[&old], &[propose], &[]).unwrap();
    assert_eq!(world.distribution().admin, old.pubkey().to_bytes());

    let accept = accept_admin(&new.pubkey(), &world.distribution);
    world.send_with(&[&new], &[accept], &[]).unwrap();
    assert_eq!(world.distribution().admin, new.pubkey().to_bytes());
    assert_eq!(world.distribution().pending_admin, [0; 32]);

    let by_old = unpause(&old.pubkey(), &world.distribution);
    world.assert_refused_with(&[&old], SystemTokenError::NotAdmin, &[by_old]);
    let by_new = unpause(&new.pubkey(), &world.distribution);
    world.send_with(&[&new], &[by_new], &[]).unwrap();
}
