//! `claim_batch`: members who cannot be paid now are passed over, and the rest of the batch is
//! paid all the same.

use solana_account::Account;
use solana_address::Address;
use solana_signer::Signer;
use system_token_interface::page_address;
use system_token_tests::{Epoch, TOKEN_2022_PROGRAM, World};

/// Where a token account's bytes hold its state.
const STATE: usize = 108;
const INITIALIZED: u8 = 1;
const FROZEN: u8 = 2;
/// Length of a token account, bytes.
const TOKEN_ACCOUNT_LEN: usize = 165;

fn four_members() -> World {
    let world = World::start(4);
    world.open_page(0).expect("page 0 is opened");
    world
}

/// Installs an epoch that pays four members, the second of them into the given account.
fn install(world: &World, second: Address) -> Epoch {
    let mut accounts = world.token_accounts.clone();
    accounts[1] = second;
    let epoch = world.epoch_to(1, &accounts, &[100, 200, 300, 400]);
    world.install(&epoch);
    epoch
}

/// Asserts that a batch of four passes over the second member, and pays the others.
#[track_caller]
fn assert_skipped(world: &World, epoch: &Epoch) {
    let account = Address::from(epoch.leaves[1].token_account);
    let untouched = world.account(&account);
    world.claim(epoch, 0, 4).expect("a claim that skips a member");

    assert_eq!([0, 2, 3].map(|member| world.balance(member)), [100, 300, 400]);
    assert_eq!([0, 1, 2, 3].map(|member| world.claimed(member)), [100, 0, 300, 400]);
    assert_eq!(world.supply(), 800);
    assert_eq!(world.distribution().minted_total.get(), 800);
    assert_eq!(world.account(&account), untouched);
}

fn set_state(world: &World, member: usize, state: u8) {
    world.alter_account(&world.token_accounts[member], |account| account.data[STATE] = state);
}

#[test]
fn a_frozen_account_is_skipped_and_paid_once_it_is_thawed() {
    // Given a member whose account is frozen
    let world = four_members();
    set_state(&world, 1, FROZEN);
    let epoch = install(&world, world.token_accounts[1]);
    assert_skipped(&world, &epoch);

    // When it is thawed and the same batch is sent again
    set_state(&world, 1, INITIALIZED);
    world.claim(&epoch, 0, 4).unwrap();

    // Then the member is paid, and nobody else again
    assert_eq!(world.balances(), [100, 200, 300, 400]);
}

#[test]
fn a_closed_account_is_skipped_and_paid_once_it_is_opened_again() {
    // Given a member who closed the account
    let world = four_members();
    world.close_token_account(1);
    let epoch = install(&world, world.token_accounts[1]);
    assert_skipped(&world, &epoch);

    // When it is opened again and the same batch is sent
    world.create_token_accounts(&world.wallets[1..2]);
    world.claim(&epoch, 0, 4).unwrap();
    assert_eq!(world.balances(), [100, 200, 300, 400]);
}

#[test]
fn an_account_that_never_was_is_skipped() {
    let world = four_members();
    let epoch = install(&world, world.address());
    assert_skipped(&world, &epoch);
}

#[test]
fn an_account_that_is_not_initialized_is_skipped() {
    let world = four_members();
    let blank = world.key();
    world.create_account_with(&blank, TOKEN_ACCOUNT_LEN, &[]);
    let epoch = install(&world, blank.pubkey());
    assert_skipped(&world, &epoch);
}

#[test]
fn an_account_of_another_mint_is_skipped() {
    let world = four_members();
    let neighbour = world.neighbour(1);
    let epoch = install(&world, neighbour.token_accounts[0]);
    assert_skipped(&world, &epoch);
    assert_eq!(neighbour.balance(0), 0);
}

#[test]
fn the_bytes_of_a_token_account_in_another_program_s_account_are_skipped() {
    let world = four_members();
    let real = world.account(&world.token_accounts[1]).unwrap();
    let (fake, owner) = (world.address(), world.address());
    world.put_account(fake, Account { owner, ..real });
    let epoch = install(&world, fake);
    assert_skipped(&world, &epoch);
}

#[test]
fn an_account_of_the_other_token_program_is_skipped() {
    let world = four_members();
    let real = world.account(&world.token_accounts[1]).unwrap();
    let other = world.address();
    world.put_account(other, Account { owner: TOKEN_2022_PROGRAM, ..real });
    let epoch = install(&world, other);
    assert_skipped(&world, &epoch);
}

#[test]
fn a_member_without_a_wallet_is_skipped_and_paid_in_full_after_linking_one() {
    // Given a member without a wallet, whose leaf holds zeros
    let world = four_members();
    let epoch = install(&world, Address::default());
    assert_skipped(&world, &epoch);

    // When the next epoch's leaf has the wallet's token account
    let linked = world.epoch(2, &[100, 250, 300, 400]);
    world.install(&linked);
    world.claim(&linked, 0, 4).unwrap();

    // Then one claim pays both epochs
    assert_eq!(world.balances(), [100, 250, 300, 400]);
}

#[test]
fn an_account_that_the_claim_itself_names_is_skipped() {
    for own in 0..3 {
        let world = four_members();
        let page = page_address(&world.distribution, 0).0;
        let epoch = install(&world, [world.mint, world.distribution, page][own]);
        world.claim(&epoch, 0, 4).expect("a claim that skips a member");
        assert_eq!([0, 2, 3].map(|member| world.balance(member)), [100, 300, 400]);
        assert_eq!(world.claimed(1), 0);
        assert_eq!(world.supply(), 800);
    }
}

#[test]
fn a_member_who_is_paid_already_is_skipped() {
    // Given an epoch that paid member 1
    let world = four_members();
    let first = world.epoch(1, &[0, 200, 0, 0]);
    world.install(&first);
    world.claim(&first, 0, 4).unwrap();

    // When the next epoch pays the others
    let second = world.epoch(2, &[100, 200, 300, 400]);
    world.install(&second);
    world.claim(&second, 0, 4).unwrap();

    // Then member 1 has its amount once
    assert_eq!(world.balances(), [100, 200, 300, 400]);
    assert_eq!(world.distribution().minted_total.get(), 1_000);
}

#[test]
fn a_batch_in_which_nobody_can_be_paid_succeeds_and_changes_nothing() {
    let world = four_members();
    let nowhere = [Address::default(), world.address(), world.mint_authority.pubkey()];
    let epoch = world.epoch_to(1, &nowhere, &[1, 2, 3]);
    world.install(&epoch);
    let before = world.snapshot();
    world.claim(&epoch, 0, 3).unwrap();
    assert!(before == world.snapshot());
}

#[test]
fn members_who_share_an_account_are_each_paid_into_it() {
    // Given members 0 and 1 with one account, and members 2 and 3 with another
    let world = four_members();
    let [first, second, ..] = world.token_accounts[..] else { panic!("four members") };
    let epoch = world.epoch_to(1, &[first, first, second, second], &[1, 20, 300, 4_000]);
    world.install(&epoch);

    // When they are claimed together
    world.claim(&epoch, 0, 4).unwrap();

    // Then all of it arrives, and the ledger knows each member's part
    assert_eq!(world.balances(), [21, 4_300, 0, 0]);
    assert_eq!([0, 1, 2, 3].map(|member| world.claimed(member)), [1, 20, 300, 4_000]);
    assert_eq!(world.supply(), 4_321);

    // And nothing of it again
    let again = world.claim_instruction(&epoch, 0, 4);
    world.send(&[again]).unwrap();
    assert_eq!(world.supply(), 4_321);
}
