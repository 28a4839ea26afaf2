//! What counts nothing and what is owed, as it comes about.

use serde_json::json;
use system_token_oracle::explain::Explanation;
use system_token_oracle::identity::Role;
use system_token_oracle::language::Language;
use system_token_oracle::weigh::Outcome;

use super::community::{Community, DAY_US, HOUR_US};

const LEARNING: &str = include_str!("../../../../examples/policies/learning-community.toml");
const WEEK_US: i64 = 7 * DAY_US;

fn outcomes(explanation: &Explanation) -> Vec<Outcome> {
    let kinds = explanation.pools.iter().flat_map(|pool| &pool.kinds);
    kinds.flat_map(|kind| &kind.contributions).map(|one| one.outcome).collect()
}

#[test]
fn what_counts_nothing_is_shown_with_its_reason() {
    let mut club = Community::new(LEARNING);
    club.does(0, "master", "$login", json!({}));
    club.gives_role("master", Role::Master);
    let of = |author: &str, target: &str| json!({ "artifact": format!("re:{target}"), "target": target, "target_author": author });
    // Nobody who is trusted knows the stranger, who brings somebody who does nothing.
    club.does(HOUR_US, "stranger", "topic_created", json!({ "artifact": "topic:1" }));
    club.does(2 * HOUR_US, "stranger", "post_created", of("master", "topic:0"));
    club.does(3 * HOUR_US, "stranger", "invite_accepted", json!({ "invited": "guest" }));
    club.does(4 * HOUR_US, "guest", "$login", json!({}));
    club.does(5 * HOUR_US, "stranger", "exercise_completed", json!({ "artifact": "exercise:1" }));
    club.does(6 * HOUR_US, "stranger", "artifact_withdrawn", json!({ "target": "exercise:1" }));
    for hour in 7..18 {
        club.does(hour * HOUR_US, "stranger", "section_completed", json!({}));
    }
    let explanation = club.explain("stranger", 1);
    let outcomes = outcomes(&explanation);
    for outcome in [
        Outcome::Untrusted,
        Outcome::Worthless,
        Outcome::NewcomerHasNotContributed,
        Outcome::Withdrawn,
        Outcome::Counted,
        Outcome::Diminished,
        Outcome::PastDailyLimit,
    ] {
        assert!(outcomes.contains(&outcome), "{outcome:?} is not among {outcomes:?}");
    }
    for language in Language::ALL {
        let text = explanation.to_text(language, Default::default()).unwrap();
        insta::assert_snapshot!(format!("unpaid_{language}"), text);
    }
}

#[test]
fn what_was_granted_too_much_is_owed_and_made_up_for() {
    let mut club = Community::new(LEARNING);
    club.does(HOUR_US, "anna", "course_completed", json!({ "artifact": "course:1" }));
    club.does(HOUR_US, "boris", "course_completed", json!({ "artifact": "course:2" }));
    club.does(WEEK_US + HOUR_US, "anna", "artifact_withdrawn", json!({ "target": "course:1" }));
    club.does(2 * WEEK_US + HOUR_US, "anna", "exercise_completed", json!({}));
    club.does(3 * WEEK_US + HOUR_US, "anna", "course_completed", json!({ "artifact": "course:3" }));
    let weeks = [1, 2, 3, 4].map(|epoch| club.explain("anna", epoch));
    let owed = weeks.each_ref().map(|week| week.pools[0].owed_micro_points);
    assert_eq!(owed, [0, 100_000_000, 90_000_000, 0]);
    // No total falls: what is owed is made up for by what comes.
    let totals = weeks.each_ref().map(|week| week.payment.total_after_base_units);
    assert!(totals.is_sorted() && totals[0] > 0 && totals[2] == totals[0] && totals[3] > totals[2]);
    for language in Language::ALL {
        let texts = weeks[1..].iter().map(|week| week.to_text(language, Default::default()));
        let texts: Vec<_> = texts.map(Result::unwrap).collect();
        insta::assert_snapshot!(format!("owed_{language}"), texts.join("\n"));
    }
}

#[test]
fn who_is_paid_to_another_wallet_is_told_whose() {
    let mut club = Community::new(LEARNING);
    club.does(HOUR_US, "anna", "course_completed", json!({}));
    club.does(HOUR_US, "bot", "agent_published", json!({ "artifact": "agent:1" }));
    club.belongs_to("bot", "anna");
    let explanation = club.explain("bot", 1);
    assert_eq!(explanation.paid_to, Some(club.member("anna")));
    let text = explanation.to_text(Language::En, Default::default()).unwrap();
    assert!(text.contains("What it earns is paid to the wallet of member 0."), "{text}");
}
