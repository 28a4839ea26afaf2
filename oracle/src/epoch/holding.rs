//! Rewards that are held before they are paid, and can be cancelled meanwhile.
//!
//! held(c)  = ⌊amount × worth(c) / max(points, Σ worth)⌋ of a contribution whose kind has a holding
//! period, out of its member's amount in its pool; granted(c), the same part of the points
//! Σ granted = Σ paid + Σ held + Σ cancelled, and what is cancelled returns to its pool, its points to
//! what is still to be granted: who withdraws a work loses its reward once

use std::collections::BTreeSet;

use crate::allocation::PoolAllocation;
use crate::identity::MemberIndex;
use crate::ingest::{Event, EventId};
use crate::policy::RuleBook;
use crate::weigh::{MicroPoints, Records, Weights, named_work, scale};

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
    /// The epoch that granted it.
    pub epoch: u64,
    /// Place of its pool in the rule book.
    pub pool: usize,
    /// The points that it was granted for, millionths.
    pub points: MicroPoints,
    /// Base units.
    pub amount: u64,
}

/// Every reward that waits, those that mature first in front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holding(pub(super) Vec<Held>);

impl Holding {
    /// Σ amounts, base units.
    pub(super) fn sum(&self) -> u64 {
        self.0.iter().map(|held| held.amount).sum()
    }

    /// Takes out the rewards of works that were withdrawn.
    pub(super) fn cancel(&mut self, records: &Records, events: &[&Event]) -> Vec<Held> {
        let withdrawn: BTreeSet<&str> = records
            .withdrawn
            .iter()
            .filter_map(|(_, place)| named_work(events[*place as usize]))
            .collect();
        let is_withdrawn =
            |held: &mut Held| held.work.as_deref().is_some_and(|work| withdrawn.contains(work));
        self.0.extract_if(.., is_withdrawn).collect()
    }

    /// Takes out what has matured, as long as it fits into an amount.
    pub(super) fn mature(&mut self, now_us: i64, at_most: u64) -> Vec<Held> {
        let mut sum = 0u64;
        let ready = self.0.iter().take_while(|held| {
            sum = sum.saturating_add(held.amount);
            held.matures_at_us <= now_us && sum <= at_most
        });
        let ready = ready.count();
        self.0.drain(..ready).collect()
    }

    /// Puts in what an epoch's contributions have to wait for.
    pub(super) fn hold(
        &mut self,
        epoch: u64,
        rules: &RuleBook,
        weights: &Weights,
        pools: &[PoolAllocation],
        events: &[&Event],
    ) -> Vec<Held> {
        let mut held = Vec::new();
        for one in weights.contributions.iter().filter(|one| one.counted > 0) {
            let kind = &rules.kinds[usize::from(one.kind)];
            let pool = rules.pools.iter().position(|pool| pool.name == kind.pool);
            let (Some(pool), 1..) = (pool, kind.holding_days) else {
                continue;
            };
            let of = &weights.pools[pool];
            let of_member = |points: &crate::weigh::PointsByMember| {
                points.get(&one.member).copied().unwrap_or_default()
            };
            let amount = pools[pool].amounts.get(&one.member).copied().unwrap_or_default();
            let influence = of.influence.get(&one.member).copied().unwrap_or(1_000_000);
            let points = of_member(&of.points);
            let whole = u128::from(points.max(of_member(&of.worth)).max(1));
            let worth = u128::from(scale(one.counted, influence));
            let part = |of: u64| u64::try_from(u128::from(of) * worth / whole).unwrap_or(of);
            let event = events[one.event as usize];
            held.push(Held {
                matures_at_us: event.at_us.saturating_add(i64::from(kind.holding_days) * DAY_US),
                member: one.member,
                event: event.id(),
                work: event.text("artifact").map(str::to_owned),
                epoch,
                pool,
                points: part(points),
                amount: part(amount),
            });
        }
        held.retain(|held| held.amount > 0);
        self.0.extend(held.iter().cloned());
        self.0.sort_by(|a, b| {
            (a.matures_at_us, a.member, &a.event).cmp(&(b.matures_at_us, b.member, &b.event))
        });
        held
    }
}
