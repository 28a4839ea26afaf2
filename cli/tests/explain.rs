//! `stk explain` as a user runs it.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

use std::process::{Command, Output};

use serde_json::Value;

/// Who earned most in the real export, by its id there.
const FIRST: &str = "posthog:member-9d11926144";

fn stk(arguments: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    Command::new(env!("CARGO_BIN_EXE_stk")).current_dir(root).args(arguments).output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = stk(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stderr, b"");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_cannot_be_explained_is_one_clear_error() {
    for (arguments, expected) in [
        (["explain", "0", "--epoch", "0"], "there is no epoch 0 to explain: 1 to 71 have ended"),
        (["explain", "0", "--epoch", "72"], "there is no epoch 72 to explain"),
        (["explain", "99", "--epoch", "3"], "there is no member 99: known are 0 to 4"),
        (["explain", "anna", "--epoch", "3"], "`anna` names no member"),
        (["explain", "posthog:x", "--epoch", "3"], "nobody is known as x in the source posthog"),
    ] {
        let output = stk(&arguments);
        assert_eq!((output.status.code(), output.stdout), (Some(1), vec![]));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with("stk: failed to ") && stderr.contains(expected), "{stderr}");
    }
    let nowhere = stk(&["explain", "0", "--epoch", "1", "--events", "/nowhere.jsonl"]);
    let stderr = String::from_utf8(nowhere.stderr).unwrap();
    assert!(stderr.contains("failed to read the events /nowhere.jsonl: No such"), "{stderr}");
    for wrong in [&["explain", "0"][..], &["explain", "0", "--epoch", "1", "--lang", "de"]] {
        assert_eq!(stk(wrong).status.code(), Some(2));
    }
}

/// The last week's explanation has the total that the demo's chain has paid.
#[test]
fn the_total_is_what_the_chain_paid() {
    let explained = stdout(&["explain", FIRST, "--epoch", "71", "--json"]);
    let explained: Value = serde_json::from_str(&explained).unwrap();
    let total = explained["payment"]["total_after_base_units"].as_str().unwrap();
    let table = stdout(&["demo"]);
    let row = table.lines().find(|line| line.contains("member-9d11926144")).unwrap();
    let paid: Vec<&str> = row.split_whitespace().filter(|word| word.contains('.')).collect();
    // Score, STK, share: the amount is the second, without its separators.
    let paid: String = paid[1].chars().filter(char::is_ascii_digit).collect();
    assert_eq!(paid, total);
}

#[test]
fn people_read_it_in_two_languages_and_programs_as_json() {
    let english = stdout(&["explain", FIRST, "--epoch", "40"]);
    assert!(english.starts_with("Member 1 in epoch 40: "), "{english}");
    let russian = stdout(&["explain", FIRST, "--epoch", "40", "--lang", "ru"]);
    assert!(russian.starts_with("Участник 1, эпоха 40: "), "{russian}");
    for text in [&english, &russian] {
        assert!(!text.contains('\u{1b}'), "colours are for terminals");
        assert!(!text.contains("member-"), "no id is printed");
        assert!(text.lines().all(|line| line.chars().count() <= 80));
    }
    let json = stdout(&["explain", "1", "--epoch", "40", "--json"]);
    assert_eq!(json, stdout(&["explain", FIRST, "--epoch", "40", "--output", "json"]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["member"], &json["epoch"]), (&1.into(), &40.into()));
}

#[test]
fn the_document_shows_what_is_printed() {
    let document = include_str!("../../docs/explain.md");
    let (_, sample) = document.split_once("```text\n").unwrap();
    let (sample, _) = sample.split_once("```").unwrap();
    let printed = stdout(&["explain", "2", "--epoch", "40"]).replace('\u{a0}', " ");
    assert!(printed.contains(sample), "{printed}");
}
