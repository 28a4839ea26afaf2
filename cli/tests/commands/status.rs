//! `stk status`, and communities that are not there.

use crate::town::Town;

#[test]
fn everything_at_a_glance() {
    let town = Town::found();
    insta::assert_snapshot!("status_human", town.stk("status").stable());
    insta::assert_snapshot!("status_json", town.stk("status --output json").stable());
}

#[test]
fn a_mint_without_a_distribution_is_named() {
    let town = Town::empty();
    for command in ["status", "oracle list", "emission show", "change list", "epoch show", "pause"]
    {
        assert!(town.refused(command).contains("there is no mint"), "{command}");
    }
    let nowhere = town.stk("status --mint 11111111111111111111111111111111 --output json").error();
    assert!(nowhere["message"].as_str().unwrap().contains("is not a mint"), "{nowhere}");
}
