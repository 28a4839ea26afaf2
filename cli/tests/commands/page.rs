//! `stk page`.

use solana_account::Account;
use system_token_interface::{LedgerPage, page_address};

use crate::town::{Town, distribution, wait};

#[test]
fn a_page_is_opened_once_and_shown() {
    let town = Town::found();
    assert!(town.refused("page show 0").contains("page 0 is not open"));
    insta::assert_snapshot!("page_open_dry_run", town.stk("page open 0 --dry-run").stable());
    assert!(town.refused("page show 0").contains("page 0 is not open"));
    insta::assert_snapshot!("page_open", town.stk("page open 0").stable());
    assert!(town.refused("page open 0").contains("page 0 is open already"));
    insta::assert_snapshot!("page_show_empty", town.stk("page show 0").stable());
}

#[test]
fn members_who_were_paid_are_listed() {
    let town = Town::found();
    town.json("page open 2");
    let address = page_address(&distribution(), 2).0;
    let mut account: Account =
        wait(system_token_chain::Chain::get_account(&town.chain, &address)).unwrap().unwrap();
    let claimed = LedgerPage::FIELDS.iter().find(|(name, ..)| *name == "claimed").unwrap().1;
    for (member, base_units) in [(0, u64::MAX / 2), (255, 1)] {
        let at = 8 + claimed + 8 * member;
        account.data[at..at + 8].copy_from_slice(&base_units.to_le_bytes());
    }
    town.chain.svm().set_account(address, account).unwrap();
    insta::assert_snapshot!("page_show_human", town.stk("page show 2").stable());
    insta::assert_snapshot!("page_show_json", town.stk("page show 2 --output json").stable());
}

#[test]
fn a_page_past_the_last_member_is_the_chains_to_refuse() {
    let town = Town::found();
    let error = town.stk("page open 4294967295 --output json").error();
    assert_eq!(error["program_error"]["name"], "InvalidPageIndex");
}
