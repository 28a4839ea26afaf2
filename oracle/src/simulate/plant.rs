//! Attackers planted into a community's real events.
//!
//! Events stay sorted by time; whatever is random comes from a generator that is given.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};

use crate::ingest::Event;

/// Accounts that an attack is for, and the events with it.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The attackers' accounts.
    pub accounts: Vec<String>,
    /// All events, the honest ones among them.
    pub events: Vec<Event>,
}

/// Events that make a work.
const WORKS: [&str; 5] =
    ["issue_opened", "pull_opened", "pull_merged", "comment_created", "review_submitted"];

/// One person acts from so many accounts: each of its works is one account's, in turn, with all that
/// is about it. What it did with its own works, it now does with another account's.
pub fn split_account(events: &[Event], who: &str, accounts: usize) -> Planted {
    let name = |n: usize| if n == 0 { who.to_owned() } else { format!("{who}/{n}") };
    let mut owners: HashMap<String, String> = HashMap::new();
    let mut turn = 0;
    let mut split = events.to_vec();
    for event in &mut split {
        let artifact = event.text("artifact").map(str::to_owned);
        if event.actor == who {
            let known = artifact.as_ref().and_then(|artifact| owners.get(artifact)).cloned();
            event.actor = known.unwrap_or_else(|| {
                turn += 1;
                name((turn - 1) % accounts)
            });
            if let Some(artifact) = artifact {
                owners.entry(artifact).or_insert_with(|| event.actor.clone());
            }
        }
        if event.text("target_author") == Some(who) {
            let owner = event.text("target").and_then(|target| owners.get(target));
            let owner = owner.map_or(who, String::as_str).to_owned();
            event.properties.insert("target_author".into(), owner.into());
        }
    }
    Planted { accounts: (0..accounts).map(name).collect(), events: split }
}

/// Everybody in a ring reacts to every work of the others, as soon as it is there.
pub fn praise_ring(events: &[Event], ring: &[String]) -> Planted {
    let members: BTreeSet<&String> = ring.iter().collect();
    let mut praise = Vec::new();
    for event in events.iter().filter(|event| members.contains(&event.actor)) {
        let others = ring.iter().filter(|other| **other != event.actor);
        praise.extend(others.filter_map(|other| reaction(event, other)));
    }
    Planted { accounts: ring.to_vec(), events: merged(events, praise) }
}

/// So many accounts without any history react to every work of one member.
pub fn like_farm(events: &[Event], who: &str, farm: usize) -> Planted {
    let own = events.iter().filter(|event| event.actor == who);
    let likes =
        own.flat_map(|event| (0..farm).filter_map(|n| reaction(event, &format!("farm/{n}"))));
    Planted { accounts: vec![who.to_owned()], events: merged(events, likes.collect()) }
}

/// One member comments a hundred times where it commented once: the others on works of others,
/// whichever were there.
pub fn spam_comments(events: &[Event], who: &str, random: &mut ChaCha20Rng) -> Planted {
    let mut topics: Vec<(&str, &str)> = Vec::new();
    let mut spam = Vec::new();
    for event in events {
        let artifact = event.text("artifact");
        if let Some(artifact) = artifact
            && matches!(event.name.as_str(), "issue_opened" | "pull_opened")
            && event.actor != who
        {
            topics.push((artifact, &event.actor));
        }
        if event.actor != who || event.name != "comment_created" || topics.is_empty() {
            continue;
        }
        for n in 1..100 {
            let (target, author) = topics[random.next_u32() as usize % topics.len()];
            let mut comment = event.clone();
            comment.external_id = format!("{}/spam-{n}", event.external_id);
            let properties = [
                ("artifact", format!("{}/spam-{n}", artifact.unwrap_or_default())),
                ("target", target.to_owned()),
                ("target_author", author.to_owned()),
            ];
            for (key, value) in properties {
                comment.properties.insert(key.into(), value.into());
            }
            spam.push(comment);
        }
    }
    Planted { accounts: vec![who.to_owned()], events: merged(events, spam) }
}

/// Assessors assess every merged work. Each work has a worth of 1, 2 or 3 that honest assessors find
/// in nine of ten cases, and miss by one in the tenth; the malicious one finds every work worthless.
pub fn assess(
    events: &[Event],
    assessors: &[String],
    malicious: Option<usize>,
    random: &mut ChaCha20Rng,
) -> Vec<Event> {
    let mut assessments = Vec::new();
    for event in events.iter().filter(|event| event.name == "pull_merged") {
        let worth = 1 + u64::from(random.next_u32() % 3);
        for (n, assessor) in assessors.iter().enumerate() {
            // Drawn for everybody, so that honest assessors are the same with and without the liar.
            let missed = random.next_u32().is_multiple_of(10);
            let up = random.next_u32().is_multiple_of(2);
            let found = match (missed, up) {
                (false, _) => worth,
                (true, true) => (worth + 1).min(3),
                (true, false) => (worth - 1).max(1),
            };
            let score = if malicious == Some(n) { 0 } else { found };
            let artifact = event.text("artifact").unwrap_or_default();
            let properties = json!({ "artifact": artifact, "score": score });
            assessments.push(later(event, assessor, "artifact_assessed", &properties, "assessed"));
        }
    }
    merged(events, assessments)
}

/// A reaction to what an event made, if it made a work.
fn reaction(event: &Event, who: &str) -> Option<Event> {
    let artifact = event.text("artifact").filter(|_| WORKS.contains(&event.name.as_str()))?;
    let properties =
        json!({ "target": artifact, "target_author": event.actor, "reaction": "heart" });
    Some(later(event, who, "reaction_added", &properties, "praised"))
}

/// What somebody does a microsecond after an event.
fn later(event: &Event, who: &str, name: &str, properties: &Value, what: &str) -> Event {
    let properties: BTreeMap<String, Value> = properties
        .as_object()
        .map(|object| object.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
        .unwrap_or_default();
    Event {
        at_us: event.at_us + 1,
        source: event.source.clone(),
        external_id: format!("{}/{what}/{who}", event.external_id),
        name: name.to_owned(),
        actor: who.to_owned(),
        properties,
    }
}

fn merged(events: &[Event], planted: Vec<Event>) -> Vec<Event> {
    let mut all = events.to_vec();
    all.extend(planted);
    all.sort_by(Event::cmp_by_time);
    all
}
