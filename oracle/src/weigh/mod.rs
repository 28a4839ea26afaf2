//! Turns contributions into points.
//!
//! score(c) = base(kind) × difficulty(c) × (1 + λ·E/(E+K))
//!
//! E = Σ weight(signal) × n^−q over the others who engaged with c, where n counts one person's
//! engagements with the same author; each person counts once for a contribution, with the
//! strongest signal. A member's volume in a kind = Σ score₍ₖ₎ × k^−p over the contributions ranked
//! by score, up to the kind's limit; points in a pool = Σ volume of its kinds.
//!
//! Pure: integers only (millionths of a point, rounded down at each step), no clock, no I/O, and the
//! same points whatever the order of the events.

mod engagement;
mod person;
mod power;

use std::collections::{BTreeMap, HashMap};

use crate::identity::{MemberIndex, Members};
use crate::ingest::{Event, EventId};
use crate::policy::{Kind, RuleBook};

use engagement::{MICRO, engagement_by_artifact};
use person::Person;
use power::RankFactors;

/// Millionths of a point.
pub type MicroPoints = u64;

/// One contribution and where its score comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Who made it.
    pub member: MemberIndex,
    /// Place of its kind in the rule book.
    pub kind: usize,
    /// The event that is the contribution.
    pub event: EventId,
    /// How hard it was, percent.
    pub difficulty_percent: u16,
    /// E: what others did with it, millionths.
    pub engagement: u64,
    /// Its score before diminishing returns.
    pub score: MicroPoints,
    /// What of its score counts; 0 past the kind's limit.
    pub counted: MicroPoints,
}

/// An epoch's contributions and the points they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Every contribution, by member, kind and rank.
    pub contributions: Vec<Contribution>,
    /// Points of each member in each pool; pools in the rule book's order.
    pub points: Vec<BTreeMap<MemberIndex, MicroPoints>>,
}

/// Weighs one epoch's events.
///
/// Events of people without a member index do not count.
pub fn weigh(rules: &RuleBook, members: &Members, events: &[Event]) -> Weights {
    let engagement = engagement_by_artifact(rules, members, events);
    let mut found: Vec<Contribution> = events
        .iter()
        .filter_map(|event| contribution(rules, members, &engagement, event))
        .collect();
    // Best first inside a member's kind; the event's id settles ties.
    found.sort_by(|a, b| {
        let rank = |c: &Contribution| (c.member, c.kind, std::cmp::Reverse(c.score));
        rank(a).cmp(&rank(b)).then_with(|| a.event.cmp(&b.event))
    });
    count_by_rank(rules, &mut found);
    let mut points = vec![BTreeMap::new(); rules.pools.len()];
    for contribution in found.iter().filter(|contribution| contribution.counted > 0) {
        let pool = pool_of(rules, &rules.kinds[contribution.kind]);
        let sum: &mut MicroPoints = points[pool].entry(contribution.member).or_default();
        *sum = sum.saturating_add(contribution.counted);
    }
    Weights { contributions: found, points }
}

fn contribution(
    rules: &RuleBook,
    members: &Members,
    engagement: &HashMap<&str, u64>,
    event: &Event,
) -> Option<Contribution> {
    let member = members.find(&event.source, &event.actor)?;
    let own_work = Person::is_own_work(members, event);
    let kind = rules.kinds.iter().position(|kind| kind.matches(event, own_work))?;
    let rule = &rules.kinds[kind];
    let difficulty_percent = rule.difficulty.as_ref().map_or(100, |rule| rule.percent(event));
    let engagement = event
        .text("artifact")
        .and_then(|artifact| engagement.get(artifact))
        .copied()
        .unwrap_or_default();
    let base = u64::from(rule.base) * MICRO * u64::from(difficulty_percent) / 100;
    let score = base.saturating_add(engaged_part(rules, base, engagement));
    Some(Contribution {
        member,
        kind,
        event: event.id(),
        difficulty_percent,
        engagement,
        score,
        counted: 0,
    })
}

/// base × λ·E/(E+K).
fn engaged_part(rules: &RuleBook, base: MicroPoints, engagement: u64) -> MicroPoints {
    let rule = &rules.engagement;
    let (e, k) = (u128::from(engagement), u128::from(rule.half_saturation) * u128::from(MICRO));
    let part = u128::from(base) * u128::from(rule.weight_percent) * e / (100 * (e + k));
    u64::try_from(part).unwrap_or(MicroPoints::MAX)
}

/// Sets what counts of each score: score × k^−p at rank k, nothing past the limit.
fn count_by_rank(rules: &RuleBook, sorted: &mut [Contribution]) {
    let mut factors: Vec<RankFactors> =
        rules.kinds.iter().map(|kind| RankFactors::new(kind.diminishing_percent)).collect();
    for group in sorted.chunk_by_mut(|a, b| (a.member, a.kind) == (b.member, b.kind)) {
        let kind = group[0].kind;
        for (rank, contribution) in (1..=rules.kinds[kind].limit).zip(group.iter_mut()) {
            contribution.counted = factors[kind].scale(contribution.score, rank);
        }
    }
}

fn pool_of(rules: &RuleBook, kind: &Kind) -> usize {
    let pool = rules.pools.iter().position(|pool| pool.name == kind.pool);
    pool.expect("a checked rule book names only its own pools")
}
