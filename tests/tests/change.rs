//! `queue_change`, `execute_change` and `cancel_change`: who may change what, and when.

use solana_account::Account;
use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_interface::instructions::{
    accept_admin, cancel_change, execute_change, pause, propose_admin, queue_change,
};
use system_token_interface::{Change, SystemTokenError, page_address};
use system_token_tests::{World, admin, failed, guardian};

const DAY_SECONDS: u32 = 24 * 60 * 60;
const MONTH_SECONDS: u32 = 30 * DAY_SECONDS;

/// A change of each kind, none of which is what a world starts with.
fn every_kind() -> [Change; 4] {
    [
        oracle_set(1, &[[7; 32], [8; 32]]),
        emission(20, 30, 9_000, 4_000_000),
        windows(60, 120),
        Change::Guardian { guardian: [9; 32] },
    ]
}

fn oracle_set(threshold: u8, oracles: &[[u8; 32]]) -> Change {
    Change::OracleSet { threshold, oracles: oracles.to_vec() }
}

fn emission(budget: u64, growth_limit: u64, decay_basis_points: u16, supply_cap: u64) -> Change {
    Change::Emission { decay_epochs: 10, decay_basis_points, budget, growth_limit, supply_cap }
}

fn windows(challenge_seconds: u32, timelock_seconds: u32) -> Change {
    Change::Windows { challenge_seconds, timelock_seconds }
}

/// The admin's instruction that queues a change.
fn by_admin(world: &World, change: &Change) -> Instruction {
    queue_change(&admin().pubkey(), &world.distribution, change)
}

fn send(world: &World, signer: &Keypair, instruction: Instruction) {
    world.send_with(&[signer], &[instruction], &[]).expect("the transaction passes");
}

/// Asserts that the admin cannot queue a change.
#[track_caller]
fn assert_invalid(world: &World, error: SystemTokenError, change: &Change) {
    world.assert_refused_with(&[&admin()], error, &[by_admin(world, change)]);
}

/// Asserts that nothing waits and that nothing is left of what waited.
#[track_caller]
fn assert_nothing_queued(world: &World) {
    let distribution = world.distribution();
    assert_eq!(distribution.queued_change().expect("readable bytes"), None);
    assert_eq!(distribution.change_eta.get(), 0);
    assert_eq!(distribution.change_kind, 0);
    assert_eq!(distribution.change, [0; 528]);
}

#[test]
fn only_the_admin_queues() {
    // Given another admin proposed, who has not accepted yet
    let world = World::start(2);
    let pending = world.key();
    let propose = propose_admin(&admin().pubkey(), &world.distribution, &pending.pubkey());
    send(&world, &admin(), propose);

    for stranger in [guardian(), pending, world.oracles[0].insecure_clone(), world.key()] {
        for change in every_kind() {
            let queue = queue_change(&stranger.pubkey(), &world.distribution, &change);
            world.assert_refused_with(&[&stranger], SystemTokenError::NotAdmin, &[queue]);
        }
    }
}

#[test]
fn the_admin_s_name_without_its_signature_is_refused() {
    let world = World::start(2);
    let mut unsigned = by_admin(&world, &windows(1, 1));
    unsigned.accounts[0].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn another_distribution_s_admin_neither_queues_nor_cancels() {
    // Given a neighbour that went to another admin
    let world = World::start(2);
    let theirs = world.key();
    let neighbour = world.neighbour(2);
    let propose = propose_admin(&admin().pubkey(), &neighbour.distribution, &theirs.pubkey());
    send(&neighbour, &admin(), propose);
    send(&neighbour, &theirs, accept_admin(&theirs.pubkey(), &neighbour.distribution));

    // Then neither of the two admins has a say in the other's community
    let change = windows(1, 1);
    let here = queue_change(&theirs.pubkey(), &world.distribution, &change);
    world.assert_refused_with(&[&theirs], SystemTokenError::NotAdmin, &[here]);
    assert_invalid(&neighbour, SystemTokenError::NotAdmin, &change);
    world.queue_change(&change).unwrap();
    let cancel = cancel_change(&theirs.pubkey(), &world.distribution);
    world.assert_refused_with(&[&theirs], SystemTokenError::NotGuardianOrAdmin, &[cancel]);

    // And what waits here does not wait there
    let execute = execute_change(&neighbour.distribution);
    world.assert_refused(SystemTokenError::NoChangeQueued, &[execute]);
}

#[test]
fn a_second_change_is_refused_while_one_waits() {
    for queued in every_kind() {
        let world = World::start(2);
        world.queue_change(&queued).unwrap();
        for second in every_kind() {
            assert_invalid(&world, SystemTokenError::ChangeQueued, &second);
        }
        // Not even when the first could be executed, nor in one transaction with a cancel after it
        world.end_timelock();
        let cancel = cancel_change(&admin().pubkey(), &world.distribution);
        let both = [by_admin(&world, &queued), cancel];
        world.assert_refused_with(&[&admin()], SystemTokenError::ChangeQueued, &both);
    }
}

#[test]
fn an_invalid_oracle_set_is_refused() {
    let world = World::start(2);
    let keys: Vec<_> = (1..=17).map(|key| [key; 32]).collect();
    let repeated_at_the_end = [&keys[..15], &[[1; 32]]].concat();
    let zero_at_the_end = [&keys[..15], &[[0; 32]]].concat();
    for oracles in [&[], keys.as_slice(), &repeated_at_the_end, &zero_at_the_end, &[[0; 32]]] {
        for threshold in [0, 1, 255] {
            let change = oracle_set(threshold, oracles);
            assert_invalid(&world, SystemTokenError::InvalidOracleSet, &change);
        }
    }
    for (threshold, oracles) in [(0, 1), (2, 1), (0, 16), (17, 16), (255, 16)] {
        let change = oracle_set(threshold, &keys[..oracles]);
        assert_invalid(&world, SystemTokenError::InvalidThreshold, &change);
    }
}

#[test]
fn an_invalid_emission_is_refused() {
    let world = World::start(2);
    for change in [
        emission(0, 1, 10_000, 1_000_000),
        emission(1, 0, 10_000, 1_000_000),
        emission(1, 1, 10_001, 1_000_000),
        emission(1, 1, u16::MAX, 1_000_000),
    ] {
        assert_invalid(&world, SystemTokenError::InvalidEmission, &change);
    }
}

#[test]
fn a_supply_cap_below_what_was_granted_is_refused() {
    // Given 5,000 from before the distribution, and 300 granted, of which nothing is claimed
    let world = World::start_with_supply(2, 5_000);
    world.install(&world.epoch(1, &[100, 200]));
    for cap in [0, 300, 5_000, 5_299] {
        let change = emission(1, 1, 10_000, cap);
        assert_invalid(&world, SystemTokenError::InvalidEmission, &change);
    }

    // Then a cap of all that is taken
    world.enact(&emission(1, 1, 10_000, 5_300));
    assert_eq!(world.distribution().emission.supply_cap.get(), 5_300);
}

#[test]
fn a_supply_that_leaves_64_bits_is_refused_without_a_crash() {
    let world = World::start(2);
    world.alter_distribution(|distribution| {
        distribution.initial_supply.set(u64::MAX);
        distribution.cumulative_total.set(1);
    });
    assert_invalid(&world, SystemTokenError::Overflow, &emission(1, 1, 1, u64::MAX));
}

#[test]
fn windows_of_more_than_thirty_days_are_refused() {
    let world = World::start(2);
    for change in [windows(MONTH_SECONDS + 1, 0), windows(0, MONTH_SECONDS + 1)] {
        assert_invalid(&world, SystemTokenError::InvalidWindow, &change);
    }
    let most = windows(u32::MAX, u32::MAX);
    assert_invalid(&world, SystemTokenError::InvalidWindow, &most);
    world.enact(&windows(MONTH_SECONDS, MONTH_SECONDS));
}

#[test]
fn bytes_that_are_no_change_are_refused() {
    let world = World::start(2);
    let refused = |data: Vec<u8>| {
        let queue = Instruction { data, ..by_admin(&world, &windows(1, 1)) };
        let error = failed(0, InstructionError::InvalidInstructionData);
        world.assert_refused_with(&[&admin()], error, &[queue]);
    };
    for change in every_kind() {
        let whole = by_admin(&world, &change).data;
        // An unknown kind
        for kind in [4, 5, 255] {
            refused([&whole[..8], &[kind], &whole[9..]].concat());
        }
        // Every shorter version of it
        for len in 8..whole.len() {
            refused(whole[..len].to_vec());
        }
    }
    // More keys than there are bytes: discriminator 8, kind 1, threshold 1, then their number
    let whole = by_admin(&world, &every_kind()[0]).data;
    for keys in [3u32, 65_536, 0x0800_0000, 0x7FFF_FFFF, u32::MAX] {
        refused([&whole[..10], &keys.to_le_bytes(), &whole[14..]].concat());
    }
}

#[test]
fn nothing_is_executed_or_cancelled_when_nothing_waits() {
    let world = World::start(2);
    let assert_nothing_waits = || {
        let error = SystemTokenError::NoChangeQueued;
        world.assert_refused(error, &[execute_change(&world.distribution)]);
        for authority in [admin(), guardian()] {
            let cancel = cancel_change(&authority.pubkey(), &world.distribution);
            world.assert_refused_with(&[&authority], error, &[cancel]);
        }
    };
    // Given a new distribution, a change in force, and one that was cancelled
    assert_nothing_waits();
    world.enact(&windows(1, 1));
    assert_nothing_waits();
    world.queue_change(&windows(2, 2)).unwrap();
    world.cancel_change(&admin()).unwrap();
    world.end_timelock();
    assert_nothing_waits();
}

#[test]
fn a_change_waits_for_the_last_second_of_its_timelock() {
    for change in every_kind() {
        // Given a change, queued
        let world = World::start(2);
        let eta = world.now() + i64::from(DAY_SECONDS);
        world.queue_change(&change).unwrap();
        let queued = world.distribution().queued_change().unwrap().unwrap();
        assert_eq!((queued.change, queued.eta), (change, eta));

        // Then it is not executed before its time
        let execute = [execute_change(&world.distribution)];
        for now in [world.now(), eta - 1] {
            world.warp(now);
            world.assert_refused(SystemTokenError::TimelockNotOver, &execute);
        }

        // And anyone executes it when it has come
        world.warp(eta);
        world.send(&execute).unwrap();
        assert_nothing_queued(&world);
    }
}

#[test]
fn a_change_that_became_wrong_while_it_waited_is_refused() {
    // Given a supply cap that is just what was granted when it is queued
    let world = World::start_with_supply(2, 5_000);
    world.install(&world.epoch(1, &[100, 200]));
    let next = world.epoch(2, &[100, 201]);
    world.attest_ended(&next);
    world.queue_change(&emission(10, 10, 10_000, 5_300)).unwrap();

    // When an epoch passes it before it is in force
    world.end_timelock();
    world.finalize(&next).unwrap();

    // Then it never comes into force, and can be cancelled
    let execute = execute_change(&world.distribution);
    world.assert_refused(SystemTokenError::InvalidEmission, &[execute]);
    world.cancel_change(&guardian()).unwrap();
    world.enact(&emission(10, 10, 10_000, 5_301));
}

#[test]
fn strangers_do_not_cancel() {
    let world = World::start(2);
    let pending = world.key();
    let propose = propose_admin(&admin().pubkey(), &world.distribution, &pending.pubkey());
    send(&world, &admin(), propose);
    // Not even the guardian that waits to become it
    let next = world.key();
    let guardian_change = Change::Guardian { guardian: next.pubkey().to_bytes() };
    world.queue_change(&guardian_change).unwrap();
    for stranger in [next, pending, world.oracles[0].insecure_clone(), world.key()] {
        let cancel = cancel_change(&stranger.pubkey(), &world.distribution);
        world.assert_refused_with(&[&stranger], SystemTokenError::NotGuardianOrAdmin, &[cancel]);
    }
    for authority in [admin(), guardian()] {
        let mut unsigned = cancel_change(&authority.pubkey(), &world.distribution);
        unsigned.accounts[0].is_signer = false;
        world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
    }
}

#[test]
fn guardian_and_admin_cancel_before_and_after_the_timelock() {
    for authority in [admin(), guardian()] {
        for after in [false, true] {
            for change in every_kind() {
                let world = World::start(2);
                let before = world.distribution();
                world.queue_change(&change).unwrap();
                if after {
                    world.end_timelock();
                }
                world.cancel_change(&authority).unwrap();
                assert_eq!(world.distribution(), before);
                assert_nothing_queued(&world);
            }
        }
    }
}

#[test]
fn a_new_admin_cancels_what_the_old_one_queued_and_the_old_one_does_not() {
    let world = World::start(2);
    let new = world.key();
    world.queue_change(&windows(0, 0)).unwrap();
    let propose = propose_admin(&admin().pubkey(), &world.distribution, &new.pubkey());
    send(&world, &admin(), propose);
    send(&world, &new, accept_admin(&new.pubkey(), &world.distribution));

    let by_old = cancel_change(&admin().pubkey(), &world.distribution);
    world.assert_refused_with(&[&admin()], SystemTokenError::NotGuardianOrAdmin, &[by_old]);
    world.cancel_change(&new).unwrap();
    assert_invalid(&world, SystemTokenError::NotAdmin, &windows(0, 0));
    send(&world, &new, queue_change(&new.pubkey(), &world.distribution, &windows(0, 0)));
}

#[test]
fn all_three_work_while_paused() {
    let world = World::start(2);
    send(&world, &guardian(), pause(&guardian().pubkey(), &world.distribution));
    world.queue_change(&windows(1, 1)).unwrap();
    world.cancel_change(&guardian()).unwrap();
    world.enact(&windows(2, 3));
    assert_eq!(world.distribution().challenge_seconds.get(), 2);
    assert_eq!(world.distribution().paused, 1);
}

/// Asserts that the three instructions, signed by the admin, are refused for an account in the
/// distribution's place.
#[track_caller]
fn assert_all_three_refused(world: &World, place: &AccountMeta, error: &InstructionError) {
    let signer = admin();
    for mut instruction in [
        queue_change(&signer.pubkey(), &world.distribution, &windows(0, 0)),
        execute_change(&world.distribution),
        cancel_change(&signer.pubkey(), &world.distribution),
    ] {
        let signed = instruction.accounts[0].is_signer;
        instruction.accounts[usize::from(signed)] = place.clone();
        let cosigners: &[_] = if signed { &[&signer] } else { &[] };
        world.assert_refused_with(cosigners, failed(0, error.clone()), &[instruction]);
    }
}

#[test]
fn forged_distributions_are_refused() {
    // Given a distribution's bytes in accounts of other owners
    let world = World::start(2);
    world.queue_change(&windows(1, 1)).unwrap();
    world.end_timelock();
    let genuine = world.account(&world.distribution).unwrap();
    for owner in [Address::default(), world.token_program, world.address()] {
        let forged = AccountMeta::new(world.address(), false);
        world.put_account(forged.pubkey, Account { owner, ..genuine.clone() });
        assert_all_three_refused(&world, &forged, &InstructionError::IllegalOwner);
    }
}

#[test]
fn accounts_of_another_kind_are_refused() {
    let world = World::start(2);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[100, 200]);
    world.attest_ended(&epoch);
    world.queue_change(&windows(1, 1)).unwrap();
    world.end_timelock();
    // Then neither a longer nor a shorter account passes for a distribution
    let (page, proposal) = (page_address(&world.distribution, 0).0, world.proposal_address(&epoch));
    for (other, error) in [
        (page, InstructionError::InvalidAccountData),
        (proposal, InstructionError::AccountDataTooSmall),
    ] {
        assert_all_three_refused(&world, &AccountMeta::new(other, false), &error);
    }
}

#[test]
fn a_distribution_that_may_not_be_written_is_refused() {
    // Given the framework's code for it
    let (world, not_writable) = (World::start(2), InstructionError::Custom(2_000));
    let place = AccountMeta::new_readonly(world.distribution, false);
    assert_all_three_refused(&world, &place, &not_writable);
}
