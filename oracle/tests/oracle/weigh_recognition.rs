//! Trust, attention, reuse, assessments and withdrawals: what others make of a contribution.

use serde_json::{Value, json};
use system_token_oracle::identity::{Members, Role};
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::weigh::{Dimensions, History, Outcome, Records, Weights, in_order, weigh};

use crate::rule_books::{CONTRIBUTION, START_US, policy, sum, weights};

/// The seeds of the rule book, shorter.
fn book() -> Policy {
    let seeds = CONTRIBUTION.split_once("seeds = [").unwrap().1.split_once(']').unwrap().0;
    policy(&CONTRIBUTION.replace(seeds, "\"posthog:seed\", \"posthog:second-seed\""))
}

fn event(second: i64, actor: &str, name: &str, properties: Value) -> Event {
    Event {
        at_us: START_US + second * 1_000_000,
        source: "posthog".to_owned(),
        external_id: format!("{second:08}-{actor}-{name}"),
        name: name.to_owned(),
        actor: actor.to_owned(),
        properties: serde_json::from_value(properties).unwrap(),
    }
}

fn merged(second: i64, actor: &str, artifact: &str) -> Event {
    event(second, actor, "pull_merged", json!({ "artifact": artifact, "additions": 10 }))
}

fn about(second: i64, actor: &str, name: &str, artifact: &str, author: &str) -> Event {
    let properties = json!({
        "target": artifact, "target_author": author, "reaction": "heart", "verdict": "approved",
        "artifact": format!("{artifact}/{second}"),
    });
    event(second, actor, name, properties)
}

fn assessed(second: i64, actor: &str, artifact: &str, score: u64) -> Event {
    event(second, actor, "artifact_assessed", json!({ "artifact": artifact, "score": score }))
}

fn members(events: &[Event], masters: &[&str]) -> Members {
    let mut members = Members::default();
    members.observe(events).unwrap();
    for master in masters {
        // Who does nothing in these events is no member.
        if let Some(member) = members.find("posthog", master) {
            members.grant(member, Role::Master).unwrap();
        }
    }
    members
}

fn points(events: &[Event], who: &str) -> u64 {
    let members = members(events, &["seed", "second-seed"]);
    of(&weights(&book(), &members, events, 1), &members, who)
}

fn of(weights: &Weights, members: &Members, who: &str) -> u64 {
    let member = members.find("posthog", who).unwrap();
    weights.pools.iter().filter_map(|pool| pool.points.get(&member)).sum()
}

/// Work of anna's that a seed has approved.
fn approved() -> Vec<Event> {
    vec![merged(1, "anna", "p"), about(2, "seed", "review_submitted", "p", "anna")]
}

#[test]
fn who_nobody_trusts_is_paid_nothing_and_lifts_nobody() {
    let alone = [merged(1, "anna", "p")];
    let members = members(&alone, &[]);
    let weights = weights(&book(), &members, &alone, 1);
    assert_eq!(sum(&weights), 0);
    assert_eq!(weights.contributions[0].outcome, Outcome::Untrusted);
    // A farm of accounts without history
    let honest = approved();
    let farm = (0..50).map(|n| about(10 + n, &format!("bot{n}"), "reaction_added", "p", "anna"));
    let farmed: Vec<_> = honest.iter().cloned().chain(farm).collect();
    assert!(points(&honest, "anna") > 0);
    assert_eq!(points(&farmed, "anna"), points(&honest, "anna"));
}

#[test]
fn trust_reaches_whom_the_trusted_endorse() {
    // When anna, whom a seed endorsed, endorses boris, then boris has a voice too, and a smaller one
    let mut events = approved();
    events.push(merged(3, "boris", "q"));
    events.push(about(4, "anna", "review_submitted", "q", "boris"));
    let boris = points(&events, "boris");
    assert!(boris > 0);
    let mut directly = events.clone();
    directly.push(about(5, "second-seed", "review_submitted", "q", "boris"));
    assert!(points(&directly, "boris") > boris);
}

#[test]
fn words_count_when_a_trusted_person_takes_them_up() {
    let mut events = approved();
    let comment = about(3, "anna", "comment_created", "q", "boris");
    events.extend([merged(0, "boris", "q"), comment]);
    let unheard = points(&events, "anna");
    assert_eq!(unheard, points(&approved(), "anna"));
    events.push(about(4, "bot", "reaction_added", "q/3", "anna"));
    assert_eq!(points(&events, "anna"), unheard, "an untrusted reaction takes nothing up");
    events.push(about(5, "second-seed", "reaction_added", "q/3", "anna"));
    assert!(points(&events, "anna") > unheard);
}

#[test]
fn attention_is_scarce() {
    // Given a seed that reacts to one work, or to that and to thirty others
    let works = || (0..31).map(|n| merged(n, "anna", &format!("p{n}")));
    let react = |n: i64| about(100 + n, "seed", "reaction_added", &format!("p{n}"), "anna");
    let engagement = |events: &[Event]| {
        let members = members(events, &[]);
        weights(&book(), &members, events, 1).contributions[0].engagement
    };
    let once: Vec<_> = works().chain([react(0)]).collect();
    let always: Vec<_> = works().chain((0..31).map(react)).collect();
    let (once, always) = (engagement(&once), engagement(&always));
    // One whole voice; three weights over thirty-one reactions
    assert_eq!(once, 1_000_000);
    assert_eq!(always, 3_000_000 / 31);
}

#[test]
fn quality_is_the_median_of_those_who_may_assess() {
    let with = |assessments: &[Event]| {
        let events = [&approved()[..], assessments].concat();
        let members = members(&events, &["seed", "second-seed"]);
        let anna = members.find("posthog", "anna").unwrap();
        let weights = weights(&book(), &members, &events, 1);
        weights.contributions.iter().find(|one| one.member == anna).unwrap().score
    };
    let plain = with(&[]);
    // Two masters against the prior of one person who says 100 %: 150 is the median of 100, 150, 150
    let praised = with(&[assessed(5, "seed", "p", 3), assessed(6, "second-seed", "p", 3)]);
    assert_eq!(praised, plain * 3 / 2);
    // One alone is in the middle of its word and the prior's
    assert_eq!(with(&[assessed(5, "seed", "p", 3)]), plain * 5 / 4);
    // The last word counts
    let changed = [assessed(5, "seed", "p", 5), assessed(6, "seed", "p", 3)];
    assert_eq!(with(&changed), plain * 5 / 4);
}

#[test]
fn own_assessments_and_those_of_who_may_not_assess_do_not_count() {
    let work = [merged(1, "seed", "p"), merged(2, "anna", "q")];
    let own = [&work[..], &[assessed(5, "seed", "p", 5), assessed(6, "anna", "p", 5)]].concat();
    assert_eq!(points(&own, "seed"), points(&work, "seed"));
    // Neither does the assessment by one's own agent
    let agent = [&work[..], &[assessed(5, "agent", "p", 5)]].concat();
    let mut members = members(&agent, &["agent"]);
    let (index, owner) = (members.find("posthog", "agent"), members.find("posthog", "seed"));
    members.set_owner(index.unwrap(), owner.unwrap()).unwrap();
    let weights = weights(&book(), &members, &agent, 1);
    assert_eq!(of(&weights, &members, "seed"), points(&work, "seed"));
}

#[test]
fn a_work_is_withdrawn_by_its_author_or_a_curator_and_by_nobody_else() {
    let withdrawn = |who: &str, curator: bool| {
        let mut events = approved();
        events.push(event(9, who, "artifact_withdrawn", json!({ "artifact": "p" })));
        let mut members = members(&events, &[]);
        if curator {
            let member = members.find("posthog", who).unwrap();
            members.grant(member, Role::Curator).unwrap();
        }
        of(&weights(&book(), &members, &events, 1), &members, "anna")
    };
    assert_eq!(withdrawn("boris", false), points(&approved(), "anna"));
    assert_eq!(withdrawn("boris", true), 0);
    assert_eq!(withdrawn("anna", false), 0);
}

#[test]
fn each_dimension_can_be_left_out() {
    let mut events = approved();
    events.extend([
        assessed(5, "seed", "p", 5),
        about(6, "second-seed", "reference_created", "p", "anna"),
    ]);
    events[0] = event(1, "anna", "pull_merged", json!({ "artifact": "p", "additions": 500 }));
    let members = members(&events, &["seed"]);
    let policy = book();
    let records = Records::collect(&policy, &members, &in_order(&events));
    let with =
        |dimensions| weigh(&policy, &members, &records, 1, &mut History::default(), dimensions);
    let all = Dimensions::ALL;
    let factors = |dimensions| {
        let weights = with(dimensions);
        let anna = members.find("posthog", "anna").unwrap();
        let own = weights.contributions.iter().find(|one| one.member == anna).unwrap();
        (own.factors, own.score, own.counted, of(&weights, &members, "anna"))
    };
    let (whole, score, counted, points) = factors(all);
    assert!(counted < score, "capacity takes a part");
    let (_, score, counted, _) = factors(Dimensions { volume: false, ..all });
    assert_eq!(score, counted);
    let (flat, ..) = factors(Dimensions { meaning: false, ..all });
    assert_eq!((whole.quality, flat.quality), (1_500_000, 1_000_000));
    let (flat, ..) = factors(Dimensions { difficulty: false, ..all });
    assert_eq!((whole.difficulty, flat.difficulty), (2_000_000, 1_000_000));
    let (flat, ..) = factors(Dimensions { engagement: false, ..all });
    assert!(flat.recognition < whole.recognition && flat.recognition > 1_000_000, "reuse stays");
    let (flat, _, _, less) = factors(Dimensions { influence: false, ..all });
    assert!(flat.recognition < whole.recognition && less < points);
}
