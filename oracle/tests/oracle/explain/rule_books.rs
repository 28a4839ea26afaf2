//! What only other rule books have: rewards that are held, caps, streaks, stages, fixed rates.

use serde_json::json;
use system_token_oracle::explain::{Exclusion, Explanation, Method};
use system_token_oracle::identity::Role;
use system_token_oracle::language::Language;
use system_token_oracle::weigh::Outcome;

use super::community::{Community, DAY_US, HOUR_US, changed};

const LEARNING: &str = include_str!("../../../../examples/policies/learning-community.toml");
const STK_V3: &str = include_str!("../../../../examples/policies/stk-v3.toml");
const POINTS_V4: &str = include_str!("../../../../examples/policies/points-v4.toml");

/// A learner whose project is held, whose review of another's work matures, and is cancelled.
pub(super) fn learning() -> Community {
    let mut club = Community::new(LEARNING);
    club.does(0, "master", "$login", json!({}));
    club.gives_role("master", Role::Master);
    let of = |author: &str, target: &str| json!({ "target": target, "target_author": author });
    club.does(HOUR_US, "anna", "topic_created", json!({ "artifact": "topic:1" }));
    club.does(2 * HOUR_US, "master", "post_liked", of("anna", "topic:1"));
    club.does(3 * HOUR_US, "boris", "topic_created", json!({ "artifact": "topic:2" }));
    for (place, work) in ["review:1", "review:2"].into_iter().enumerate() {
        let at_us = (4 + i64::try_from(place).unwrap()) * HOUR_US;
        let review = json!({ "artifact": work, "target": "topic:2", "target_author": "boris" });
        club.does(at_us, "anna", "review_submitted", review);
    }
    club.does(DAY_US, "anna", "project_completed", json!({ "artifact": "project:1" }));
    club.does(DAY_US + HOUR_US, "anna", "$pageview", json!({}));
    club.does(DAY_US + 2 * HOUR_US, "anna", "post_liked", of("boris", "topic:2"));
    let withdrawn = json!({ "target": "review:2" });
    club.does(29 * DAY_US, "anna", "artifact_withdrawn", withdrawn);
    club.does(29 * DAY_US + HOUR_US, "anna", "exercise_completed", json!({ "level": "hard" }));
    club
}

/// A master's day by the points rules: 28 days in a row before it, and more than its caps.
pub(super) fn points() -> Community {
    let mut club = Community::new(POINTS_V4);
    club.does(0, "vera", "$login", json!({}));
    club.grants(0, "vera", 9);
    for day in 0..28 {
        club.does(day * DAY_US + HOUR_US, "vera", "pack_updated", json!({}));
    }
    let day_us = 28 * DAY_US;
    let mut hour = 0;
    let mut does = |name: &str, times: u32| {
        for _ in 0..times {
            hour += 1;
            club.does(day_us + hour * HOUR_US / 2, "vera", name, json!({ "minutes": 25 }));
        }
    };
    for (name, times) in [
        ("lesson_completed", 3),
        ("self_development_slot_completed", 2),
        ("content_published", 1),
        ("coding_hour_completed", 1),
        ("knowledge_extracted", 1),
        ("work_product_published", 1),
        ("distinction_added", 2),
        ("focus_session_completed", 1),
    ] {
        does(name, times);
    }
    club.does(day_us + 20 * HOUR_US, "pavel", "topic_created", json!({ "artifact": "topic:9" }));
    let reply = json!({ "artifact": "post:1", "target": "vera:1", "target_author": "vera" });
    club.does(day_us + 21 * HOUR_US, "pavel", "post_created", reply);
    club
}

/// The published week of 960 points at qualification 1.5, in the fourth week in a row.
pub(super) fn weeks() -> Community {
    let mut club = Community::new(STK_V3);
    club.does(0, "olga", "$login", json!({}));
    club.grants(0, "olga", 2);
    for week in 0..3 {
        club.does(week * 7 * DAY_US + HOUR_US, "olga", "section_completed", json!({}));
    }
    let week_us = 21 * DAY_US;
    // 6 exercises, of which 5 count on a day, 8 sections, and 6 likes: 500 + 400 + 60
    for exercise in 0..6 {
        club.does(week_us + exercise * HOUR_US, "olga", "exercise_completed", json!({}));
    }
    for section in 0..8 {
        let at_us = week_us + section * DAY_US / 2 + HOUR_US;
        club.does(at_us, "olga", "section_completed", json!({}));
    }
    for like in 0..6 {
        let of = json!({ "target": format!("post:{like}"), "target_author": "petr" });
        club.does(week_us + like * DAY_US + HOUR_US, "olga", "post_liked", of);
    }
    club.does(week_us, "petr", "$login", json!({}));
    club
}

#[test]
fn rewards_that_are_held_are_said_to_be_and_so_is_what_became_of_them() {
    let club = learning();
    let first = club.explain("anna", 1);
    assert!(first.payment.held_base_units > 0);
    let fifth = club.explain("anna", 5);
    assert_eq!(fifth.matured.len(), 1);
    assert_eq!(fifth.cancelled.len(), 1);
    assert_eq!(fifth.cancelled[0].artifact.as_deref(), Some("review:2"));
    for (name, explanation) in [("held", first), ("matured", fifth)] {
        for language in Language::ALL {
            let text = explanation.to_text(language, Default::default()).unwrap();
            insta::assert_snapshot!(format!("{name}_{language}"), text);
        }
    }
}

#[test]
fn caps_streaks_and_stages_are_shown_step_by_step() {
    let explanation = points().explain("vera", 5);
    let pool = &explanation.pools[0];
    assert!(matches!(pool.split.method, Method::Rate { .. }));
    let kinds = pool.kinds.iter().flat_map(|kind| &kind.contributions);
    let outcomes: Vec<_> = kinds.map(|one| one.outcome).collect();
    for outcome in [Outcome::Counted, Outcome::PastDailyLimit, Outcome::PastDayCap] {
        assert!(outcomes.contains(&outcome), "{outcome:?}");
    }
    for language in Language::ALL {
        let text = explanation.to_text(language, Default::default()).unwrap();
        insta::assert_snapshot!(format!("points_{language}"), text);
    }
}

#[test]
fn the_published_week_is_explained_down_to_its_amount() {
    let explanation = weeks().explain("olga", 4);
    assert_eq!(explanation.payment.paid_base_units, 1_584_000_000);
    insta::assert_snapshot!(
        "published_week",
        explanation.to_text(Language::En, Default::default()).unwrap()
    );
}

#[test]
fn a_rate_that_the_pool_cannot_pay_is_scaled_down_and_a_cap_is_shown() {
    let scaled = changed(STK_V3, &[("budget = 9_589_041", "budget = 100")]);
    let exercises = |rules: &str, who: &[&str]| {
        let mut club = Community::new(rules);
        for (hour, who) in (0..).zip(who) {
            club.does(hour * 8 * HOUR_US, who, "exercise_completed", json!({}));
        }
        club
    };
    let one = exercises(&scaled, &["a", "b", "c"]).explain("b", 1);
    assert!(matches!(one.pools[0].split.method, Method::Proportion { rate: Some(_), .. }));
    let capped = changed(&scaled, &[("member_cap_percent = 100", "member_cap_percent = 33")]);
    let club = exercises(&capped, &["a", "a", "a", "a", "a", "b", "b", "b", "c", "d"]);
    let at_cap = club.explain("b", 1);
    assert!(matches!(at_cap.pools[0].split.method, Method::Cap { .. }), "{at_cap:?}");
    let other = club.explain("d", 1);
    let Method::Proportion { proportion, .. } = &other.pools[0].split.method else {
        panic!("{other:?}");
    };
    assert_eq!(proportion.capped.unwrap().members, 2);
    for language in Language::ALL {
        let text = |one: &Explanation| one.to_text(language, Default::default()).unwrap();
        let texts = [&one, &at_cap, &other].map(text);
        insta::assert_snapshot!(format!("scaled_{language}"), texts.join("\n"));
    }
}

#[test]
fn who_is_not_paid_is_told_why() {
    let rules = changed(
        LEARNING,
        &[("min_contributions = 1", "min_contributions = 3\nexcluded_roles = [\"curator\"]")],
    );
    let mut club = Community::new(&rules);
    for who in ["few", "curator"] {
        club.does(HOUR_US, who, "course_completed", json!({}));
    }
    club.gives_role("curator", Role::Curator);
    let few = club.explain("few", 1);
    assert_eq!(few.exclusion, Some(Exclusion::TooFew { made: 1, needed: 3 }));
    let curator = club.explain("curator", 1);
    assert_eq!(curator.exclusion, Some(Exclusion::Role { role: Role::Curator }));
    for language in Language::ALL {
        let texts = [&few, &curator].map(|one| one.to_text(language, Default::default()).unwrap());
        insta::assert_snapshot!(format!("not_paid_{language}"), texts.join("\n"));
    }
}

#[test]
fn what_is_no_contribution_is_counted_and_said_why() {
    let mut club = Community::new(LEARNING);
    let of = |author: &str| json!({ "artifact": "p", "target": "t", "target_author": author });
    club.does(0, "other", "$login", json!({}));
    for _ in 0..21 {
        club.does(HOUR_US, "anna", "$pageview", json!({}));
    }
    club.does(2 * HOUR_US, "anna", "post_liked", of("other"));
    club.does(3 * HOUR_US, "anna", "post_created", of("anna"));
    club.does(4 * HOUR_US, "anna", "artifact_withdrawn", json!({ "target": "t" }));
    club.does(5 * HOUR_US, "anna", "reaction_added", json!({}));
    let explanation = club.explain("anna", 1);
    assert_eq!(explanation.events.all, 25);
    for language in Language::ALL {
        let text = explanation.to_text(language, Default::default()).unwrap();
        insta::assert_snapshot!(format!("presence_{language}"), text);
    }
}
