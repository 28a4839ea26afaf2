//! Limits, effort, rarity, tables, referrals and who is paid.

use serde_json::{Value, json};
use system_token_oracle::identity::{Members, Role};
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::weigh::{Outcome, Weights};

use crate::rule_books::{policy, weights};

const LEARNING: &str = include_str!("../../../examples/policies/learning-community.toml");
const POINTS: &str = include_str!("../../../examples/policies/points-v4.toml");
/// Monday, 2026-01-05, and Monday, 2026-05-04.
const LEARNING_START: i64 = 1_767_571_200;
const POINTS_START: i64 = 1_777_852_800;
const DAY: i64 = 86_400;
const POINT: u64 = 1_000_000;

fn event(second: i64, actor: &str, name: &str, properties: Value) -> Event {
    Event {
        at_us: second * 1_000_000,
        source: "lms".to_owned(),
        external_id: format!("{second:012}-{actor}-{name}"),
        name: name.to_owned(),
        actor: actor.to_owned(),
        properties: serde_json::from_value(properties).unwrap(),
    }
}

fn weighed(book: &Policy, events: &[Event], epoch: u64) -> (Members, Weights) {
    let mut members = Members::default();
    members.observe(events).unwrap();
    let weights = weights(book, &members, events, epoch);
    (members, weights)
}

fn points(book: &Policy, events: &[Event], who: &str, epoch: u64) -> u64 {
    let (members, weights) = weighed(book, events, epoch);
    let member = members.find("lms", who).unwrap();
    weights.pools.iter().filter_map(|pool| pool.points.get(&member)).sum()
}

#[test]
fn difficulty_comes_from_a_table_or_a_property_within_bounds() {
    let book = policy(LEARNING);
    let exercise = |level: &str| {
        let done = event(LEARNING_START, "a", "exercise_completed", json!({ "level": level }));
        points(&book, &[done], "a", 1)
    };
    let levels = ["easy", "normal", "hard", "unheard of"].map(exercise);
    assert_eq!(levels, [5, 10, 20, 10].map(|points| points * POINT));
    let product = |percent: u64| {
        let properties = json!({ "difficulty_percent": percent });
        points(&book, &[event(LEARNING_START, "a", "work_product_published", properties)], "a", 1)
    };
    // 100 × 40 % unengaged; a property says 10 % at least and 1,000 % at most
    let products = [100, 250, 0, 1_000_000].map(product);
    assert_eq!(products, [40, 100, 4, 400].map(|points| points * POINT));
}

#[test]
fn effort_is_a_power_of_minutes_up_to_a_bound() {
    let book = policy(LEARNING);
    let focus = |minutes: u64| {
        let done =
            event(LEARNING_START, "a", "focus_session_completed", json!({ "minutes": minutes }));
        points(&book, &[done], "a", 1)
    };
    // By Python's decimal: 60^0.6 and 240^0.6
    assert_eq!([focus(60), focus(240), focus(100_000)], [11_665_161, 26_799_503, 26_799_503]);
    assert_eq!(focus(0), 0);
}

#[test]
fn what_is_past_a_days_limit_says_so() {
    let book = policy(LEARNING);
    let read: Vec<_> = (0..12)
        .map(|n| event(LEARNING_START + n, "a", "section_completed", json!({})))
        .chain([event(LEARNING_START + DAY, "a", "section_completed", json!({}))])
        .collect();
    let (_, weights) = weighed(&book, &read, 1);
    let outcomes: Vec<_> = weights.contributions.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes[10..12], [Outcome::PastDailyLimit; 2]);
    // Equal ones are ranked by time: the first counts whole, and the next day's as the eleventh
    assert_eq!((outcomes[0], outcomes[9], outcomes[12]), {
        (Outcome::Counted, Outcome::Diminished, Outcome::Diminished)
    });
    // 5 × 11^-0.5, by Python
    assert_eq!(weights.contributions[12].counted, 1_507_556);
}

#[test]
fn a_referral_pays_once_the_newcomer_contributes_and_never_for_oneself() {
    let book = policy(LEARNING);
    let invited =
        |who: &str| event(LEARNING_START + 10, "a", "invite_accepted", json!({ "invited": who }));
    let section = |second: i64, who: &str| {
        event(LEARNING_START + second, who, "section_completed", json!({}))
    };
    let referral = |events: &[Event]| {
        let (_, weights) = weighed(&book, events, 1);
        weights.pools[3].points.values().sum::<u64>()
    };
    assert_eq!(referral(&[invited("b")]), 0);
    assert_eq!(
        referral(&[section(1, "b"), invited("b")]),
        0,
        "who was there already is no newcomer"
    );
    assert_eq!(referral(&[invited("b"), section(20, "b")]), 30 * POINT);
    assert_eq!(referral(&[invited("a"), section(20, "a")]), 0);
    assert_eq!(referral(&[event(LEARNING_START, "a", "invite_accepted", json!({}))]), 0);
}

#[test]
fn who_is_not_eligible_is_paid_nothing() {
    let text = LEARNING
        .replace("min_contributions = 1", "min_contributions = 2\nexcluded_roles = [\"admin\"]");
    let book = policy(&text);
    let section = |n: i64| event(LEARNING_START + n, "a", "section_completed", json!({}));
    assert_eq!(points(&book, &[section(0)], "a", 1), 0);
    let two = [section(0), section(1)];
    assert!(points(&book, &two, "a", 1) > 0);
    let mut members = Members::default();
    members.observe(&two).unwrap();
    members.grant(0, Role::Admin).unwrap();
    let weights = weights(&book, &members, &two, 1);
    assert!(weights.pools.iter().all(|pool| pool.points.is_empty()));
    assert!(weights.contributions.iter().all(|one| one.outcome == Outcome::NotEligible));
}

#[test]
fn a_stage_holds_from_its_grant_until_it_expires_or_another_is_granted() {
    let book = policy(POINTS);
    let grant = |day: i64, stage: u64, days: i64| {
        let expires = jiff::Timestamp::from_second(POINTS_START + (day + days) * DAY).unwrap();
        let properties =
            json!({ "target_author": "a", "stage": stage, "expires_at": expires.to_string() });
        event(POINTS_START + day * DAY, "council", "qualification_granted", properties)
    };
    let topic = |day: i64| event(POINTS_START + day * DAY + 60, "a", "topic_created", json!({}));
    let events = [
        topic(-3),
        grant(-2, 4, 4),
        topic(0), // at 1.0
        grant(1, 9, 1_000_000 / 86_400),
        topic(1), // at 3.5
        topic(6), // still
    ];
    let (members, weights) = weighed(&book, &events, 1);
    let member = members.find("lms", "a").unwrap();
    let own = weights.contributions.iter().filter(|one| one.member == member);
    let stages: Vec<_> = own.map(|one| one.factors.qualification).collect();
    assert_eq!(stages, [1_000_000, 3_500_000, 3_500_000]);
    // Who holds none earns nothing by these rules
    assert_eq!(points(&book, &[topic(0)], "a", 1), 0);
    let expired = [grant(-10, 4, 3), topic(0)];
    assert_eq!(points(&book, &expired, "a", 1), 0);
}

#[test]
fn what_is_seldom_done_counts_more_within_bounds() {
    let book = policy(POINTS);
    let grant = event(
        POINTS_START - 60 * DAY,
        "a",
        "qualification_granted",
        json!({ "target_author": "a", "stage": 4, "expires_at": "2027-01-01T00:00:00Z" }),
    );
    let focus =
        |second: i64| event(second, "a", "focus_session_completed", json!({ "minutes": 1 }));
    let test = |second: i64| event(second, "a", "test_passed", json!({}));
    let rarity = |focused: i64, tested: i64| {
        // Before the epoch, on days too far apart to make a streak
        let before = |n: i64| POINTS_START - 50 * DAY + n;
        let mut events = vec![grant.clone(), focus(POINTS_START)];
        events.extend((0..focused).map(|n| focus(before(n))));
        events.extend((0..tested).map(|n| test(before(1_000 + n))));
        let (_, weights) = weighed(&book, &events, 1);
        weights.contributions.last().unwrap().factors.rarity
    };
    // Nothing was done before: as rare as everything
    assert_eq!(rarity(0, 0), 1_000_000);
    // Never done, where something else was
    assert_eq!(rarity(0, 4), 3_000_000);
    // Median of 2 and 6 is 4: (4/2)^0.3 and (4/6)^0.3, by Python's decimal
    assert_eq!((rarity(2, 6), rarity(6, 2)), (1_231_144, 885_467));
    assert_eq!(rarity(1, 1_000), 3_000_000);
    assert_eq!(rarity(1_000, 1), 812_495);
}
