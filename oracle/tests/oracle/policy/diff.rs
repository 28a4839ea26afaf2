//! `stk-oracle policy diff`: on the real export.

use serde_json::Value;

use super::{Home, preset};
use crate::rule_books::CONTRIBUTION;

fn amount(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let home = Home::with_export();
    home.write("a.toml", CONTRIBUTION);
    home.write("longer.toml", CONTRIBUTION.replace("length_days = 7", "length_days = 14"));
    let diff = |others: &str, more: &[&str]| {
        home.run_badly(&[&["policy", "diff", "a.toml", others], more].concat())
    };
    let error = diff("longer.toml", &["--epoch", "10"]);
    assert!(error.contains("has other epochs or another token"), "{error}");
    let error = diff("a.toml", &["--epoch", "1000000"]);
    assert!(error.contains("epoch 1000000 has not ended: the last one that has is "), "{error}");
    for last in ["0", "11"] {
        let error = diff("a.toml", &["--epoch", "10", "--last", last]);
        assert!(error.contains("--last must be between 1 and --epoch, which is 10"), "{error}");
    }
    // Nobody has delivered anything yet
    let home = Home::new();
    home.write("a.toml", CONTRIBUTION);
    let error = home.run_badly(&["policy", "diff", "a.toml", "a.toml", "--epoch", "1"]);
    assert!(error.contains("failed to open the database"), "{error}");
    assert!(!home.path("stk-oracle.db").exists() && !home.path("stk-oracle-data").exists());
}

#[test]
fn rules_compared_with_themselves_change_nothing() {
    let home = Home::with_export();
    let policy = preset("contribution");
    let diff = home.json(&["policy", "diff", &policy, &policy, "--epoch", "40", "--last", "4"]);
    assert_eq!((&diff["gaining"], &diff["losing"]), (&0.into(), &0.into()));
    assert_eq!(diff["granted"]["change"], 0);
    assert!(diff["members"].as_array().unwrap().iter().all(|member| member["change"] == 0));
}

#[test]
fn a_doubled_base_moves_its_pool_toward_those_who_do_it() {
    let home = Home::with_export();
    // Given that pools pay all they have, and that a review is worth 40 points instead of 20
    let limit = CONTRIBUTION.lines().find(|line| line.starts_with("tokens_per_point_limit"));
    let rules = CONTRIBUTION.replacen(limit.unwrap(), "", 1);
    let review = "event = \"review_submitted\"\npool = \"community\"\nbase = 20";
    assert!(rules.contains(review));
    let others = rules.replacen(review, &review.replace("20", "40"), 1);
    let others = others.replacen("version = 2", "version = 3", 1);
    let (rules, others) = (home.write("rules.toml", rules), home.write("others.toml", others));
    let diff = ["policy", "diff", rules, others, "--epoch", "60", "--last", "4"];
    let json = home.json(&diff);
    // Then the pools grant what they did, for a budget is shared
    for pool in ["personal", "community", "world"] {
        let pool = &json["pools"][pool];
        assert_eq!(pool["change"], 0, "{pool}");
        assert!(amount(&pool["before"]) > 0);
    }
    // And inside of the community's some gain what others lose, and nobody in another pool
    let members = json["members"].as_array().unwrap();
    let change = |value: &Value| value["change"].as_i64().unwrap();
    assert_eq!(members.iter().map(change).sum::<i64>(), 0);
    assert!(json["gaining"].as_u64() > Some(2) && json["losing"].as_u64() > Some(2), "{json}");
    for member in members {
        let of_pool = |pool: &str| member["pools"].get(pool).map_or(0, change);
        assert_eq!((of_pool("personal"), of_pool("world")), (0, 0), "{member}");
        assert_eq!(of_pool("community"), change(member));
        assert_eq!(
            change(member),
            member["after"].as_i64().unwrap() - member["before"].as_i64().unwrap()
        );
    }
    assert!(members.is_sorted_by(|a, b| change(a) >= change(b)));
    // Ranks go by amounts
    let first = members.iter().find(|member| member["rank_before"] == 1).unwrap();
    assert!(members.iter().all(|member| amount(&member["before"]) <= amount(&first["before"])));
    // People read the same
    let text = home.run_well(&diff);
    assert!(text.starts_with("Epochs 57 to 60, STK: before by \"Contribution in"), "{text}");
    let sums = format!(
        "{} members gain, {} lose, {} are granted the same.",
        json["gaining"],
        json["losing"],
        members.len() as u64 - amount(&json["gaining"]) - amount(&json["losing"])
    );
    assert!(text.contains(&sums), "{sums}\n{text}");
}

#[test]
fn rules_are_replaced_from_an_epoch_on() {
    let home = Home::with_export();
    let rules = preset("contribution");
    let halved = CONTRIBUTION.replace("budget = 100_000 ", "budget = 50_000 ");
    assert!(halved != CONTRIBUTION);
    home.write("halved.toml", halved.replacen("version = 2", "version = 3", 1));
    let diff = |epoch: &str, last: &str| {
        let command = ["policy", "diff", &rules, "halved.toml", "--epoch", epoch, "--last", last];
        home.json(&command)
    };
    let part = diff("45", "6");
    assert_eq!((&part["from_epoch"], &part["to_epoch"]), (&40.into(), &45.into()));
    let (before, after) = (amount(&part["budget"]["before"]), amount(&part["budget"]["after"]));
    assert_eq!((before, after), (600_000_000_000, 300_000_000_000));
    // From the beginning on, what is before is what the rules granted
    let whole = diff("45", "45");
    let replay = home.json(&["replay", "--policy", &rules, "--to", "45"]);
    let granted =
        replay["epochs"].as_array().unwrap().iter().map(|epoch| amount(&epoch["granted"]));
    assert_eq!(amount(&whole["granted"]["before"]), granted.sum::<u64>());
    // And everybody is a newcomer, where some were paid before in the part
    assert_eq!(whole["newcomers"], whole["granted"]);
    let newcomers = part["members"].as_array().unwrap().iter();
    let newcomers = newcomers.filter(|member| member["newcomer"] == true);
    let of_newcomers = amount(&part["newcomers"]["before"]);
    assert_eq!(newcomers.map(|member| amount(&member["before"])).sum::<u64>(), of_newcomers);
    assert!(0 < of_newcomers && of_newcomers < amount(&part["granted"]["before"]), "{part}");
}
