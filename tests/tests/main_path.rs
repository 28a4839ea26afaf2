//! The whole path, from signatures to balances, over several epochs.

use system_token_interface::SystemTokenError;
use system_token_tests::World;

#[test]
fn two_epochs_pay_each_member_the_difference() {
    // Given four members and their ledger page
    let world = World::start(4);
    world.open_page(0).unwrap();

    // When epoch 1 is attested, finalized and claimed
    let first = world.epoch(1, &[100, 200, 0, 400]);
    world.install(&first);
    world.claim(&first, 0, 4).unwrap();

    // Then everybody holds what the epoch granted
    assert_eq!(world.balances(), [100, 200, 0, 400]);
    assert_eq!(world.supply(), 700);

    // When epoch 2 raises some totals
    let second = world.epoch(2, &[150, 200, 30, 1_000]);
    world.install(&second);
    world.claim(&second, 0, 4).unwrap();

    // Then only what is new was minted
    assert_eq!(world.balances(), [150, 200, 30, 1_000]);
    assert_eq!(world.supply(), 1_380);
    assert_eq!(world.distribution().epoch.get(), 2);
    assert_eq!(world.distribution().minted_total.get(), 1_380);
    assert_eq!(world.distribution().cumulative_total.get(), 1_380);
}

#[test]
fn a_member_who_missed_an_epoch_is_paid_both_by_one_claim() {
    // Given an epoch that the members of the first quad claimed and the fifth member did not
    let world = World::start(5);
    world.open_page(0).unwrap();
    let first = world.epoch(1, &[100, 0, 0, 0, 200]);
    world.install(&first);
    world.claim(&first, 0, 4).unwrap();
    assert_eq!(world.balances(), [100, 0, 0, 0, 0]);

    // When the next epoch is installed and all claim
    let second = world.epoch(2, &[110, 0, 0, 0, 220]);
    world.install(&second);
    world.claim(&second, 0, 5).unwrap();

    // Then both have all of it
    assert_eq!(world.balances(), [110, 0, 0, 0, 220]);
    assert_eq!((world.claimed(0), world.claimed(4)), (110, 220));
}

#[test]
fn a_replay_mints_nothing() {
    // Given a claimed epoch
    let world = World::start(8);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[100, 200, 300, 400, 500, 600, 700, 800]);
    world.install(&epoch);
    world.claim(&epoch, 0, 8).unwrap();
    let before = world.snapshot();

    // When the same members are claimed again, all at once and in halves
    for (start, members) in [(0, 8), (0, 4), (4, 4)] {
        world.claim(&epoch, start, members).unwrap();
    }

    // Then nothing changed at all
    assert!(before == world.snapshot());
}

#[test]
fn the_same_claim_twice_in_one_transaction_mints_once() {
    let world = World::start(2);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[100, 200]);
    world.install(&epoch);
    let claim = world.claim_instruction(&epoch, 0, 2);
    world.send(&[claim.clone(), claim]).unwrap();
    assert_eq!(world.balances(), [100, 200]);
    assert_eq!(world.supply(), 300);
}

#[test]
fn a_total_that_a_later_epoch_lowers_takes_nothing_back() {
    // Given member 0 with 300 from epoch 1
    let world = World::start(5);
    world.open_page(0).unwrap();
    let first = world.epoch(1, &[300, 0, 0, 0, 100]);
    world.install(&first);
    world.claim(&first, 0, 5).unwrap();

    // When epoch 2 moves 100 of it to member 4
    let second = world.epoch(2, &[200, 0, 0, 0, 200]);
    world.install(&second);

    // Then member 0 keeps its tokens, and member 4 gets none beyond the finalized total
    world.claim(&second, 0, 4).unwrap();
    assert_eq!(world.balances(), [300, 0, 0, 0, 100]);
    world.assert_refused(
        SystemTokenError::MintedExceedsTotal,
        &[world.claim_instruction(&second, 4, 1)],
    );
}

#[test]
fn two_communities_on_one_chain_do_not_meet() {
    // Given two communities with the same oracles
    let world = World::start(2);
    let neighbour = world.neighbour(2);
    for community in [&world, &neighbour] {
        community.open_page(0).unwrap();
    }

    // When each installs its own epoch 1
    let (ours, theirs) = (world.epoch(1, &[10, 20]), neighbour.epoch(1, &[30, 40]));
    world.install(&ours);
    neighbour.install(&theirs);
    world.claim(&ours, 0, 2).unwrap();
    neighbour.claim(&theirs, 0, 2).unwrap();

    // Then each paid its own members
    assert_eq!(world.balances(), [10, 20]);
    assert_eq!(neighbour.balances(), [30, 40]);
    assert_eq!((world.supply(), neighbour.supply()), (30, 70));
}
