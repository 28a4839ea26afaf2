//! `initialize`: who may create a mint's distribution, and with what.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_sdk_ids::system_program;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use spl_token_interface::instruction as token;
use system_token_interface::instructions::{InitializeArgs, initialize};
use system_token_interface::{Distribution, MAX_ORACLES, SystemTokenError, distribution_address};
use system_token_tests::{
    ACCOUNT_IN_USE, CHALLENGE_SECONDS, EPOCH_SECONDS, START_AT, TOKEN_2022_PROGRAM, World,
    default_args, failed,
};

const MONTH_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The honest instruction for a mint, as the world's mint authority signs it.
fn initialize_mint(world: &World, mint: &Address) -> Instruction {
    let args = default_args(&world.oracles);
    initialize(
        &world.payer.pubkey(),
        &world.mint_authority.pubkey(),
        mint,
        &spl_token_interface::ID,
        &args,
    )
}

/// Asserts that arguments which differ from the default by one change are refused.
#[track_caller]
fn assert_args_refused(error: SystemTokenError, change: impl FnOnce(&mut InitializeArgs)) {
    let world = World::with_mint();
    let mut args = default_args(&world.oracles);
    change(&mut args);
    let (payer, authority) = (world.payer.pubkey(), world.mint_authority.pubkey());
    let initialize = initialize(&payer, &authority, &world.mint, &spl_token_interface::ID, &args);
    world.assert_refused_with(&[&world.mint_authority], error, &[initialize]);
}

fn oracle_keys(count: usize) -> Vec<[u8; 32]> {
    (1..=count).map(|i| [u8::try_from(i).expect("a small set"); 32]).collect()
}

#[test]
fn a_mint_with_a_freeze_authority_is_refused() {
    let world = World::with_mint();
    let authority = world.mint_authority.pubkey();
    let mint = world.create_mint(&authority, Some(&authority));
    world.assert_refused_with(
        &[&world.mint_authority],
        SystemTokenError::MintHasFreezeAuthority,
        &[initialize_mint(&world, &mint)],
    );
}

#[test]
fn a_stranger_cannot_run_ahead_of_the_mint_authority() {
    // Given a mint whose authority has not initialized yet
    let world = World::with_mint();
    let stranger = world.key();
    let args = default_args(&world.oracles);

    // When a stranger signs as if it were the authority, it is refused
    let front_run = initialize(
        &world.payer.pubkey(),
        &stranger.pubkey(),
        &world.mint,
        &spl_token_interface::ID,
        &args,
    );
    world.assert_refused_with(&[&stranger], SystemTokenError::MintAuthorityMismatch, &[front_run]);

    // And the authority still can
    world.initialize(&args).unwrap();
}

#[test]
fn a_mint_authority_that_did_not_sign_is_refused() {
    let world = World::with_mint();
    let mut unsigned = initialize_mint(&world, &world.mint);
    unsigned.accounts[1].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn a_mint_whose_supply_is_fixed_is_refused() {
    // Given a mint that gave up its mint authority
    let world = World::with_mint();
    let authority = world.mint_authority.pubkey();
    let give_up = token::set_authority(
        &spl_token_interface::ID,
        &world.mint,
        None,
        token::AuthorityType::MintTokens,
        &authority,
        &[],
    )
    .unwrap();
    world.send_with(&[&world.mint_authority], &[give_up], &[]).unwrap();

    // Then there is nothing to hand over
    world.assert_refused_with(
        &[&world.mint_authority],
        SystemTokenError::MintAuthorityMismatch,
        &[initialize_mint(&world, &world.mint)],
    );
}

#[test]
fn a_mint_of_another_token_program_than_given_is_refused() {
    let world = World::with_mint();
    let mut classic = initialize_mint(&world, &world.mint);
    classic.accounts[4].pubkey = TOKEN_2022_PROGRAM;
    let extended = world.create_extended_mint(&world.mint_authority, None, &[]);
    let extended = initialize_mint(&world, &extended);
    let mut foreign = initialize_mint(&world, &world.mint);
    foreign.accounts[4].pubkey = system_program::ID;
    for instruction in [classic, extended, foreign] {
        let error = SystemTokenError::UnsupportedMint;
        world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
    }
}

#[test]
fn what_is_no_initialized_mint_is_refused() {
    // Given an account of the token program that is blank, and one that holds tokens
    let world = World::with_mint();
    let blank = world.key();
    world.create_account_with(&blank, 82, &[]);
    let token_account = world.create_token_accounts(&[world.key()])[0];
    for account in [blank.pubkey(), token_account] {
        let instruction = initialize_mint(&world, &account);
        let error = SystemTokenError::UnsupportedMint;
        world.assert_refused_with(&[&world.mint_authority], error, &[instruction]);
    }
}

#[test]
fn a_distribution_at_another_address_is_refused() {
    let world = World::with_mint();
    let mut elsewhere = initialize_mint(&world, &world.mint);
    elsewhere.accounts[3].pubkey = distribution_address(&world.address()).0;
    let error = failed(0, InstructionError::InvalidSeeds);
    world.assert_refused_with(&[&world.mint_authority], error, &[elsewhere]);
}

#[test]
fn an_oracle_set_that_is_empty_too_large_zero_or_repeated_is_refused() {
    let repeated = vec![[1; 32], [2; 32], [1; 32]];
    let zero = vec![[1; 32], [0; 32]];
    for oracles in [vec![], oracle_keys(MAX_ORACLES + 1), zero, repeated] {
        assert_args_refused(SystemTokenError::InvalidOracleSet, |args| args.oracles = oracles);
    }
}

#[test]
fn a_threshold_of_zero_or_above_the_number_of_oracles_is_refused() {
    for threshold in [0, 4, u8::MAX] {
        assert_args_refused(SystemTokenError::InvalidThreshold, |args| args.threshold = threshold);
    }
}

#[test]
fn an_emission_that_can_never_pay_is_refused() {
    let changes: [fn(&mut InitializeArgs); 7] = [
        |args| args.start_at = 0,
        |args| args.start_at = -1,
        |args| args.start_at = i64::MAX,
        |args| args.epoch_seconds = 0,
        |args| args.budget = 0,
        |args| args.growth_limit = 0,
        |args| args.decay_basis_points = 10_001,
    ];
    for change in changes {
        assert_args_refused(SystemTokenError::InvalidEmission, change);
    }
}

#[test]
fn a_supply_cap_below_the_present_supply_is_refused() {
    // Given a mint with 50 base units in a member's hands
    let mut world = World::with_mint();
    world.wallets = vec![world.key()];
    world.token_accounts = world.create_token_accounts(&world.wallets);
    world.mint_before_initialize(0, 50);

    // When the cap is 49, it is refused
    let mut args = InitializeArgs { supply_cap: 49, ..default_args(&world.oracles) };
    let (payer, authority) = (world.payer.pubkey(), world.mint_authority.pubkey());
    let capped = initialize(&payer, &authority, &world.mint, &spl_token_interface::ID, &args);
    world.assert_refused_with(
        &[&world.mint_authority],
        SystemTokenError::InvalidEmission,
        &[capped],
    );

    // And a cap of 50 is taken, with the supply noted
    args.supply_cap = 50;
    world.initialize(&args).unwrap();
    assert_eq!(world.distribution().initial_supply.get(), 50);
}

#[test]
fn a_window_longer_than_thirty_days_is_refused() {
    assert_args_refused(SystemTokenError::InvalidWindow, |args| {
        args.challenge_seconds = MONTH_SECONDS + 1;
    });
    assert_args_refused(SystemTokenError::InvalidWindow, |args| {
        args.timelock_seconds = MONTH_SECONDS + 1;
    });
}

#[test]
fn a_second_initialize_of_the_same_mint_is_refused() {
    // Given an initialized distribution with an epoch behind it
    let world = World::start(1);
    world.install(&world.epoch(1, &[100]));

    // When the former authority tries again, it is refused and nothing is reset
    let again = initialize_mint(&world, &world.mint);
    let error = SystemTokenError::MintAuthorityMismatch;
    world.assert_refused_with(&[&world.mint_authority], error, &[again]);

    // Nor does it help that the mint's bytes name the former authority once more
    world.alter_account(&world.mint, |mint| {
        mint.data[4..36].copy_from_slice(world.mint_authority.pubkey().as_ref());
    });
    let again = initialize_mint(&world, &world.mint);
    let error = failed(0, ACCOUNT_IN_USE);
    world.assert_refused_with(&[&world.mint_authority], error, &[again]);
}

#[test]
fn the_former_mint_authority_can_mint_no_more() {
    let world = World::start(1);
    let mint_to = token::mint_to(
        &spl_token_interface::ID,
        &world.mint,
        &world.token_accounts[0],
        &world.mint_authority.pubkey(),
        &[],
        1,
    )
    .unwrap();
    // The token program's `OwnerMismatch`.
    let error = failed(0, InstructionError::Custom(4));
    world.assert_refused_with(&[&world.mint_authority], error, &[mint_to]);
}

#[test]
fn everything_given_is_kept_and_the_rest_starts_at_zero() {
    let world = World::with_mint();
    let args = InitializeArgs {
        decay_epochs: 52,
        decay_basis_points: 9_000,
        ..default_args(&world.oracles)
    };
    world.initialize(&args).unwrap();

    let distribution = world.distribution();
    assert_eq!(distribution.mint, world.mint.to_bytes());
    assert_eq!(distribution.token_program, spl_token_interface::ID.to_bytes());
    assert_eq!((distribution.admin, distribution.guardian), (args.admin, args.guardian));
    assert!(distribution.oracle_set().eq(world.oracles.iter().map(Signer::pubkey)));
    assert_eq!(distribution.threshold, 2);
    assert_eq!(distribution.oracle_set_version.get(), 1);
    assert_eq!(distribution.challenge_seconds.get(), CHALLENGE_SECONDS);
    assert_eq!(distribution.timelock_seconds.get(), args.timelock_seconds);
    assert_eq!(distribution.bump, distribution_address(&world.mint).1);

    let emission = distribution.emission;
    assert_eq!(emission.start_at.get(), START_AT);
    assert_eq!(emission.epoch_seconds.get(), EPOCH_SECONDS);
    assert_eq!((emission.decay_epochs.get(), emission.decay_basis_points.get()), (52, 9_000));
    assert_eq!(emission.budget.get(), args.budget);
    assert_eq!(emission.growth_limit.get(), args.growth_limit);
    assert_eq!(emission.supply_cap.get(), args.supply_cap);

    assert_eq!(emission.allowance.get(), 0);
    assert_eq!((distribution.epoch.get(), distribution.leaf_count.get()), (0, 0));
    assert_eq!((distribution.cumulative_total.get(), distribution.minted_total.get()), (0, 0));
    assert_eq!((distribution.root, distribution.pending_admin), ([0; 32], [0; 32]));
    assert_eq!((distribution.paused, distribution.change_kind), (0, 0));
    assert_eq!(distribution.change_eta.get(), 0);
    assert!(distribution.change.iter().chain(&distribution.reserved).all(|byte| *byte == 0));
}

#[test]
fn the_largest_set_and_the_longest_windows_are_taken() {
    let world = World::with_mint();
    let args = InitializeArgs {
        oracles: oracle_keys(MAX_ORACLES),
        threshold: 16,
        challenge_seconds: MONTH_SECONDS,
        timelock_seconds: MONTH_SECONDS,
        ..default_args(&world.oracles)
    };
    world.initialize(&args).unwrap();
    assert!(world.distribution().oracle_set().map(|key| key.to_bytes()).eq(args.oracles));
}

#[test]
fn the_mint_authority_may_pay_for_it() {
    let world = World::with_mint();
    let mint = world.create_mint(&world.payer.pubkey(), None);
    let args = default_args(&world.oracles);
    let payer = world.payer.pubkey();
    world.send(&[initialize(&payer, &payer, &mint, &spl_token_interface::ID, &args)]).unwrap();
    let distribution = world.account(&distribution_address(&mint).0).unwrap();
    assert_eq!(Distribution::from_account_data(&distribution.data).unwrap().mint, mint.to_bytes());
}

#[test]
fn lamports_that_an_attacker_sends_ahead_do_not_prevent_it() {
    let world = World::with_mint();
    world.send(&[transfer(&world.payer.pubkey(), &world.distribution, 1_000_000)]).unwrap();
    world.initialize(&default_args(&world.oracles)).unwrap();
    assert_eq!(world.distribution().mint, world.mint.to_bytes());
}
