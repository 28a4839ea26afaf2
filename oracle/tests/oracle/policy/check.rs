//! `stk-oracle policy check`.

use super::{Home, PRESETS, preset};
use crate::rule_books::{CONTRIBUTION, VERSION_1};

/// What is said of a text as a rule book, line by line.
fn said(text: &str) -> Vec<String> {
    let home = Home::new();
    home.write("policy.toml", text);
    let output = home.run(&["policy", "check", "policy.toml"]);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The example with something else in one place.
fn changed(from: &str, to: &str) -> String {
    assert!(CONTRIBUTION.contains(from), "{from}");
    CONTRIBUTION.replacen(from, to, 1)
}

fn line_of(text: &str, part: &str) -> usize {
    text.split(part).next().unwrap().matches('\n').count() + 1
}

#[test]
fn what_is_wrong_is_named_with_line_and_key_and_the_command_fails() {
    let home = Home::new();
    let text = changed("length_days = 7", "length_days = 0");
    home.write("value.toml", &text);
    home.write("key.toml", changed("length_days = 7", "lenght_days = 7"));
    home.write("good.toml", CONTRIBUTION);
    let files = ["good.toml", "value.toml", "key.toml"];
    let output = home.run(&[&["policy", "check"], files.as_slice()].concat());
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "stk-oracle: 2 of 3 files cannot be used as a policy\n");
    let said = String::from_utf8(output.stdout).unwrap();
    let line = line_of(&text, "length_days");
    let value = format!("value.toml: line {line}: epoch.length_days: must be between 1 and 366\n");
    assert!(said.contains(&value), "{said}");
    assert!(
        said.contains(&format!("key.toml: line {line}: unknown field `lenght_days`")),
        "{said}"
    );
    assert!(
        said.starts_with("good.toml: ok: Contribution in an engineering community, version 2\n")
    );
    // And for programs
    let output = home.run(&[&["--output", "json", "policy", "check"], files.as_slice()].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |file: usize, pointer: &str| json["files"][file].pointer(pointer).unwrap().clone();
    assert_eq!(
        (of(0, "/ok"), of(1, "/ok"), of(2, "/ok")),
        (true.into(), false.into(), false.into())
    );
    assert_eq!(of(1, "/error/line"), line);
    assert_eq!(of(1, "/error/key"), "epoch.length_days");
    assert_eq!(of(1, "/error/problem"), "must be between 1 and 366");
    assert_eq!(of(2, "/error/line"), line);
    assert_eq!(of(0, "/version"), 2);
    assert_eq!(of(0, "/sha256").as_str().unwrap().len(), 64);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Home::new().run_badly(&["policy", "check", "nowhere.toml"]);
    assert!(error.contains("failed to read the policy nowhere.toml: No such file"), "{error}");
}

#[test]
fn the_presets_are_right_and_nothing_in_them_is_surely_not_meant() {
    let home = Home::new();
    for name in PRESETS {
        let said = home.run_well(&["policy", "check", &preset(name)]);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(".toml: ok: "), "{said}");
    }
}

#[test]
fn what_is_surely_not_meant_is_warned_of() {
    for (from, to, expected) in [
        (
            "[[withdrawal]]",
            "[[pool]]\nname = \"none\"\nshare_percent = 0\n\n[[withdrawal]]",
            "pool.none: no kind is paid from it",
        ),
        (
            "member_cap_percent = 100",
            "member_cap_percent = 25",
            "allocation.member_cap_percent: a cap",
        ),
        (
            "[[kind]]\nname = \"review\"",
            "[[kind]]\nname = \"answer\"\nevent = \"review_submitted\"\npool = \"community\"\n\
             base = 1\nunengaged_percent = 0\n\n[[kind]]\nname = \"review\"",
            "kind.review: no event is ever one: an event is of the first kind that it fits, and all of \
             these fit `answer`",
        ),
        (
            "unengaged_percent = 0\ncapacity = 4_000",
            "unengaged_percent = 10",
            "kind.comment.unengaged_percent: it pays for each answer to others",
        ),
        ("reuse = true\n", "", "reuse: no signal has `reuse = true`"),
    ] {
        let text = changed(from, to);
        let said = said(&text);
        assert_eq!(said.len(), 2, "{said:?}");
        let key = expected.split(':').next().unwrap();
        assert!(said[1].starts_with("policy.toml: warning: line "), "{said:?}");
        assert!(said[1].contains(expected), "{key}: {said:?}");
    }
    let without_trust = CONTRIBUTION.replace("\ntrust = 1", "").replace("\ntrust = 2", "");
    let said_of = said(&without_trust.replace("\ntrust = 3", ""));
    assert!(said_of[1].contains(": trust: no signal has `trust` above 0"), "{said_of:?}");
    let held = changed("base = 100\n", "base = 100\nholding_days = 30\n");
    // The example ends with its withdrawals
    let said_of = said(held.split("[[withdrawal]]").next().unwrap());
    assert!(said_of[1].contains("kind.work_accepted.holding_days: nothing can be"), "{said_of:?}");
}

#[test]
fn the_log_says_what_never_came_and_whom_nobody_knows() {
    let home = Home::with_export();
    home.write("good.toml", CONTRIBUTION);
    let check = |file: &str| home.run_well(&["policy", "check", "--log", file]);
    let said = check("good.toml");
    // The export has no withdrawals or assessments, which is not said, and everything else
    assert_eq!(said.lines().count(), 1, "{said}");
    let text = CONTRIBUTION
        .replace("posthog:member-10d4948c70", "posthog:nobody")
        .replace("event = \"issue_opened\"", "event = \"issue_opend\"")
        .replace("\"approved\", \"changes_requested\", \"commented\"", "\"fine\"");
    let text = format!("sources = [\"posthog\", \"club\"]\n{text}");
    home.write("typos.toml", text);
    let said = check("typos.toml");
    for expected in [
        "sources: no event came from `club`",
        "trust.seeds: nobody is known as `posthog:nobody`",
        "kind.problem_raised.event: no event `issue_opend` ever came",
        "kind.review.where: of all events `review_submitted` none ever fitted",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(said.lines().count(), 5, "{said}");
}

#[test]
fn rules_from_before_there_was_trust_are_warned_of_their_cap() {
    let said = said(VERSION_1);
    assert!(
        said.iter().any(|line| line.contains("member_cap_percent: a cap below 100")),
        "{said:?}"
    );
}
