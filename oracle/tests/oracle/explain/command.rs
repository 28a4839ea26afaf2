//! `stk-oracle explain` as who runs an oracle runs it.

use system_token_oracle::explain::Explanation;

use crate::policy::{Home, preset};

#[test]
fn what_cannot_be_explained_is_one_clear_error() {
    let home = Home::with_export();
    let policy = preset("contribution");
    for (arguments, expected) in [
        (["explain", "2", "--epoch", "0", "--policy", &policy], "there is no epoch 0 to explain"),
        (["explain", "nobody", "--epoch", "3", "--policy", &policy], "`nobody` names no member"),
        (["explain", "9999", "--epoch", "3", "--policy", &policy], "there is no member 9999"),
        (
            ["explain", "posthog:nobody", "--epoch", "3", "--policy", &policy],
            "nobody is known as nobody in the source posthog",
        ),
        (["explain", "2", "--epoch", "3", "--policy", "none.toml"], "the policy none.toml"),
    ] {
        let error = home.run_badly(&arguments);
        assert!(error.contains(expected), "{error}");
    }
    let error = home.run_badly(&["explain", "2", "--epoch", "3"]);
    assert!(error.contains("there is no policy"), "{error}");
    let german = home.run(&["explain", "2", "--epoch", "3", "--lang", "de"]);
    assert_eq!(german.status.code(), Some(2));
}

#[test]
fn the_log_explains_what_the_replay_pays() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let replayed = home.json(&["replay", "--from", "40", "--to", "40", "--policy", &policy]);
    let members = replayed["epochs"][0]["members"].as_u64().unwrap();
    let mut granted = 0;
    for member in 0..members {
        let member = member.to_string();
        let explained = home.json(&["explain", &member, "--epoch", "40", "--policy", &policy]);
        let explanation: Explanation = serde_json::from_value(explained).unwrap();
        explanation.check().unwrap();
        granted += explanation.payment.granted_base_units;
    }
    assert_eq!(Some(granted), replayed["epochs"][0]["granted"].as_u64());
    assert!(granted > 0);
    // Under its id a member is the same, and no id is printed.
    let by_id = ["explain", "posthog:member-9d11926144", "--epoch", "40", "--policy", &policy];
    let text = home.run_well(&by_id);
    assert!(text.starts_with("Member ") && !text.contains("member-9d11926144"), "{text}");
    let russian = home.run_well(&[&by_id[..], &["--lang", "ru"]].concat());
    assert!(russian.starts_with("Участник "), "{russian}");
}
