//! What guardian, admin and other oracles may do in the middle of an epoch: it ends with the right totals.

use std::fs;

use crate::oracle::{HOUR, Oracle};
use crate::town::Town;
use crate::weeks::{Weeks, import, row};

const CONFIG: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 20\n";
const SIGNERS: [&str; 2] = ["oracle0", "oracle1"];

/// A community of a few members, an oracle that has closed its weeks, and the payer's lamports.
async fn closed<'a>(town: &'a Town, weeks: &Weeks) -> (Oracle<'a>, u64) {
    weeks.found(town);
    let oracle = Oracle::new(town, "oracle", &weeks.rules, CONFIG);
    weeks.known_to(&oracle);
    oracle.json("epoch close");
    (oracle, town.payer_lamports().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vetoed_epoch_is_closed_anew_and_paid() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(1, 3);
    let (oracle, before) = closed(&town, &weeks).await;
    let refusal = oracle.refuses("epoch retract");
    assert!(refusal.contains("epoch 1 was not vetoed, and stays"), "{refusal}");
    for signer in SIGNERS {
        oracle.sign(signer, 1, None);
    }
    oracle.waits("epoch submit");
    let digest = oracle.sign("oracle0", 1, None)["signed"]["digest"].as_str().unwrap().to_owned();
    town.read(&format!("epoch veto --digest {digest} --authority :guardian"));
    assert!(oracle.refuses("epoch submit").contains("the guardian vetoed it"));
    assert_eq!(oracle.json("epoch status")["state"], "vetoed");
    let set_aside = oracle.json("epoch retract")["set_aside"].clone();
    assert_eq!(set_aside.as_array().unwrap().len(), 1);
    // Nothing has changed: it would be vetoed again
    let refusal = oracle.refuses("epoch close");
    assert!(refusal.contains("this very bundle was set aside"), "{refusal}");
    // What was left out comes in
    let at = crate::weeks::date(weeks.start_at + HOUR);
    import(&oracle, "late", &(row(9_999_999, "member-0", &at) + "\n"));
    oracle.json("epoch close");
    oracle.install(1, SIGNERS, 1).await;
    assert_ne!(oracle.sign("oracle0", 1, None)["signed"]["digest"], digest);
    oracle.json("epoch claim");
    // The guardian's veto was the payer's too
    oracle.assert_paid_once(1, before - 10_000).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_program_is_paused_it_waits_and_then_goes_on() {
    let mut town = Town::start().await;
    let (oracle, before) = closed(&town, &Weeks::new(1, 3)).await;
    town.read("pause --authority :guardian");
    for signer in SIGNERS {
        oracle.sign(signer, 1, None);
    }
    assert!(oracle.waits("epoch submit").contains("the distribution is paused"));
    assert_eq!(town.payer_lamports().await, before - 10_000, "the pause alone was paid");
    town.read("unpause --authority :admin");
    let before = town.payer_lamports().await;
    oracle.install(1, SIGNERS, 1).await;
    town.read("pause --authority :guardian");
    assert!(oracle.waits("epoch claim").contains("the distribution is paused"));
    town.read("unpause --authority :admin");
    oracle.json("epoch claim");
    // The admin's two transactions were the payer's too
    oracle.assert_paid_once(1, before - 20_000).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracles_key_is_rotated_in_the_middle_of_an_epoch() {
    let mut town = Town::start().await;
    let (oracle, _) = closed(&town, &Weeks::new(1, 3)).await;
    oracle.sign("oracle0", 1, None);
    assert!(oracle.waits("epoch submit").contains("1 of the set's oracles have signed, of 2"));
    // Oracle 0's key is replaced by another one, after the timelock
    town.read("oracle add @oracle3 --threshold 2 --authority :admin");
    town.travel_to(town.now().await + HOUR).await;
    town.read("change execute");
    town.read("oracle remove @oracle0 --threshold 2 --authority :admin");
    town.travel_to(town.now().await + HOUR).await;
    town.read("change execute");
    oracle.sign("oracle1", 1, None);
    // What was signed for the first set counts no more
    assert!(oracle.waits("epoch submit").contains("0 of the set's oracles have signed, of 2"));
    let before = town.payer_lamports().await;
    oracle.sign("oracle0", 3, None);
    assert!(oracle.waits("epoch submit").contains("0 of the set's oracles have signed, of 2"));
    oracle.install(1, ["oracle1", "oracle3"], 3).await;
    oracle.json("epoch claim");
    oracle.assert_paid_once(1, before).await;
    town.surfnet.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_disagrees_is_named_and_stands_in_nobodys_way() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(1, 3);
    let (oracle, before) = closed(&town, &weeks).await;
    // Another oracle has seen more, comes to another result, and signs that
    let other = Oracle::new(&town, "other", &weeks.rules, CONFIG);
    weeks.known_to(&other);
    let at = crate::weeks::date(weeks.start_at + HOUR);
    import(&other, "more", &(row(9_999_999, "member-0", &at) + "\n"));
    other.json("epoch close");
    other.sign("oracle2", 1, None);
    let signatures = "epoch-00000001.signatures";
    let name = fs::read_dir(other.bundles().join(signatures)).unwrap().next().unwrap().unwrap();
    fs::create_dir(oracle.bundles().join(signatures)).unwrap();
    fs::copy(name.path(), oracle.bundles().join(signatures).join(name.file_name())).unwrap();
    let waiting = oracle.waits("epoch submit");
    assert!(waiting.contains("signed another result of epoch 1"), "{waiting}");
    oracle.install(1, SIGNERS, 1).await;
    // Where the bundle itself says another total, the witness names whose
    let totals = oracle.bundles().join("epoch-00000001/totals.csv");
    let text = fs::read_to_string(&totals).unwrap();
    let row = text.lines().nth(2).unwrap();
    let (account, total) = row.rsplit_once(',').unwrap();
    fs::write(&totals, text.replace(row, &format!("{account},5"))).unwrap();
    let refusal = oracle.refuses("witness");
    let said = format!("member 1: its total is {total} base units here, and 5 in the bundle");
    assert!(refusal.contains(&said), "{refusal}");
    assert!(oracle.refuses("epoch claim").contains(&said));
    fs::write(&totals, text).unwrap();
    oracle.json("epoch claim");
    oracle.assert_paid_once(1, before).await;
    town.surfnet.stop().unwrap();
}
