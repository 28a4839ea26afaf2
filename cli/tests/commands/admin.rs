//! `stk admin`.

use crate::town::{Town, address};

#[test]
fn an_admin_is_proposed_and_accepts() {
    let town = Town::found();
    assert!(town.refused("admin accept").contains("nobody is proposed"));
    assert!(town.refused("admin propose @stranger").contains("is not the admin"));
    assert!(
        town.refused("admin propose --none --authority :admin").contains("nothing to take back")
    );
    let proposed = town.json("admin propose @stranger --authority :admin");
    assert_eq!(proposed["pending_admin"], address("stranger").to_string());
    assert!(town.refused("admin accept --authority :admin").contains("is not the proposed admin"));
    assert_eq!(town.json("admin accept --authority :stranger")["status"], "sent");
    assert_eq!(town.distribution().unwrap().admin, address("stranger").to_bytes());
    assert_eq!(town.json("status")["admin"], address("stranger").to_string());
}

#[test]
fn a_proposal_is_taken_back() {
    let town = Town::found();
    town.json("admin propose @stranger --authority :admin");
    assert_eq!(town.json("status")["pending_admin"], address("stranger").to_string());
    town.json("admin propose --none --authority :admin");
    assert!(town.refused("admin accept --authority :stranger").contains("nobody is proposed"));
    assert!(town.json("status")["pending_admin"].is_null());
}
