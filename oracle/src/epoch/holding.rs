//! Rewards that are held before they are paid, and can be cancelled meanwhile.
//!
//! gain(c, e) = worth(c, e) − worth(c, e−1) of a contribution whose kind has a holding period, when it
//! is above 0: what it was granted for in e
//! held(c, e) = ⌊amount × gain(c, e) / max(points, Σ gains)⌋ out of its member's amount in its pool
//! Σ granted = Σ paid + Σ held + Σ cancelled, and what is cancelled returns to its pool, its points to
//! what is still to be granted: who withdraws a work loses its reward once

use std::collections::{BTreeMap, BTreeSet};

use crate::allocation::PoolAllocation;
use crate::identity::MemberIndex;
use crate::ingest::{Event, EventId};
use crate::policy::RuleBook;
use crate::weigh::{HeldWorth, MicroPoints, Records, Weights, named_work};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// A reward that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it can be paid, UTC microseconds.
    pub matures_at_us: i64,
    /// Whose it is.
    pub member: MemberIndex,
    /// The contribution.
    pub event: EventId,
    /// The work; without a name it cannot be withdrawn.
    pub work: Option<String>,
    /// The epoch that the contribution was made in.
    pub epoch: u64,
    /// Place of its pool in the rule book.
    pub pool: usize,
    /// The points that it was granted for, millionths.
    pub points: MicroPoints,
    /// Base units.
    pub amount: u64,
}

/// Every reward that waits, and what it was granted for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holding {
    /// Those that mature first in front.
    waiting: Vec<Held>,
    /// By contribution and kind: its epoch, and what it was worth when that epoch was weighed last.
    worth: BTreeMap<(EventId, u16), (u64, MicroPoints)>,
}

impl Holding {
    /// Σ amounts, base units.
    pub(super) fn sum(&self) -> u64 {
        self.waiting.iter().map(|held| held.amount).sum()
    }

    /// Σ amounts of one member's, base units.
    pub(super) fn sum_of(&self, member: MemberIndex) -> u64 {
        let held = self.waiting.iter().filter(|held| held.member == member);
        held.map(|held| held.amount).sum()
    }

    /// Begins with other rules: says in which place each pool is now. What earlier rules granted is
    /// not weighed again.
    pub(super) fn adopt(&mut self, places: &[usize]) {
        for held in &mut self.waiting {
            held.pool = places[held.pool];
        }
        self.worth.clear();
    }

    /// Takes out the rewards of works that were withdrawn.
    pub(super) fn cancel(&mut self, records: &Records, events: &[&Event]) -> Vec<Held> {
        let withdrawn: BTreeSet<&str> = records
            .withdrawn
            .iter()
            .filter_map(|withdrawn| named_work(events[withdrawn.event as usize]))
            .collect();
        let is_withdrawn =
            |held: &mut Held| held.work.as_deref().is_some_and(|work| withdrawn.contains(work));
        self.waiting.extract_if(.., is_withdrawn).collect()
    }

    /// Takes out what has matured, as much of it as fits into an amount; what does not fit waits.
    pub(super) fn mature(&mut self, now_us: i64, at_most: u64) -> Vec<Held> {
        let mut left = at_most;
        let mut matured = Vec::new();
        for held in self.waiting.iter_mut().take_while(|held| held.matures_at_us <= now_us) {
            let amount = held.amount.min(left);
            let points = u128::from(held.points) * u128::from(amount) / u128::from(held.amount);
            let points = u64::try_from(points).unwrap_or(held.points);
            (held.amount, left) = (held.amount - amount, left - amount);
            held.points -= points;
            matured.push(Held { amount, points, ..held.clone() });
        }
        self.waiting.retain(|held| held.amount > 0);
        matured.retain(|held| held.amount > 0);
        matured
    }

    /// Puts in what the contributions have to wait for that were granted more in an epoch.
    pub(super) fn hold(
        &mut self,
        epoch: u64,
        rules: &RuleBook,
        weights: &Weights,
        pools: &[PoolAllocation],
        events: &[&Event],
    ) -> Vec<Held> {
        let mut held = Vec::new();
        let gains = self.gains(epoch, rules, weights, events);
        for group in gains.chunk_by(|(a, _), (b, _)| (a.pool, a.member) == (b.pool, b.member)) {
            let (pool, member) = (group[0].0.pool, group[0].0.member);
            let of_pool = &weights.pools[pool];
            let points = of_pool.points.get(&member).copied().unwrap_or_default();
            let amount = pools[pool].amounts.get(&member).copied().unwrap_or_default();
            let held_gains: u128 = group.iter().map(|(_, gain)| u128::from(*gain)).sum();
            let whole = of_pool.gains(member).max(points.into()).max(held_gains).max(1);
            for (one, gain) in group {
                let part = |of: u64| {
                    u64::try_from(u128::from(of) * u128::from(*gain) / whole).unwrap_or(of)
                };
                let event = events[one.event as usize];
                let days = i64::from(rules.kinds[usize::from(one.kind)].holding_days);
                held.push(Held {
                    matures_at_us: event.at_us.saturating_add(days * DAY_US),
                    member,
                    event: event.id(),
                    work: event.text("artifact").map(str::to_owned),
                    epoch: one.epoch,
                    pool,
                    points: part(points),
                    amount: part(amount),
                });
            }
        }
        held.retain(|held| held.amount > 0);
        self.waiting.extend(held.iter().cloned());
        self.waiting.sort_by(|a, b| {
            (a.matures_at_us, a.member, &a.event).cmp(&(b.matures_at_us, b.member, &b.event))
        });
        held
    }

    /// What contributions are worth more than they were, by pool and member.
    fn gains(
        &mut self,
        epoch: u64,
        rules: &RuleBook,
        weights: &Weights,
        events: &[&Event],
    ) -> Vec<(HeldWorth, MicroPoints)> {
        let mut gains = Vec::new();
        for one in &weights.held {
            let key = (events[one.event as usize].id(), one.kind);
            let before = self.worth.insert(key, (one.epoch, one.worth));
            let gain = one.worth.saturating_sub(before.map_or(0, |(_, worth)| worth));
            if gain > 0 {
                gains.push((*one, gain));
            }
        }
        let revision = u64::from(rules.revision.epochs);
        self.worth.retain(|_, (of, _)| *of + revision > epoch);
        gains.sort_by_key(|(one, _)| (one.pool, one.member, one.event, one.kind));
        gains
    }
}
