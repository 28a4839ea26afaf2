//! `stk change`, and the commands that queue one.

use crate::town::Town;

#[test]
fn without_a_change_there_is_nothing_to_do() {
    let town = Town::found();
    insta::assert_snapshot!("change_list_empty", town.stk("change list").stable());
    assert!(town.refused("change execute").contains("no change is queued"));
    assert!(town.refused("change cancel --authority :admin").contains("no change is queued"));
}
