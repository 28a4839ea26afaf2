//! Fills a report from closed epochs.
//!
//! amount(c) = ⌊amount(member, pool) × worth(c) / max(points, worth of all)⌋ of a contribution
//! without a dimension: the pools split again over what the epoch's contributions are worth without it

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use super::data::{
    Dimension, DimensionOff, EpochReport, MemberRow, PastEpoch, PolicyVersion, PoolRow,
    PublicStatistics, Token, TopContribution,
};
use super::statistics::Distribution;
use crate::allocation::PoolAllocation;
use crate::epoch::{ClosedEpoch, Ledger, Schedule, events_of_window};
use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;
use crate::language::Messages;
use crate::policy::{Policy, percent};
use crate::weigh::{Contribution, Dimensions, scale};

/// How many contributions are among those that earned most.
const TOP: usize = 20;
/// A factor of one, millionths.
const ONE: u32 = 1_000_000;

/// An epoch that was closed, with all that it was closed over.
#[derive(Clone, Copy, Debug)]
pub struct Closing<'a> {
    /// The rules that held.
    pub policy: &'a Policy,
    /// Who was a member at its end.
    pub members: &'a Members,
    /// Events sorted by time; those of its window among them.
    pub events: &'a [Event],
    /// The ledger before it was closed.
    pub before: &'a Ledger,
    /// The epoch.
    pub closed: &'a ClosedEpoch,
    /// Every epoch before it, oldest first.
    pub earlier: &'a [ClosedEpoch],
}

impl Closing<'_> {
    /// The report of the epoch, with its members called as a language calls them.
    pub fn report(&self, messages: &Messages) -> EpochReport {
        let (rules, closed) = (self.policy.rules(), self.closed);
        let schedule = Schedule::new(self.policy);
        let at = |us: i64| Timestamp::from_microsecond(us).unwrap_or_default();
        EpochReport {
            epoch: closed.epoch,
            start: at(schedule.end_us(closed.epoch - 1)),
            end: at(closed.ended_at_us),
            token: Token { symbol: rules.token.symbol.clone(), decimals: rules.token.decimals },
            policy: PolicyVersion { name: rules.name.clone(), version: rules.version },
            pools: self.pools(),
            members: self.rows(messages),
            contributions: self.top_contributions(),
            dimensions: DIMENSIONS.iter().map(|(name, off)| self.without(*name, *off)).collect(),
            history: self.earlier.iter().map(past_epoch).collect(),
            statistics: self.statistics(),
        }
    }

    fn pools(&self) -> Vec<PoolRow> {
        let rules = self.policy.rules();
        let pools = rules.pools.iter().zip(&self.closed.pools);
        let row = |(rule, pool): (&crate::policy::Pool, &PoolAllocation)| {
            let most = percent(pool.share, rules.allocation.spend_limit_percent);
            PoolRow {
                name: rule.name.clone(),
                share: pool.share,
                carried_in: pool.carried_in,
                spendable: most.min(pool.share + pool.carried_in),
                allocated: pool.allocated(),
                carried_out: pool.carried_out,
            }
        };
        pools.map(row).collect()
    }

    fn rows(&self, messages: &Messages) -> Vec<MemberRow> {
        let weights = &self.closed.weights;
        let mut contributions: BTreeMap<MemberIndex, u32> = BTreeMap::new();
        for one in &weights.contributions {
            *contributions.entry(one.member).or_default() += 1;
        }
        let known: HashSet<MemberIndex> = self
            .earlier
            .iter()
            .flat_map(|epoch| &epoch.weights.contributions)
            .map(|one| one.member)
            .collect();
        let row = |(member, leaf): (MemberIndex, &system_token_attestation::Leaf)| {
            let amounts: Vec<u64> =
                self.closed.pools.iter().map(|pool| granted(pool, member)).collect();
            let points = weights.pools.iter().filter_map(|pool| pool.points.get(&member));
            let made = contributions.get(&member).copied().unwrap_or_default();
            MemberRow {
                member,
                label: messages.message("member-label", &[("member", member.to_string().into())]),
                amount: amounts.iter().sum(),
                amounts,
                lifetime: leaf.cumulative_total,
                contributions: made,
                points: points.fold(0, |sum, points| sum.saturating_add(*points)),
                is_newcomer: made > 0 && !known.contains(&member),
            }
        };
        (0..).zip(&self.closed.leaves).map(row).collect()
    }

    fn top_contributions(&self) -> Vec<TopContribution> {
        let rules = self.policy.rules();
        let events = events_of_window(self.policy, self.closed.epoch, self.events);
        let counted = self.closed.weights.contributions.iter().filter(|one| one.counted > 0);
        let mut top: Vec<(u64, &Contribution)> =
            counted.map(|one| (self.amount_of(one), one)).collect();
        top.sort_by_key(|(amount, one)| (std::cmp::Reverse(*amount), one.event));
        top.truncate(TOP);
        let row = |(amount, one): (u64, &Contribution)| TopContribution {
            member: one.member,
            kind: rules.kinds[usize::from(one.kind)].name.clone(),
            artifact: events
                .get(one.event as usize)
                .and_then(|event| event.text("artifact"))
                .map(str::to_owned),
            points: one.counted,
            amount,
        };
        top.into_iter().map(row).collect()
    }

    /// What of its member's amount a contribution earned, base units.
    pub fn amount_of(&self, one: &Contribution) -> u64 {
        let rules = self.policy.rules();
        let pool_name = &rules.kinds[usize::from(one.kind)].pool;
        let Some(place) = rules.pools.iter().position(|pool| pool.name == *pool_name) else {
            return 0;
        };
        let pool = &self.closed.weights.pools[place];
        let influence = pool.influence.get(&one.member).copied().unwrap_or(ONE);
        let of = |points: &BTreeMap<MemberIndex, u64>| {
            points.get(&one.member).copied().unwrap_or_default()
        };
        let whole = u128::from(of(&pool.points).max(of(&pool.worth)).max(1));
        let amount = granted(&self.closed.pools[place], one.member);
        let part = u128::from(amount) * u128::from(scale(one.counted, influence)) / whole;
        u64::try_from(part).unwrap_or(amount)
    }

    fn without(&self, dimension: Dimension, off: Dimensions) -> DimensionOff {
        let pools =
            self.before.grants_without(self.policy, self.members, self.events, self.closed, off);
        let mut amounts: BTreeMap<MemberIndex, u64> = BTreeMap::new();
        for (member, amount) in pools.iter().flat_map(|pool| &pool.amounts) {
            *amounts.entry(*member).or_default() += amount;
        }
        DimensionOff { dimension, amounts: amounts.into_iter().collect() }
    }

    fn statistics(&self) -> PublicStatistics {
        let leaves = (0..).zip(&self.closed.leaves);
        let paid = leaves.filter(|(_, leaf)| leaf.cumulative_total > 0);
        let wallets: BTreeSet<_> =
            paid.filter_map(|(member, _)| self.members.wallet(member)).collect();
        PublicStatistics {
            supply: self.closed.tree.cumulative_total(),
            active_wallets: wallets.len() as u64,
            granted: self.closed.allocated(),
            // Nothing burns tokens yet.
            burned: 0,
        }
    }
}

/// Each dimension, and everything but it.
const DIMENSIONS: [(Dimension, Dimensions); 5] = [
    (Dimension::Volume, Dimensions { volume: false, ..Dimensions::ALL }),
    (Dimension::Meaning, Dimensions { meaning: false, ..Dimensions::ALL }),
    (Dimension::Engagement, Dimensions { engagement: false, ..Dimensions::ALL }),
    (Dimension::Difficulty, Dimensions { difficulty: false, ..Dimensions::ALL }),
    (Dimension::Influence, Dimensions { influence: false, ..Dimensions::ALL }),
];

fn granted(pool: &PoolAllocation, member: MemberIndex) -> u64 {
    pool.amounts.get(&member).copied().unwrap_or_default()
}

fn past_epoch(closed: &ClosedEpoch) -> PastEpoch {
    let mut amounts: BTreeMap<MemberIndex, u64> = BTreeMap::new();
    for (member, amount) in closed.pools.iter().flat_map(|pool| &pool.amounts) {
        *amounts.entry(*member).or_default() += amount;
    }
    let paid: Distribution = amounts.into_values().collect();
    PastEpoch {
        epoch: closed.epoch,
        granted: closed.allocated(),
        members_paid: paid.len(),
        gini_ppm: paid.gini_ppm(),
    }
}
