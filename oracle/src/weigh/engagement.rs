//! E: what others did with a contribution.
//!
//! E(c) = Σ over the others who engaged with c of weight × n^−q, where the n-th contribution of one
//! author that one person engages with in the epoch counts n^−q: two friends cannot lift each other
//! without end. Own engagement does not count, whichever of a member's ids it
//! came under, nor does that of one's agent.

use std::collections::{BTreeMap, HashMap};

use super::person::Person;
use super::power::RankFactors;
use crate::identity::Members;
use crate::ingest::Event;
use crate::policy::RuleBook;

/// One, in millionths.
pub(super) const MICRO: u64 = 1_000_000;

/// E of each artifact that was engaged with, millionths.
pub(super) fn engagement_by_artifact<'a>(
    rules: &RuleBook,
    members: &Members,
    events: &'a [Event],
) -> HashMap<&'a str, u64> {
    // By (person, author), then by artifact: the strongest signal and when it first came.
    let mut pairs: BTreeMap<(Person<'_>, Person<'_>), BTreeMap<&str, Engagement<'_>>> =
        BTreeMap::new();
    for event in events {
        let Some(signal) = rules.signals.iter().find(|signal| signal.matches(event)) else {
            continue;
        };
        let author = Person::target_author(members, event);
        let (Some(target), Some(author)) = (event.text("target"), author) else {
            continue;
        };
        if Person::is_own_work(members, event) {
            continue;
        }
        let pair = (Person::actor(members, event), author);
        let known = pairs.entry(pair).or_default().entry(target).or_default();
        known.weight = known.weight.max(u64::from(signal.weight));
        let came = (event.at_us, event.source.as_str(), event.external_id.as_str());
        known.first = Some(known.first.map_or(came, |first| first.min(came)));
    }
    let mut damping = RankFactors::new(rules.engagement.pair_damping_percent);
    let mut sums = HashMap::new();
    for artifacts in pairs.into_values() {
        let mut in_order: Vec<_> = artifacts.into_iter().collect();
        in_order.sort_by_key(|(_, engagement)| engagement.first);
        for (n, (artifact, engagement)) in (1..).zip(in_order) {
            let sum: &mut u64 = sums.entry(artifact).or_default();
            *sum = sum.saturating_add(damping.scale(engagement.weight * MICRO, n));
        }
    }
    sums
}

#[derive(Default)]
struct Engagement<'a> {
    weight: u64,
    /// When it came: the time, then the event's source and id.
    first: Option<(i64, &'a str, &'a str)>,
}
