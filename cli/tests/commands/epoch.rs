//! `stk epoch`.

use crate::town::{DAY, Town, WEEK};

#[test]
fn an_epoch_is_shown_while_its_window_is_open() {
    let town = Town::found();
    insta::assert_snapshot!("epoch_show_empty", town.stk("epoch show").stable());
    town.wait_for(WEEK);
    town.attest(1, 900_000_000, &["oracle0", "oracle2"]);
    town.attest(1, 1_000_000_000, &["oracle1"]);
    insta::assert_snapshot!("epoch_show_human", town.stk("epoch show").stable());
    insta::assert_snapshot!("epoch_show_json", town.stk("epoch show --output json").stable());
    assert_eq!(town.json("epoch show 1")["proposals"].as_array().unwrap().len(), 2);
    assert_eq!(town.json("epoch show 2")["proposals"].as_array().unwrap().len(), 0);
}

#[test]
fn an_epoch_is_finalized_after_its_window() {
    let town = Town::found();
    town.wait_for(WEEK);
    assert!(town.refused("epoch finalize").contains("epoch 1, the next one, has no proposal"));
    let digest = town.attest(1, 900_000_000, &["oracle0"]);
    assert!(town.refused("epoch finalize").contains("has no proposal that enough oracles signed"));
    let few = town.refused(&format!("epoch finalize --digest {digest}"));
    assert!(few.contains("too few oracles signed it so far"), "{few}");
    let digest = town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    let early = town.refused("epoch finalize");
    assert!(early.contains("it can be vetoed until 2026-01-13T00:00:00Z"), "{early}");
    town.wait_for(DAY);
    town.json("pause --authority :guardian");
    assert!(town.refused("epoch finalize").contains("paused"));
    town.json("unpause --authority :admin");
    let tried = town.json("epoch finalize --dry-run");
    assert_eq!((&tried["status"], &tried["would_succeed"]), (&"simulated".into(), &true.into()));
    assert_eq!(town.distribution().unwrap().epoch.get(), 0);
    let done = town.json("epoch finalize");
    assert_eq!(done["digest"], digest);
    assert_eq!(done["cumulative_total_base_units"], "900000000");
    assert_eq!(town.distribution().unwrap().epoch.get(), 1);
    let over = town.refused(&format!("epoch finalize --digest {digest}"));
    assert!(over.contains("its epoch is finalized"), "{over}");
    assert_eq!(town.json("epoch show")["proposals"].as_array().unwrap().len(), 0);
    assert_eq!(town.json("epoch show 1")["proposals"][0]["state"], "over");
}

#[test]
fn several_attested_proposals_must_be_told_apart() {
    let town = Town::found();
    town.wait_for(WEEK);
    let [first, second] =
        [800_000_000, 900_000_000].map(|total| town.attest(1, total, &["oracle0", "oracle1"]));
    town.wait_for(DAY);
    let refused = town.refused("epoch finalize");
    assert!(refused.contains(&first) && refused.contains(&second), "{refused}");
    town.json(&format!("epoch finalize --digest {second}"));
    assert_eq!(town.distribution().unwrap().cumulative_total.get(), 900_000_000);
}

#[test]
fn the_chains_own_refusal_is_explained() {
    let town = Town::found();
    town.wait_for(WEEK);
    // More than the budget, less than the growth limit: only the chain's invariant sees it.
    town.attest(1, 1_500_000_000, &["oracle0", "oracle1"]);
    town.wait_for(DAY);
    let error = town.stk("epoch finalize --output json").error();
    assert_eq!(error["program_error"]["name"], "EmissionExceeded");
    assert_eq!(error["program_error"]["code"], 6024);
    assert!(error["hint"].as_str().unwrap().contains("stk emission queue"), "{error}");
    assert!(!error["logs"].as_array().unwrap().is_empty());
    let tried = town.stk("epoch finalize --dry-run");
    assert_eq!(tried.code, 1);
    assert!(tried.out.contains("Succeeds       no"), "{}", tried.out);
    assert!(tried.err.contains("exceeds what the emission schedule allows"), "{}", tried.err);
    assert!(tried.err.contains("logs:\n  Program STKdBo6"), "{}", tried.err);
    assert_eq!(town.distribution().unwrap().epoch.get(), 0);
}

#[test]
fn the_guardian_vetoes_within_the_window() {
    let town = Town::found();
    town.wait_for(WEEK);
    let digest = town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    let veto = format!("epoch veto --digest {digest}");
    assert!(town.refused(&format!("{veto} --authority :admin")).contains("is not the guardian"));
    let other = "0".repeat(64);
    let unknown = town.refused(&format!("epoch veto --digest {other} --authority :guardian"));
    assert!(unknown.contains("has no proposal with the digest"), "{unknown}");
    assert_eq!(town.json(&format!("{veto} --authority :guardian"))["epoch"], 1);
    let again = town.refused(&format!("{veto} --authority :guardian"));
    assert!(again.contains("the guardian vetoed it"), "{again}");
    town.wait_for(DAY);
    let refused = town.refused(&format!("epoch finalize --digest {digest}"));
    assert!(refused.contains("the guardian vetoed it"), "{refused}");
    assert_eq!(
        town.json(&format!("epoch show --digest {digest}"))["proposals"][0]["state"],
        "vetoed"
    );
    let digest = town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    town.wait_for(DAY);
    let late = town.refused(&format!("epoch veto --digest {digest} --authority :guardian"));
    assert!(late.contains("its challenge window is over"), "{late}");
}

#[test]
fn the_rent_of_a_proposal_goes_back_once_it_is_over() {
    let town = Town::found();
    town.wait_for(WEEK);
    let digest = town.attest(1, 900_000_000, &["oracle0", "oracle1"]);
    let close = format!("epoch close --digest {digest}");
    town.wait_for(DAY);
    assert!(town.refused(&close).contains("could be attested again"));
    town.json("epoch finalize");
    let closed = town.json(&close);
    assert_eq!(closed["rent_payer"], crate::town::address("payer").to_string());
    assert!(closed["rent_lamports"].as_u64().unwrap() > 1_000_000, "{closed}");
    assert!(town.refused(&close).contains("has no proposal with the digest"));
}
