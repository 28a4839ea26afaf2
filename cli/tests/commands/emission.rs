//! `stk emission`.

use crate::town::{Town, WEEK};

#[test]
fn the_schedule_and_how_far_it_is() {
    let town = Town::found();
    town.wait_for(WEEK + 1);
    insta::assert_snapshot!("emission_show_human", town.stk("emission show").stable());
    insta::assert_snapshot!("emission_show_json", town.stk("emission show --output json").stable());
}

#[test]
fn nothing_to_change_is_a_wrong_command_line() {
    let town = Town::found();
    assert_eq!(town.stk("emission queue --authority :admin").code, 2);
    assert_eq!(town.stk("windows queue --authority :admin").code, 2);
    assert_eq!(town.stk("emission queue --budget 1,000 --authority :admin").code, 2);
    assert_eq!(town.stk("emission queue --decay-percent 101 --authority :admin").code, 2);
}
