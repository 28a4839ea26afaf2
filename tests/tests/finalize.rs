//! `finalize`: when an attested epoch becomes the distribution's.

use solana_account::Account;
use solana_instruction::error::InstructionError;
use system_token_interface::instructions::InitializeArgs;
use system_token_interface::{SystemTokenError, page_address};
use system_token_tests::{CHALLENGE_SECONDS, Epoch, World, failed};

/// A world whose first epoch is attested, with its challenge window over.
fn attested() -> (World, Epoch) {
    attested_with(&[100, 200], |_| ())
}

/// The same with other totals of two members and other arguments.
fn attested_with(totals: &[u64; 2], change: impl FnOnce(&mut InitializeArgs)) -> (World, Epoch) {
    let world = World::start_with(2, change);
    let epoch = world.epoch(1, totals);
    world.attest_ended(&epoch);
    world.end_challenge_window();
    (world, epoch)
}

#[track_caller]
fn assert_refused(world: &World, epoch: &Epoch, error: SystemTokenError) {
    world.assert_refused(error, &[world.finalize_instruction(epoch)]);
}

#[test]
fn a_proposal_that_nobody_attested_is_refused() {
    let world = World::start(2);
    world.end_epoch(1);
    let epoch = world.epoch(1, &[100, 200]);
    let error = failed(0, InstructionError::UninitializedAccount);
    world.assert_refused(error, &[world.finalize_instruction(&epoch)]);
}

#[test]
fn a_proposal_with_too_few_signatures_is_refused() {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.end_epoch(1);
    world.attest(&epoch, &[1]).unwrap();
    world.end_challenge_window();
    assert_refused(&world, &epoch, SystemTokenError::BelowThreshold);
}

#[test]
fn a_proposal_attested_before_the_threshold_rose_is_refused() {
    let (world, epoch) = attested();
    world.alter_distribution(|distribution| distribution.threshold = 3);
    assert_refused(&world, &epoch, SystemTokenError::BelowThreshold);
}

#[test]
fn a_proposal_in_its_challenge_window_is_refused_until_it_is_over() {
    // Given the last second of the window
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.attest_ended(&epoch);
    let window_end = world.now() + i64::from(CHALLENGE_SECONDS);
    world.warp(window_end - 1);
    assert_refused(&world, &epoch, SystemTokenError::ChallengeWindowOpen);

    // When it is over
    world.warp(window_end);
    world.finalize(&epoch).unwrap();
    assert_eq!(world.distribution().epoch.get(), 1);
}

#[test]
fn an_epoch_that_skips_one_is_refused() {
    // Given epoch 2 attested while epoch 1 is not finalized
    let world = World::start(2);
    let second = world.epoch(2, &[100, 200]);
    world.attest_ended(&second);
    world.end_challenge_window();
    assert_refused(&world, &second, SystemTokenError::EpochNotNext);

    // When epoch 1 is finalized, epoch 2 follows
    world.install(&world.epoch(1, &[50, 50]));
    world.finalize(&second).unwrap();
    assert_eq!(world.distribution().epoch.get(), 2);
}

#[test]
fn an_epoch_that_is_finalized_is_refused() {
    let (world, epoch) = attested();
    world.finalize(&epoch).unwrap();
    assert_refused(&world, &epoch, SystemTokenError::EpochNotNext);
}

#[test]
fn a_second_proposal_for_a_finalized_epoch_is_refused() {
    // Given two proposals for epoch 1, both attested
    let (world, epoch) = attested();
    let rival = world.epoch(1, &[150, 150]);
    world.attest(&rival, &[1, 2]).unwrap();
    world.end_challenge_window();

    // When one is finalized, the other no longer can be
    world.finalize(&epoch).unwrap();
    assert_refused(&world, &rival, SystemTokenError::EpochNotNext);
}

#[test]
fn an_epoch_that_has_not_ended_is_refused() {
    // Given an attested epoch whose end was moved past the present
    let (world, epoch) = attested();
    let later = world.now();
    world.alter_distribution(|distribution| distribution.emission.start_at.set(later));
    assert_refused(&world, &epoch, SystemTokenError::EpochNotEnded);
}

#[test]
fn a_total_below_the_last_one_is_refused() {
    let world = World::start(2);
    world.install(&world.epoch(1, &[100, 200]));
    let less = world.epoch(2, &[100, 199]);
    world.attest_ended(&less);
    world.end_challenge_window();
    assert_refused(&world, &less, SystemTokenError::TotalDecreased);
}

#[test]
fn an_epoch_that_adds_more_than_the_growth_limit_is_refused() {
    // Given a growth limit far below the budget
    let limit = |args: &mut InitializeArgs| args.growth_limit = 300;
    let (world, epoch) = attested_with(&[100, 201], limit);
    assert_refused(&world, &epoch, SystemTokenError::GrowthLimitExceeded);

    // Then exactly the limit passes, in each epoch anew
    let (world, epoch) = attested_with(&[100, 200], limit);
    world.finalize(&epoch).unwrap();
    world.install(&world.epoch(2, &[100, 500]));
    let beyond = world.epoch(3, &[100, 801]);
    world.attest_ended(&beyond);
    world.end_challenge_window();
    assert_refused(&world, &beyond, SystemTokenError::GrowthLimitExceeded);
}

#[test]
fn a_total_above_the_emission_schedule_is_refused() {
    // Given a budget of 1000 and no growth limit to speak of
    let budget = |args: &mut InitializeArgs| {
        args.budget = 1_000;
        args.growth_limit = u64::MAX;
    };
    let (world, epoch) = attested_with(&[1_000, 1], budget);
    assert_refused(&world, &epoch, SystemTokenError::EmissionExceeded);

    // Then exactly the budget passes
    let (world, epoch) = attested_with(&[1_000, 0], budget);
    world.finalize(&epoch).unwrap();
}

#[test]
fn the_largest_total_there_is_is_refused() {
    let (world, epoch) = attested_with(&[u64::MAX - 1, 1], |args| args.growth_limit = u64::MAX);
    assert_eq!(epoch.attestation.cumulative_total, u64::MAX);
    assert_refused(&world, &epoch, SystemTokenError::EmissionExceeded);
}

#[test]
fn a_total_above_the_supply_cap_is_refused() {
    // Given a cap of 300 far below the budget
    let cap = |args: &mut InitializeArgs| args.supply_cap = 300;
    let (world, epoch) = attested_with(&[100, 201], cap);
    assert_refused(&world, &epoch, SystemTokenError::SupplyCapExceeded);

    // Then exactly the cap passes
    let (world, epoch) = attested_with(&[100, 200], cap);
    world.finalize(&epoch).unwrap();
}

#[test]
fn the_supply_from_before_counts_against_the_cap() {
    let cap = |args: &mut InitializeArgs| args.supply_cap = 300;
    let (world, epoch) = attested_with(&[100, 200], cap);
    world.alter_distribution(|distribution| distribution.initial_supply.set(1));
    assert_refused(&world, &epoch, SystemTokenError::SupplyCapExceeded);
    // Nor does their sum overflow
    world.alter_distribution(|distribution| distribution.initial_supply.set(u64::MAX));
    assert_refused(&world, &epoch, SystemTokenError::SupplyCapExceeded);
}

#[test]
fn an_allowance_past_64_bits_leaves_the_supply_cap_to_limit() {
    // Given a budget of which no two fit 64 bits
    let (world, epoch) = attested_with(&[100, 200], |args| args.budget = u64::MAX);
    world.finalize(&epoch).unwrap();
    // When the next epoch is finalized
    let second = world.epoch(2, &[200, 300]);
    world.attest_ended(&second);
    world.end_challenge_window();
    world.finalize(&second).unwrap();
    // Then the allowance is all there is, and the program goes on
    assert_eq!(world.distribution().emission.allowance, u64::MAX);
    assert_eq!(world.distribution().cumulative_total, 500);
}

#[test]
fn a_proposal_of_another_distribution_is_refused() {
    // Given an attested epoch of a neighbour
    let (world, _) = attested();
    let neighbour = world.neighbour(2);
    let theirs = neighbour.epoch(1, &[100, 200]);
    neighbour.attest_ended(&theirs);
    neighbour.end_challenge_window();

    // When it is offered to our distribution
    let mut foreign = neighbour.finalize_instruction(&theirs);
    foreign.accounts[0].pubkey = world.distribution;
    world.assert_refused(SystemTokenError::ForeignProposal, &[foreign]);
}

#[test]
fn a_proposal_of_another_oracle_set_is_refused() {
    let (world, epoch) = attested();
    world.alter_distribution(|distribution| distribution.oracle_set_version.set(2));
    assert_refused(&world, &epoch, SystemTokenError::StaleOracleSet);
}

#[test]
fn a_vetoed_proposal_is_refused() {
    let (world, epoch) = attested();
    world.alter_proposal(&epoch, |proposal| proposal.vetoed = 1);
    assert_refused(&world, &epoch, SystemTokenError::Vetoed);
}

#[test]
fn a_paused_distribution_finalizes_nothing() {
    let (world, epoch) = attested();
    world.alter_distribution(|distribution| distribution.paused = 1);
    assert_refused(&world, &epoch, SystemTokenError::Paused);
}

#[test]
fn a_proposal_that_another_program_owns_is_refused() {
    // Given the bytes of a proposal with a greedy total, in an account of another program
    let (world, epoch) = attested();
    let (fake, owner) = (world.address(), world.address());
    let real = world.account(&world.proposal_address(&epoch)).unwrap();
    world.put_account(fake, Account { owner, ..real });
    let mut finalize = world.finalize_instruction(&epoch);
    finalize.accounts[1].pubkey = fake;
    world.assert_refused(failed(0, InstructionError::IllegalOwner), &[finalize]);
}

#[test]
fn an_account_of_another_type_is_refused_in_either_place() {
    let (world, epoch) = attested();
    world.open_page(0).unwrap();
    let page = page_address(&world.distribution, 0).0;
    for place in [0, 1] {
        let mut finalize = world.finalize_instruction(&epoch);
        finalize.accounts[place].pubkey = page;
        world.assert_refused(failed(0, InstructionError::InvalidAccountData), &[finalize]);
    }
}

#[test]
fn a_distribution_that_is_not_writable_is_refused() {
    let (world, epoch) = attested();
    let mut finalize = world.finalize_instruction(&epoch);
    finalize.accounts[0].is_writable = false;
    // The framework's `ConstraintMut`.
    world.assert_refused(failed(0, InstructionError::Custom(2_000)), &[finalize]);
}

#[test]
fn a_finalized_epoch_is_the_distribution_s() {
    let (world, epoch) = attested();
    world.finalize(&epoch).unwrap();
    let distribution = world.distribution();
    assert_eq!(distribution.epoch.get(), 1);
    assert_eq!(distribution.root, epoch.tree.root());
    assert_eq!(distribution.leaf_count.get(), 2);
    assert_eq!(distribution.cumulative_total.get(), 300);
    assert_eq!(distribution.minted_total.get(), 0);
    assert_eq!(distribution.emission.allowance.get(), 1_000_000);
}

#[test]
fn an_idle_epoch_is_finalized_and_its_budget_is_kept_for_later() {
    // Given a budget of 1000 an epoch, of which the first two pay 300
    let world = World::start_with(2, |args| args.budget = 1_000);
    world.install(&world.epoch(1, &[100, 200]));
    world.install(&world.epoch(2, &[100, 200]));

    // When the third takes all that was left
    world.install(&world.epoch(3, &[1_000, 2_000]));

    // Then nothing is left
    let distribution = world.distribution();
    assert_eq!(distribution.cumulative_total.get(), distribution.emission.allowance.get());
}

#[test]
fn the_budget_decays_after_every_so_many_epochs() {
    // Given a budget of 1001 that halves after every second epoch
    let world = World::start_with(2, |args| {
        args.budget = 1_001;
        args.decay_epochs = 2;
        args.decay_basis_points = 5_000;
    });

    // When six epochs pass, each of which uses up what it may
    let mut total = 0;
    for (epoch, budget) in (1..).zip([1_001, 1_001, 500, 500, 250, 250]) {
        assert_eq!(world.distribution().emission.budget.get(), budget, "epoch {epoch}");
        total += budget;
        let beyond = world.epoch(epoch, &[total, 1]);
        world.attest_ended(&beyond);
        world.end_challenge_window();
        assert_refused(&world, &beyond, SystemTokenError::EmissionExceeded);
        world.install(&world.epoch(epoch, &[total, 0]));
    }

    // Then the allowance is the sum of their budgets, rounded down at each decay
    assert_eq!(world.distribution().emission.allowance.get(), total);
    assert_eq!(world.distribution().emission.budget.get(), 125);
}
