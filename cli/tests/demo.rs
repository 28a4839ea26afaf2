//! `stk demo` as a user runs it.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

const EVENTS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/community-2018.events.jsonl.gz");
const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/policies/contribution.toml");

fn demo(arguments: &[&str]) -> Output {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let stk = env!("CARGO_BIN_EXE_stk");
    Command::new(stk).current_dir(root).arg("demo").args(arguments).output().unwrap()
}

fn figures(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn events_text() -> String {
    let mut text = String::new();
    let file = std::fs::File::open(EVENTS).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
    text
}

/// One clear error on standard error, nothing on standard output, a failing exit code.
fn assert_fails(output: &Output, expected: &str) {
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let stderr = stderr(output);
    assert!(stderr.starts_with("stk: failed to "), "{stderr}");
    assert!(stderr.contains(expected), "{stderr}");
}

#[test]
fn an_unreadable_file_is_one_clear_error() {
    assert_fails(&demo(&["--events", "/nowhere.jsonl"]), "read the events /nowhere.jsonl: No such");
    assert_fails(&demo(&["--policy", "/nowhere.toml"]), "read the policy /nowhere.toml: No such");
    assert_fails(&demo(&["--events", "/"]), "Is a directory");
}

#[test]
fn a_truncated_gzip_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(EVENTS).unwrap();
    let half = file(&folder, "half.jsonl.gz", &whole[..whole.len() / 2]);
    assert_fails(&demo(&["--events", &half]), "half.jsonl.gz: line ");
}

#[test]
fn an_empty_file_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let empty = file(&folder, "empty.jsonl", "");
    assert_fails(&demo(&["--events", &empty]), "empty.jsonl: there is no event in it");
}

#[test]
fn an_unknown_policy_key_is_one_clear_error_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(POLICY).unwrap();
    let policy = file(&folder, "policy.toml", text.replace("length_days = 7", "lenght_days = 7"));
    let output = demo(&["--policy", &policy]);
    assert_fails(&output, "line 13");
    assert!(stderr(&output).contains("unknown field `lenght_days`"));
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    assert_eq!(demo(&["--evnets", "x"]).status.code(), Some(2));
}

#[test]
fn events_before_the_first_epoch_has_ended_are_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let first = events_text().lines().next().unwrap().to_owned();
    let events = file(&folder, "first.jsonl", first);
    let output = demo(&["--events", &events]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no epoch of examples/policies/contribution.toml has ended"));
}

#[test]
fn damaged_lines_are_named_and_counted_and_the_run_goes_on() {
    // Given the real export with two damaged lines and one that is cut off at the end
    let folder = tempfile::tempdir().unwrap();
    let text = events_text();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(1, "not json");
    lines.insert(5, r#"{"uuid":"6f1f327c-1d7b-5d36-b058-161c8f951bd0","event":"x"}"#);
    let cut = &text.lines().last().unwrap()[..40];
    lines.push(cut);
    let path = folder.path().join("damaged.jsonl.gz");
    let mut gzip = GzEncoder::new(std::fs::File::create(&path).unwrap(), Default::default());
    gzip.write_all(lines.join("\n").as_bytes()).unwrap();
    gzip.finish().unwrap();
    // When it is run
    let output = demo(&["--json", "--events", path.to_str().unwrap()]);
    // Then every damaged line is named, and the others are paid as ever
    let damaged = figures(&output);
    let whole = figures(&demo(&["--json"]));
    assert_eq!(damaged["events_rejected"], 3);
    assert_eq!(damaged["events_distinct"], 22_038);
    assert_eq!(damaged["events_read"], 22_232);
    assert_eq!(damaged["root"], whole["root"]);
    let stderr = stderr(&output);
    let named: Vec<_> = stderr.lines().map(|line| line.split(": ").next().unwrap()).collect();
    let expected = [2, 6, 22_232].map(|line| format!("damaged.jsonl.gz:{line}"));
    assert_eq!(named, expected);
    assert!(stderr.contains("it has no `distinct_id`"), "{stderr}");
}

#[test]
fn the_real_year_ends_with_allocated_equal_to_minted_equal_to_supply() {
    let output = demo(&["--json"]);
    let figures = figures(&output);
    assert_eq!(stderr(&output), "");
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert_eq!(figures["events_read"], 22_229);
    assert_eq!(figures["events_distinct"], 22_038);
    assert_eq!(figures["events_rejected"], 0);
    assert_eq!(figures["members"], 112);
    assert_eq!(figures["epochs"], 71);
    assert_eq!(figures["oracles"], 3);
    assert_eq!(figures["threshold"], 2);
    let amount = |key: &str| figures[key].as_u64().unwrap();
    // 52 weeks of 100,000 STK, then 19 of 90,000
    assert_eq!(amount("budget_base_units"), (52 * 100_000 + 19 * 90_000) * 1_000_000);
    assert_eq!(
        amount("allocated_base_units") + amount("carried_base_units"),
        amount("budget_base_units")
    );
    assert_eq!(amount("allocated_base_units"), amount("minted_base_units"));
    assert_eq!(amount("minted_base_units"), amount("supply_base_units"));
    assert_eq!(figures["root"].as_str().unwrap().len(), 64);
    assert_eq!(figures["claims"]["members_per_transaction_max"], 32);
    assert!(figures["claims"]["bytes_max"].as_u64().unwrap() <= 1_232);
    for part in ["ingest", "weigh", "attest", "claim"] {
        assert!(figures["seconds"][part].as_f64().unwrap() > 0.0, "{part}");
    }
}

#[test]
fn a_challenge_window_longer_than_an_epoch_delays_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(POLICY).unwrap();
    let slow = text.replace("challenge_hours = 48", "challenge_hours = 720");
    let policy = file(&folder, "policy.toml", slow);
    assert_eq!(
        figures(&demo(&["--json", "--policy", &policy]))["root"],
        figures(&demo(&["--json"]))["root"]
    );
}

#[test]
fn two_runs_give_the_same_root_and_the_same_amounts() {
    let [first, second] = [(); 2].map(|()| {
        let mut figures = figures(&demo(&["--json"]));
        figures.as_object_mut().unwrap().remove("seconds");
        figures
    });
    assert_eq!(first, second);
}

#[test]
fn the_order_of_the_lines_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let text = events_text();
    let backwards: Vec<_> = text.lines().rev().collect();
    let events = file(&folder, "backwards.jsonl", backwards.join("\n"));
    let backwards = figures(&demo(&["--json", "--events", &events]));
    assert_eq!(backwards["root"], figures(&demo(&["--json"]))["root"]);
}

#[test]
fn the_table_for_people() {
    let output = demo(&[]);
    assert!(output.status.success());
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let output = demo(&[]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(readme.contains(printed.trim_end()), "the README's output is not this:\n{printed}");
}
