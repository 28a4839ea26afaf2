//! A database that is lost: bundles and chain give it back, and the next epoch follows.

use std::fs;

use crate::oracle::Oracle;
use crate::town::Town;
use crate::weeks::{Weeks, import};

const CONFIG: &str = "[cluster]\ncommitment = \"confirmed\"\n[submit]\npoll_milliseconds = 20\n";
const SIGNERS: [&str; 2] = ["oracle0", "oracle1"];

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_rebuilt_and_the_next_epoch_follows() {
    let mut town = Town::start().await;
    let weeks = Weeks::new(2, 5);
    weeks.found(&town);
    let oracle = Oracle::new(&town, "oracle", &weeks.rules, CONFIG);
    import(&oracle, "first", &weeks.export(1..=1));
    weeks.link_wallets(&oracle);
    oracle.json("epoch close --epoch 1");
    oracle.install(1, SIGNERS, 1).await;
    oracle.json("epoch claim");
    oracle.assert_all_paid(1).await;
    let members = fs::read(oracle.bundles().join("epoch-00000001/members.jsonl")).unwrap();

    // The machine's disk is gone, but for the bundles
    for file in fs::read_dir(&oracle.folder).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with("stk-oracle.db") {
            fs::remove_file(file.path()).unwrap();
        }
    }
    fs::remove_dir_all(oracle.folder.join("stk-oracle-data/segments")).unwrap();
    let restored = oracle.json("epoch restore");
    assert_eq!((&restored["epochs"], &restored["installed"]), (&1.into(), &1.into()));
    assert_eq!(restored["members"], 5);
    // Once more changes nothing
    assert_eq!(oracle.json("epoch restore")["events"], 0);
    // What the source delivers again is known; what is new is in the next epoch
    let again = import(&oracle, "again", &weeks.export(1..=2));
    assert_eq!(again["repeated"], restored["events"], "{again}");
    assert!(again["appended"].as_u64().unwrap() > 0);
    let before = town.payer_lamports().await;
    let closed = oracle.json("epoch close")["epochs"][0].clone();
    assert_eq!((&closed["epoch"], &closed["events"]), (&2.into(), &again["appended"]));
    let after = fs::read(oracle.bundles().join("epoch-00000002/members.jsonl")).unwrap();
    assert_eq!(after, members, "everybody has the index and the wallet of before");
    oracle.install(2, SIGNERS, 1).await;
    oracle.json("epoch claim");
    oracle.assert_paid_once(2, before).await;

    // A database with other members is left alone
    let other = Oracle::new(&town, "other", &weeks.rules, CONFIG);
    let members = "member,source,external_id,roles\nsomebody,posthog,somebody,\n";
    fs::write(other.folder.join("members.csv"), members).unwrap();
    other.json("members import members.csv");
    let bundles = oracle.bundles();
    let refusal = other.refuses(&format!("epoch restore --bundles {}", bundles.display()));
    assert!(refusal.contains("the database has 1 members already"), "{refusal}");
    town.surfnet.stop().unwrap();
}
