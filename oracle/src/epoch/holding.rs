//! Rewards that are held before they are paid, and can be cancelled meanwhile.
//!
//! held(c)  = ⌊amount × worth(c) / max(points, Σ worth)⌋ of a contribution whose kind has a holding
//! period, out of its member's amount in its pool
//! Σ granted = Σ paid + Σ held + Σ cancelled, and what is cancelled returns to its pool

use std::collections::BTreeSet;

use crate::allocation::PoolAllocation;
use crate::identity::MemberIndex;
use crate::ingest::{Event, EventId};
use crate::policy::RuleBook;
use crate::weigh::{Records, Weights, named_work, scale};

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
    /// Place of its pool in the rule book.
    pub pool: usize,
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
            .filter_map(|withdrawn| named_work(events[withdrawn.event as usize]))
            .collect();
        let is_withdrawn =
            |held: &mut Held| held.work.as_deref().is_some_and(|work| withdrawn.contains(work));
        self.0.extract_if(.., is_withdrawn).collect()
    }

    /// Takes out what has matured, as much of it as fits into an amount; what does not fit waits.
    pub(super) fn mature(&mut self, now_us: i64, at_most: u64) -> Vec<Held> {
        let mut left = at_most;
        let mut matured = Vec::new();
        for held in self.0.iter_mut().take_while(|held| held.matures_at_us <= now_us) {
            let amount = held.amount.min(left);
            (held.amount, left) = (held.amount - amount, left - amount);
            matured.push(Held { amount, ..held.clone() });
        }
        self.0.retain(|held| held.amount > 0);
        matured.retain(|held| held.amount > 0);
        matured
    }

    /// Puts in what an epoch's contributions have to wait for.
    pub(super) fn hold(
        &mut self,
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
            let whole = of_member(&of.points).max(of_member(&of.worth)).max(1);
            let part = u128::from(amount) * u128::from(scale(one.counted, influence));
            let amount = u64::try_from(part / u128::from(whole)).unwrap_or(amount);
            let event = events[one.event as usize];
            held.push(Held {
                matures_at_us: event.at_us.saturating_add(i64::from(kind.holding_days) * DAY_US),
                member: one.member,
                event: event.id(),
                work: event.text("artifact").map(str::to_owned),
                pool,
                amount,
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
