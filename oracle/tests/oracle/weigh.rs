//! What counts and what does not.

use serde_json::{Value, json};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::weigh::Weights;

use crate::real_export;
use crate::rule_books::{self, CONTRIBUTION, START_US, VERSION_1, policy};

const PERSONAL: usize = 0;
const COMMUNITY: usize = 1;
const WORLD: usize = 2;
/// A point, in millionths.
const POINT: u64 = 1_000_000;

/// Events in the order of their times, one a second.
fn events(list: &[(&str, &str, Value)]) -> Vec<Event> {
    (0u32..)
        .zip(list)
        .map(|(i, (actor, name, properties))| Event {
            at_us: START_US + i64::from(i) * 1_000_000,
            source: "posthog".to_owned(),
            external_id: format!("{i:08}"),
            name: (*name).to_owned(),
            actor: (*actor).to_owned(),
            properties: serde_json::from_value(properties.clone()).unwrap(),
        })
        .collect()
}

fn weighed(events: &[Event]) -> (Members, Weights) {
    let mut members = Members::default();
    members.observe(events).unwrap();
    let weights = rule_books::weights(&policy(VERSION_1), &members, events, 1);
    (members, weights)
}

/// A member's points in a pool.
fn points(list: &[(&str, &str, Value)], member: &str, pool: usize) -> u64 {
    let (members, weights) = weighed(&events(list));
    let index = members.find("posthog", member).unwrap();
    weights.pools[pool].points.get(&index).copied().unwrap_or_default()
}

fn merged(artifact: &str, additions: u64) -> Value {
    json!({ "artifact": artifact, "additions": additions, "deletions": 0 })
}

fn toward(target: &str, author: &str) -> Value {
    json!({ "target": target, "target_author": author, "reaction": "heart", "artifact": "x" })
}

#[test]
fn presence_is_not_paid() {
    let visits: Vec<_> = (0..1_000).map(|_| ("a", "$pageview", json!({}))).collect();
    let (_, weights) = weighed(&events(&visits));
    assert!(weights.contributions.is_empty());
    assert!(weights.pools.iter().all(|pool| pool.points.is_empty()));
}

#[test]
fn conditions_decide_whether_an_event_counts() {
    let review = |verdict: &str| {
        let properties =
            json!({ "verdict": verdict, "artifact": "r", "target": "p", "target_author": "b" });
        points(&[("a", "review_submitted", properties)], "a", COMMUNITY)
    };
    assert_eq!(review("dismissed"), 0);
    assert_eq!(review("approved"), 20 * POINT);
}

#[test]
fn words_to_oneself_do_not_count() {
    let comment = |author: &str| {
        let properties = json!({ "artifact": "c", "target": "t", "target_author": author });
        points(&[("a", "comment_created", properties)], "a", COMMUNITY)
    };
    assert_eq!(comment("a"), 0);
    assert_eq!(comment("b"), 4 * POINT);
}

#[test]
fn difficulty_goes_by_brackets_of_size() {
    for (additions, percent) in [(0, 50), (9, 50), (10, 100), (50, 150), (999, 200), (25_000, 250)]
    {
        let list = [("a", "pull_merged", merged("p", additions))];
        assert_eq!(points(&list, "a", WORLD), percent * POINT, "{additions} additions");
    }
}

#[test]
fn own_reactions_lift_nobody() {
    let alone = [("a", "pull_merged", merged("p", 10))];
    let own = [alone[0].clone(), ("a", "reaction_added", toward("p", "a"))];
    assert_eq!(points(&own, "a", WORLD), points(&alone, "a", WORLD));
}

#[test]
fn one_person_engages_with_a_contribution_once_with_the_strongest_signal() {
    let merge = ("a", "pull_merged", merged("p", 10));
    let heart = ("b", "reaction_added", toward("p", "a"));
    let reference = ("b", "reference_created", toward("p", "a"));
    // E = 1: 100 × (1 + 1/(1 + 4))
    assert_eq!(points(&[merge.clone(), heart.clone()], "a", WORLD), 120 * POINT);
    let hearts = [merge.clone(), heart.clone(), heart.clone(), heart.clone()];
    assert_eq!(points(&hearts, "a", WORLD), 120 * POINT);
    // E = 3: 100 × (1 + 3/(3 + 4)), a factor of 1.428571
    let both = [merge, heart, reference];
    assert_eq!(points(&both, "a", WORLD), 142_857_100);
}

#[test]
fn two_friends_cannot_lift_each_other_without_end() {
    // Given b, who engages with four works of a's, against four people who engage with one each
    let works = ["p", "q", "r", "s"];
    let merges = works.map(|work| ("a", "pull_merged", merged(work, 10)));
    let by_one = works.map(|work| ("b", "reaction_added", toward(work, "a")));
    let people = ["b", "c", "d", "e"];
    let by_many = [0, 1, 2, 3].map(|i| (people[i], "reaction_added", toward(works[i], "a")));
    let one = points(&[merges.as_slice(), &by_one].concat(), "a", WORLD);
    let many = points(&[merges.as_slice(), &by_many].concat(), "a", WORLD);
    let none = points(&merges, "a", WORLD);
    assert!(none < one && one < many, "{none} {one} {many}");
}

#[test]
fn more_of_the_same_counts_less_and_past_the_limit_nothing() {
    let proposals = |count: usize| {
        let list: Vec<_> =
            (0..count).map(|i| ("a", "pull_opened", merged(&format!("p{i}"), 10))).collect();
        points(&list, "a", PERSONAL)
    };
    assert_eq!(proposals(1), 20 * POINT);
    // 20 × 2^-0.5 and 20 × 4^-0.5
    assert_eq!(proposals(2) - proposals(1), 14_142_135);
    assert_eq!(proposals(4) - proposals(3), 10 * POINT);
    assert!(proposals(20) > proposals(19));
    assert_eq!(proposals(21), proposals(20));
    assert_eq!(proposals(200), proposals(20));
}

#[test]
fn the_best_contributions_are_the_ones_that_count_whole() {
    let small_first =
        [("a", "pull_opened", merged("small", 0)), ("a", "pull_opened", merged("large", 500))];
    let large_first = [small_first[1].clone(), small_first[0].clone()];
    // 40 + 10 × 2^-0.5
    assert_eq!(points(&small_first, "a", PERSONAL), 47_071_067);
    assert_eq!(points(&large_first, "a", PERSONAL), 47_071_067);
}

#[test]
fn events_of_people_without_an_index_do_not_count() {
    let list = events(&[("a", "pull_merged", merged("p", 10))]);
    let weights = rule_books::weights(&policy(VERSION_1), &Members::default(), &list, 1);
    assert_eq!(weights.contributions, []);
}

#[tokio::test]
async fn the_order_of_events_does_not_matter() {
    let mut events = real_export::events().await;
    let mut members = Members::default();
    members.observe(&events).unwrap();
    let books = [VERSION_1, CONTRIBUTION].map(policy);
    let weigh = |events: &[Event]| {
        books.each_ref().map(|book| rule_books::weights(book, &members, events, 45))
    };
    let weights = weigh(&events);
    assert!(weights.iter().all(|weights| weights.contributions.len() > 100));
    for stride in [7, 1_009, 9_973] {
        // A permutation: 22,038 = 2 · 3 · 3,673 shares no factor with the strides.
        let shuffled = (0..events.len()).map(|i| events[i * stride % events.len()].clone());
        events = shuffled.collect();
        assert_eq!(weigh(&events), weights);
    }
}
