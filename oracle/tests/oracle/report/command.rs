//! `stk-oracle report` on the real export: the files are there, and their figures are the replay's.

use crate::policy::{Home, preset};

const EPOCH: &str = "60";

/// Σ of a column of a CSV file.
fn sum(table: &str, column: &str) -> u64 {
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let place = rows.headers().unwrap().iter().position(|name| name == column).unwrap();
    rows.records().map(|row| row.unwrap()[place].parse::<u64>().unwrap()).sum()
}

#[test]
fn an_epoch_that_has_not_ended_or_has_no_rules_has_no_report() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let error = home.run_badly(&["report", "--epoch", "0", "--out", "r", "--policy", &policy]);
    assert!(error.contains("epochs are counted from 1"), "{error}");
    let late = ["report", "--epoch", "100000", "--out", "r", "--policy", &policy];
    let error = home.run_badly(&late);
    assert!(error.contains("epoch 100000 has not ended"), "{error}");
    let error = home.run_badly(&["report", "--epoch", EPOCH, "--out", "r"]);
    assert!(error.contains("there is no policy"), "{error}");
    assert!(!home.path("r").exists());
}

#[test]
fn the_reports_figures_are_those_of_the_replay() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let replayed = home.json(&["replay", "--from", EPOCH, "--to", EPOCH, "--policy", &policy]);
    let epoch = &replayed["epochs"][0];
    for language in ["en", "ru"] {
        let run = ["report", "--epoch", EPOCH, "--out", language, "--lang", language];
        let written = home.json(&[&run[..], &["--policy", &policy]].concat());
        let files = written["files"].as_array().unwrap();
        let read =
            |name: &str| std::fs::read_to_string(home.path(&format!("{language}/{name}"))).unwrap();
        // What members got is what was granted, and what they have is what the tree has
        let table = read("members.csv");
        assert_eq!(Some(sum(&table, "amount_base_units")), epoch["granted"].as_u64());
        assert_eq!(Some(sum(&table, "lifetime_base_units")), epoch["cumulative_total"].as_u64());
        // There is a statement for everybody who did or got something
        assert!(files.len() > 3 + 10, "{} files", files.len());
        let statistics: serde_json::Value = serde_json::from_str(&read("statistics.json")).unwrap();
        assert_eq!(statistics["epoch"], 60);
        // Nobody's id is in any of them
        for file in files {
            let text = std::fs::read_to_string(home.path(file.as_str().unwrap())).unwrap();
            assert!(!text.contains("member-9d11926144"), "{file}");
        }
    }
}
