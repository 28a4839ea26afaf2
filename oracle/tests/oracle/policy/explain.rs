//! `stk-oracle policy explain`.

use std::collections::BTreeSet;

use super::{Home, PRESETS, preset};

#[test]
fn an_unknown_language_is_refused() {
    let output = Home::new().run(&["policy", "explain", &preset("stk-v3"), "--lang", "de"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("there are no texts in the language \"de\": use en or ru"), "{error}");
}

#[test]
fn what_is_no_rule_book_is_not_explained() {
    let home = Home::new();
    home.write("policy.toml", "version = 1\n");
    let error = home.run_badly(&["policy", "explain", "policy.toml"]);
    assert!(error.contains("failed to read the policy policy.toml: "), "{error}");
}

#[test]
fn both_languages_say_the_same_things() {
    let ids = |text: &'static str| -> BTreeSet<&str> {
        let lines = text.lines().filter(|line| !line.starts_with([' ', '}', '#']));
        lines.filter_map(|line| line.split_once(" = ")).map(|(id, _)| id).collect()
    };
    let variables = |text: &'static str| -> Vec<BTreeSet<&str>> {
        // The variables of each message, in the order of the file
        let messages = text.split("\n\n").flat_map(|part| part.split("\n}\n")).flat_map(str::lines);
        let mut all: Vec<BTreeSet<&str>> = Vec::new();
        for line in messages {
            if !line.starts_with([' ', '}', '#']) && line.contains(" = ") {
                all.push(BTreeSet::new());
            }
            let names = line.split('$').skip(1);
            let name = |after: &'static str| after.split([' ', '}']).next().unwrap();
            if let Some(last) = all.last_mut() {
                last.extend(names.map(name));
            }
        }
        all
    };
    let (en, ru) = (
        include_str!("../../../locales/en/policy.ftl"),
        include_str!("../../../locales/ru/policy.ftl"),
    );
    assert_eq!(ids(en), ids(ru));
    assert!(ids(en).len() > 60);
    assert_eq!(variables(en), variables(ru));
}

#[test]
fn the_presets_are_said_in_both_languages() {
    let home = Home::new();
    for name in PRESETS {
        for language in ["en", "ru"] {
            let said = home.run_well(&["policy", "explain", &preset(name), "--lang", language]);
            // Nothing is missing: Fluent would name it in braces
            assert!(!said.contains(['{', '}']), "{said}");
            insta::assert_snapshot!(format!("{name}_{language}"), said);
        }
    }
}
