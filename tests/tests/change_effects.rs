//! What an executed change does, from when on, and what it leaves alone.

use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_interface::instructions::{
    attest, cancel_change, close_proposal, execute_change, pause, queue_change, veto,
};
use system_token_interface::{Change, Distribution, SystemTokenError};
use system_token_tests::{CHALLENGE_SECONDS, Epoch, World, admin, guardian, signature};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn oracle_set(threshold: u8, oracles: &[&Keypair]) -> Change {
    let oracles = oracles.iter().map(|oracle| oracle.pubkey().to_bytes()).collect();
    Change::OracleSet { threshold, oracles }
}

fn windows(challenge_seconds: u32, timelock_seconds: u32) -> Change {
    Change::Windows { challenge_seconds, timelock_seconds }
}

/// An emission that never decays and has no other limit than its budget.
fn budget(budget: u64) -> Change {
    Change::Emission {
        decay_epochs: 0,
        decay_basis_points: 10_000,
        budget,
        growth_limit: u64::MAX,
        supply_cap: u64::MAX,
    }
}

/// The instructions that attest with the signatures of any keys.
fn attest_by(world: &World, epoch: &Epoch, oracles: &[&Keypair]) -> [Instruction; 2] {
    let message = epoch.attestation.to_bytes();
    let signatures: Vec<_> = oracles.iter().map(|oracle| signature(oracle, &message)).collect();
    attest(&world.payer.pubkey(), &epoch.attestation, &signatures)
}

/// An epoch under a later oracle set.
fn epoch_of_version(world: &World, epoch: u64, version: u32, totals: &[u64]) -> Epoch {
    let mut epoch = world.epoch(epoch, totals);
    epoch.attestation.oracle_set_version = version;
    epoch
}

/// Asserts that a change, once executed, did to the distribution what it says and no more.
#[track_caller]
fn assert_changes_only(world: &World, change: &Change, expect: impl FnOnce(&mut Distribution)) {
    let mut expected = world.distribution();
    expect(&mut expected);
    world.enact(change);
    assert_eq!(world.distribution(), expected);
}

#[test]
fn every_kind_changes_its_own_fields_and_no_other() {
    let world = World::start(2);
    world.install(&world.epoch(1, &[100, 200]));
    let (one, other) = (world.key(), world.key());
    assert_changes_only(&world, &oracle_set(1, &[&one, &other]), |distribution| {
        distribution.oracles = [[0; 32]; 16];
        distribution.oracles[0] = one.pubkey().to_bytes();
        distribution.oracles[1] = other.pubkey().to_bytes();
        distribution.oracle_count = 2;
        distribution.threshold = 1;
        distribution.oracle_set_version.set(2);
    });
    let emission = Change::Emission {
        decay_epochs: 1,
        decay_basis_points: 2,
        budget: 3,
        growth_limit: 4,
        supply_cap: 300,
    };
    assert_changes_only(&world, &emission, |distribution| {
        distribution.emission.decay_epochs.set(1);
        distribution.emission.decay_basis_points.set(2);
        distribution.emission.budget.set(3);
        distribution.emission.growth_limit.set(4);
        distribution.emission.supply_cap.set(300);
    });
    assert_changes_only(&world, &windows(5, 6), |distribution| {
        distribution.challenge_seconds.set(5);
        distribution.timelock_seconds.set(6);
    });
    assert_changes_only(&world, &Change::Guardian { guardian: [7; 32] }, |distribution| {
        distribution.guardian = [7; 32];
    });
}

#[test]
fn former_oracles_attest_nothing_after_a_change_of_the_set() {
    // Given an epoch that ended under the first set, and another set before anybody attested it
    let world = World::start(2);
    let (new, old) = ([world.key(), world.key()], world.oracles.each_ref());
    let epoch = world.epoch(1, &[100, 200]);
    world.end_epoch(1);
    world.enact(&oracle_set(2, &[&new[0], &new[1]]));

    // Then signatures over the former version are refused, whoever gives them
    let stale = SystemTokenError::StaleOracleSet;
    world.assert_refused(stale, &world.attest_instructions(&epoch.attestation, &[0, 1]));
    world.assert_refused(stale, &attest_by(&world, &epoch, &new.each_ref()));

    // And so are former oracles' over the new version, also beside a current oracle's
    let epoch = epoch_of_version(&world, 1, 2, &[100, 200]);
    for signers in [vec![old[0]], vec![old[0], old[1], old[2]], vec![&new[0], old[1]]] {
        let attest = attest_by(&world, &epoch, &signers);
        world.assert_refused(SystemTokenError::UnknownOracle, &attest);
    }

    // And the new set attests it
    world.send(&attest_by(&world, &epoch, &new.each_ref())).unwrap();
    world.end_challenge_window();
    world.finalize(&epoch).unwrap();
}

#[test]
fn a_change_of_the_set_voids_open_proposals_even_when_it_keeps_every_key() {
    // Given one proposal attested and one with a single signature, both of version 1
    let world = World::start(2);
    let (attested, half) = (world.epoch(1, &[100, 200]), world.epoch(1, &[100, 201]));
    world.attest_ended(&attested);
    world.attest(&half, &[2]).unwrap();
    world.end_challenge_window();

    // When the same keys become version 2
    let keys = world.oracles.each_ref();
    world.enact(&oracle_set(2, &keys));
    assert_eq!(world.distribution().oracle_set_version.get(), 2);

    // Then neither is finalized or signed any more, and both give their rent back
    let stale = SystemTokenError::StaleOracleSet;
    for epoch in [&attested, &half] {
        world.assert_refused(stale, &[world.finalize_instruction(epoch)]);
        world.assert_refused(stale, &world.attest_instructions(&epoch.attestation, &[0, 1]));
        let digest = epoch.attestation.digest();
        let close = close_proposal(&world.distribution, &digest, &world.payer.pubkey());
        world.send(&[close]).unwrap();
        assert!(world.account(&world.proposal_address(epoch)).is_none());
        world.assert_refused(stale, &world.attest_instructions(&epoch.attestation, &[0, 1]));
    }

    // And the same totals pass under the new version
    let again = epoch_of_version(&world, 1, 2, &[100, 200]);
    world.send(&attest_by(&world, &again, &[keys[1], keys[2]])).unwrap();
    world.end_challenge_window();
    world.finalize(&again).unwrap();
}

#[test]
fn a_smaller_set_leaves_no_former_key_behind() {
    let world = World::start(2);
    let (only, zero) = (world.key(), [0; 32]);
    world.enact(&oracle_set(1, &[&only]));
    let distribution = world.distribution();
    assert_eq!(distribution.oracle_count, 1);
    assert_eq!(distribution.oracles[0], only.pubkey().to_bytes());
    assert!(distribution.oracles[1..].iter().all(|slot| *slot == zero));
    assert_eq!(distribution.oracle_set().collect::<Vec<_>>(), [only.pubkey()]);
}

#[test]
fn sixteen_oracles_fit_and_all_of_them_may_have_to_agree() {
    // Given a set of 16 that must be unanimous, whose queued bytes are the longest there are
    let world = World::start(2);
    let keys: Vec<_> = (0..16).map(|_| world.key()).collect();
    let keys: Vec<_> = keys.iter().collect();
    let change = oracle_set(16, &keys);
    world.queue_change(&change).unwrap();
    assert_eq!(world.distribution().queued_change().unwrap().unwrap().change, change);
    world.end_timelock();
    world.execute_change().unwrap();
    let set: Vec<_> = world.distribution().oracle_set().collect();
    assert_eq!(set, keys.iter().copied().map(Signer::pubkey).collect::<Vec<_>>());

    // When they sign, some at a time: more signatures do not fit a transaction
    let epoch = epoch_of_version(&world, 1, 2, &[100, 200]);
    world.end_epoch(1);
    for some in keys[..15].chunks(5) {
        world.send(&attest_by(&world, &epoch, some)).unwrap();
    }
    assert_eq!(world.proposal(&epoch).signatures.get(), 0x7FFF);
    world.end_challenge_window();
    world.assert_refused(SystemTokenError::BelowThreshold, &[world.finalize_instruction(&epoch)]);

    // Then it takes the last one
    world.send(&attest_by(&world, &epoch, &keys[15..])).unwrap();
    world.end_challenge_window();
    world.finalize(&epoch).unwrap();
    assert_eq!(world.proposal(&epoch).signatures.get(), 0xFFFF);
}

#[test]
fn a_new_budget_counts_from_the_next_finalized_epoch_on() {
    // Given an epoch finalized under a budget of 1,000,000, and the next one attested
    let world = World::start(2);
    world.install(&world.epoch(1, &[100, 200]));
    let second = world.epoch(2, &[600_000, 600_007]);
    world.attest_ended(&second);

    // When the budget becomes 200,006 before it is finalized
    world.enact(&budget(200_006));
    assert_eq!(world.distribution().emission.allowance.get(), 1_000_000);

    // Then its allowance is 1,200,006, which it exceeds by one
    let exceeded = SystemTokenError::EmissionExceeded;
    world.assert_refused(exceeded, &[world.finalize_instruction(&second)]);
    let second = world.epoch(2, &[600_000, 600_006]);
    world.install(&second);
    assert_eq!(world.distribution().emission.allowance.get(), 1_200_006);
    assert_eq!(world.distribution().emission.budget.get(), 200_006);
}

#[test]
fn a_change_that_only_waits_limits_nothing_yet() {
    let world = World::start(2);
    world.queue_change(&budget(1)).unwrap();
    world.install(&world.epoch(1, &[100, 200]));
    assert_eq!(world.distribution().emission.allowance.get(), 1_000_000);
}

#[test]
fn a_lower_growth_limit_and_a_lower_cap_bind_what_is_attested_already() {
    for (growth_limit, supply_cap, error) in [
        (299, u64::MAX, SystemTokenError::GrowthLimitExceeded),
        (u64::MAX, 299, SystemTokenError::SupplyCapExceeded),
    ] {
        let world = World::start(2);
        let epoch = world.epoch(1, &[100, 200]);
        world.attest_ended(&epoch);
        world.enact(&Change::Emission {
            decay_epochs: 0,
            decay_basis_points: 0,
            budget: u64::MAX,
            growth_limit,
            supply_cap,
        });
        world.assert_refused(error, &[world.finalize_instruction(&epoch)]);
    }
}

#[test]
fn a_new_decay_starts_from_the_new_budget() {
    // Given a budget that halves after every second epoch, from epoch 2 on
    let world = World::start(1);
    world.install(&world.epoch(1, &[0]));
    world.enact(&Change::Emission {
        decay_epochs: 2,
        decay_basis_points: 5_000,
        budget: 101,
        growth_limit: u64::MAX,
        supply_cap: u64::MAX,
    });
    // Then epoch 2 has 101, 3 and 4 have 50, and 5 has 25
    let mut allowance = 1_000_000;
    for (epoch, budget) in [(2, 101), (3, 50), (4, 50), (5, 25)] {
        world.install(&world.epoch(epoch, &[0]));
        allowance += budget;
        assert_eq!(world.distribution().emission.allowance.get(), allowance, "epoch {epoch}");
    }
}

#[test]
fn a_former_guardian_neither_vetoes_nor_pauses_nor_cancels() {
    // Given an attested epoch, and another guardian
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    let (old, new) = (guardian(), world.key());
    world.enact(&Change::Guardian { guardian: new.pubkey().to_bytes() });
    world.attest_ended(&epoch);
    world.queue_change(&windows(0, 0)).unwrap();

    // Then the former one is a stranger
    let digest = epoch.attestation.digest();
    let by = |guardian: &Keypair| veto(&guardian.pubkey(), &world.distribution, &digest);
    world.assert_refused_with(&[&old], SystemTokenError::NotGuardian, &[by(&old)]);
    let stop = pause(&old.pubkey(), &world.distribution);
    world.assert_refused_with(&[&old], SystemTokenError::NotGuardianOrAdmin, &[stop]);
    let cancel = cancel_change(&old.pubkey(), &world.distribution);
    world.assert_refused_with(&[&old], SystemTokenError::NotGuardianOrAdmin, &[cancel]);

    // And the new one does all of it
    world.send_with(&[&new], &[by(&new)], &[]).unwrap();
    world.cancel_change(&new).unwrap();
    let stop = pause(&new.pubkey(), &world.distribution);
    world.send_with(&[&new], &[stop], &[]).unwrap();
    world.assert_refused(SystemTokenError::Paused, &[world.finalize_instruction(&epoch)]);
}

#[test]
fn a_new_timelock_applies_to_the_next_change_only() {
    // Given a timelock of a day, and a change that shortens it to a minute
    let world = World::start(2);
    let queued_at = world.now();
    world.queue_change(&windows(CHALLENGE_SECONDS, 60)).unwrap();
    let eta = |world: &World| world.distribution().change_eta.get();
    assert_eq!(eta(&world), queued_at + DAY_SECONDS);

    // Then a minute does not put it into force itself
    world.warp(queued_at + 60);
    let early = execute_change(&world.distribution);
    world.assert_refused(SystemTokenError::TimelockNotOver, &[early]);
    world.warp(queued_at + DAY_SECONDS);
    world.execute_change().unwrap();

    // And the next change waits a minute, even one that lengthens it again
    world.queue_change(&windows(CHALLENGE_SECONDS, 86_400)).unwrap();
    assert_eq!(eta(&world), queued_at + DAY_SECONDS + 60);
    world.warp(eta(&world));
    world.execute_change().unwrap();
    world.queue_change(&windows(0, 0)).unwrap();
    assert_eq!(eta(&world), world.now() + DAY_SECONDS);
}

#[test]
fn a_new_challenge_window_applies_to_proposals_in_theirs() {
    // Given a window of two days instead of an hour, in force a day after the epoch was attested
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.end_epoch(1);
    world.queue_change(&windows(2 * 86_400, 0)).unwrap();
    world.end_timelock();
    let attested_at = world.now();
    world.attest(&epoch, &[0, 1]).unwrap();
    world.execute_change().unwrap();

    // Then the hour is not enough any more, and two days are
    let open = SystemTokenError::ChallengeWindowOpen;
    for seconds in [i64::from(CHALLENGE_SECONDS), 2 * DAY_SECONDS - 1] {
        world.warp(attested_at + seconds);
        world.assert_refused(open, &[world.finalize_instruction(&epoch)]);
    }
    world.warp(attested_at + 2 * DAY_SECONDS);
    world.finalize(&epoch).unwrap();
}

#[test]
fn without_a_timelock_a_change_is_in_force_at_once() {
    // Given a timelock of zero
    let world = World::start(2);
    world.enact(&windows(CHALLENGE_SECONDS, 0));

    // Then one transaction queues and executes
    let admin = admin();
    let next = Change::Guardian { guardian: [7; 32] };
    let queue = queue_change(&admin.pubkey(), &world.distribution, &next);
    let execute = execute_change(&world.distribution);
    world.send_with(&[&admin], &[queue, execute], &[]).unwrap();
    assert_eq!(world.distribution().guardian, [7; 32]);
    assert_eq!(world.distribution().change_eta.get(), 0);
}
