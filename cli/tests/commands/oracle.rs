//! `stk oracle`.

use crate::town::{Town, address};

#[test]
fn the_set_in_force() {
    let town = Town::found();
    insta::assert_snapshot!("oracle_list_human", town.stk("oracle list").stable());
    insta::assert_snapshot!("oracle_list_json", town.stk("oracle list --output json").stable());
}

#[test]
fn impossible_sets_are_refused() {
    let town = Town::found();
    for (command, expected) in [
        ("oracle add @oracle1", "is an oracle already"),
        ("oracle remove @stranger", "is not an oracle"),
        ("oracle remove @oracle0 --threshold 3", "a threshold of 3 is impossible with 2 oracles"),
        ("oracle add @stranger --threshold 0", "a threshold of 0 is impossible with 4 oracles"),
    ] {
        let refused = town.refused(&format!("{command} --authority :admin"));
        assert!(refused.contains(expected), "{refused}");
    }
    let refused = town.refused("oracle add @stranger --authority :guardian");
    assert!(
        refused.contains(&format!("is not the admin, who is {}", address("admin"))),
        "{refused}"
    );
    assert!(refused.contains("--print-unsigned"), "{refused}");
}
