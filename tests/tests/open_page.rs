//! `open_page`: creating the ledger pages that remember what was paid.

use solana_account::Account;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use system_token_interface::instructions::open_page;
use system_token_interface::{LedgerPage, PROGRAM_ID, SystemTokenError, page_address};
use system_token_tests::{ACCOUNT_IN_USE, World, failed};

/// The page of the last member index there can be.
const LAST_PAGE: u32 = u32::MAX / 256;

fn open(world: &World, page_index: u32) -> Instruction {
    open_page(&world.payer.pubkey(), &world.distribution, page_index)
}

#[test]
fn a_page_past_the_last_member_index_is_refused() {
    let world = World::start(0);
    for page_index in [LAST_PAGE + 1, u32::MAX] {
        let instruction = open(&world, page_index);
        world.assert_refused(SystemTokenError::InvalidPageIndex, &[instruction]);
    }
}

#[test]
fn a_page_cannot_be_opened_twice() {
    // Given a page on which a member was paid
    let world = World::start(1);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[100]);
    world.install(&epoch);
    world.claim(&epoch, 0, 1).unwrap();

    // When it is opened again, it is refused and the payment stays on it
    let error = failed(0, ACCOUNT_IN_USE);
    world.assert_refused(error, &[open(&world, 0)]);
    assert_eq!(world.claimed(0), 100);
}

#[test]
fn another_page_s_address_is_refused() {
    let world = World::start(0);
    let mut swapped = open(&world, 0);
    swapped.accounts[2].pubkey = page_address(&world.distribution, 1).0;
    world.assert_refused(failed(0, InstructionError::InvalidSeeds), &[swapped]);
}

#[test]
fn a_page_of_a_distribution_that_is_none_is_refused() {
    // Given the right bytes in an account of another program
    let world = World::start(0);
    let fake = world.address();
    let account = world.account(&world.distribution).unwrap();
    let owner = world.address();
    world.put_account(fake, Account { owner, ..account });

    // Then no page can be opened for it
    let opened = open_page(&world.payer.pubkey(), &fake, 0);
    world.assert_refused(failed(0, InstructionError::IllegalOwner), &[opened]);
}

#[test]
fn a_payer_that_did_not_sign_is_refused() {
    let world = World::start(0);
    let mut unsigned = open_page(&world.address(), &world.distribution, 0);
    unsigned.accounts[0].is_signer = false;
    world.assert_refused(failed(0, InstructionError::MissingRequiredSignature), &[unsigned]);
}

#[test]
fn a_new_page_is_empty_and_belongs_to_its_distribution() {
    let world = World::start(0);
    for page_index in [0, 7, LAST_PAGE] {
        world.open_page(page_index).unwrap();
        let page = world.page(page_index);
        assert_eq!(page.distribution, world.distribution.to_bytes());
        assert_eq!(page.page_index.get(), page_index);
        assert!(page.claimed.iter().all(|claimed| claimed.get() == 0));
    }
}

#[test]
fn a_page_that_an_attacker_funded_ahead_still_opens() {
    // Given lamports at a page's address: less than its rent, exactly its rent, and more
    let world = World::start(0);
    let rent = world.chain.svm().minimum_balance_for_rent_exemption(LedgerPage::ACCOUNT_LEN);
    for (page_index, lamports) in [(0, rent / 2), (1, rent), (2, rent * 2)] {
        let address = page_address(&world.distribution, page_index).0;
        world.send(&[transfer(&world.payer.pubkey(), &address, lamports)]).unwrap();

        // When it is opened
        world.open_page(page_index).unwrap();

        // Then it is a page like any other, and lives for ever
        let account = world.account(&address).unwrap();
        assert_eq!(account.owner, PROGRAM_ID);
        assert_eq!(account.lamports, rent.max(lamports));
        assert_eq!(world.page(page_index).page_index.get(), page_index);
    }
}
