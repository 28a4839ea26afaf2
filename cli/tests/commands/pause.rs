//! `stk pause` and `stk unpause`.

use crate::town::{Town, address};

#[test]
fn only_guardian_and_admin_may_pause_and_only_the_admin_may_unpause() {
    let town = Town::found();
    insta::assert_snapshot!("pause_by_a_stranger", town.stk("pause").stable());
    assert!(town.refused("unpause --authority :admin").contains("is not paused"));
    assert_eq!(town.stk("pause --authority :guardian").code, 0);
    assert!(town.refused("pause --authority :admin").contains("is paused already"));
    let refused = town.refused("unpause --authority :guardian");
    assert!(
        refused.contains(&format!("is not the admin, who is {}", address("admin"))),
        "{refused}"
    );
    insta::assert_snapshot!(
        "unpause_json",
        town.stk("unpause --authority :admin --output json").stable()
    );
    assert_eq!(town.distribution().unwrap().paused, 0);
    insta::assert_snapshot!("pause_human", town.stk("pause --authority :admin").stable());
    assert_eq!(town.distribution().unwrap().paused, 1);
}
