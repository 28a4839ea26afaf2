//! `stk change`, and the commands that queue one.

use system_token_interface::Change;

use crate::town::{DAY, Town, address};

/// The change that waits, as the chain holds it.
fn queued(town: &Town) -> Option<Change> {
    town.distribution().unwrap().queued_change().unwrap().map(|queued| queued.change)
}

/// Puts the queued change into force.
fn execute(town: &Town) {
    town.wait_for(2 * DAY);
    assert_eq!(town.json("change execute")["status"], "sent");
    assert_eq!(queued(town), None);
}

#[test]
fn without_a_change_there_is_nothing_to_do() {
    let town = Town::found();
    insta::assert_snapshot!("change_list_empty", town.stk("change list").stable());
    assert!(town.refused("change execute").contains("no change is queued"));
    assert!(town.refused("change cancel --authority :admin").contains("no change is queued"));
}

#[test]
fn one_change_waits_for_its_timelock() {
    let town = Town::found();
    let queue = "windows queue --challenge 3d --authority :admin";
    assert!(town.refused(&queue.replace(":admin", ":guardian")).contains("is not the admin"));
    assert_eq!(town.json(&format!("{queue} --dry-run"))["would_succeed"], true);
    assert_eq!(queued(&town), None);
    insta::assert_snapshot!(
        "windows_queue_json",
        town.stk(&format!("{queue} --output json")).stable()
    );
    let second = town.refused("guardian queue @stranger --authority :admin");
    assert!(second.contains("a change is queued already"), "{second}");
    let early = town.refused("change execute");
    assert!(early.contains("waits until 2026-01-07T00:00:00Z"), "{early}");
    // Printed for others to sign, it may well be late enough by then.
    let unsigned = town.stk("change execute --print-unsigned");
    assert_eq!(unsigned.code, 0, "{unsigned:?}");
    assert!(unsigned.err.contains("timelock is not over yet"), "{unsigned:?}");
    insta::assert_snapshot!("change_list_human", town.stk("change list").stable());
    insta::assert_snapshot!("change_list_json", town.stk("change list --output json").stable());
    execute(&town);
    let distribution = town.distribution().unwrap();
    assert_eq!(distribution.challenge_seconds.get(), 3 * 86_400);
    assert_eq!(distribution.timelock_seconds.get(), 2 * 86_400);
}

#[test]
fn guardian_and_admin_may_cancel() {
    let town = Town::found();
    for who in ["guardian", "admin"] {
        town.json("guardian queue @stranger --authority :admin");
        let refused = town.refused("change cancel --authority :stranger");
        assert!(refused.contains("is not the guardian"), "{refused}");
        let done = town.json(&format!("change cancel --authority :{who}"));
        assert_eq!(done["change"]["guardian"], address("stranger").to_string());
        assert_eq!(queued(&town), None);
    }
}

#[test]
fn another_guardian() {
    let town = Town::found();
    assert!(town.refused("guardian queue @guardian --authority :admin").contains("already"));
    town.json("guardian queue @stranger --authority :admin");
    execute(&town);
    assert_eq!(town.json("status")["guardian"], address("stranger").to_string());
}

#[test]
fn an_oracle_is_added_and_another_removed() {
    let town = Town::found();
    town.json("oracle add @stranger --threshold 3 --authority :admin");
    insta::assert_snapshot!("oracle_list_queued", town.stk("oracle list").stable());
    execute(&town);
    town.json("oracle remove @oracle0 --threshold 2 --authority :admin");
    execute(&town);
    let set = town.json("oracle list");
    let oracles: Vec<_> =
        set["oracles"].as_array().unwrap().iter().map(|it| &it["address"]).collect();
    assert_eq!(
        oracles,
        ["oracle1", "oracle2", "stranger"].map(|name| address(name).to_string()).each_ref()
    );
    assert_eq!((&set["threshold"], &set["oracle_set_version"]), (&2.into(), &3.into()));
    assert!(set["queued"].is_null());
}

#[test]
fn another_oracle_set_voids_a_proposal() {
    let town = Town::found();
    town.wait_for(7 * DAY);
    let digest = town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    town.json("oracle remove @oracle0 --authority :admin");
    execute(&town);
    let stale = town.refused(&format!("epoch finalize --digest {digest}"));
    assert!(stale.contains("earlier oracle set"), "{stale}");
    let shown = town.json("epoch show");
    assert_eq!(shown["proposals"][0]["state"], "stale");
    assert!(shown["proposals"][0]["oracles"].is_null(), "whose bits they were is not known");
}

#[test]
fn an_emission_keeps_what_is_not_given() {
    let town = Town::found();
    let queue = "emission queue --budget 800.5 --authority :admin";
    insta::assert_snapshot!("emission_queue_human", town.stk(queue).stable());
    let change = Change::Emission {
        decay_epochs: 52,
        decay_basis_points: 9_000,
        budget: 800_500_000,
        growth_limit: 2_000_000_000,
        supply_cap: 1_000_000_000_000,
    };
    assert_eq!(queued(&town), Some(change));
    assert_eq!(town.json("emission show")["queued"]["budget_base_units"], "800500000");
    execute(&town);
    let decay = town.stk("emission queue --decay-epochs 26 --decay 97.5% --authority :admin");
    assert!(decay.err.contains("the budget is queued as it is now"), "{decay:?}");
    execute(&town);
    let emission = town.json("emission show");
    assert_eq!(emission["budget_base_units"], "800500000");
    assert_eq!(emission["decay_epochs"], 26);
    assert_eq!(emission["decay_basis_points"], 9_750);
}

#[test]
fn what_the_program_refuses_is_explained() {
    let town = Town::found();
    for (command, name) in [
        ("windows queue --timelock 31d", "InvalidWindow"),
        ("emission queue --growth-limit 0", "InvalidEmission"),
    ] {
        let error = town.stk(&format!("{command} --authority :admin --output json")).error();
        assert_eq!(error["program_error"]["name"], name, "{error}");
        assert!(error["hint"].is_string(), "{error}");
    }
}
