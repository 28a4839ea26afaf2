//! Writes a pool down: the member's contributions to it, their worth and points, and how the pool was
//! split.

use super::counting::{Counting, count, takes_part};
use super::explanation::{
    AtCap, ExplainedKind, ExplainedPool, Influence, MemberCap, Method, PointLimit, Proportion,
    Rate, Revision, Split, Volume,
};
use super::{ExplainError, Subject};
use crate::allocation::{Capped, PoolAllocation, cap_off, spendable, sum_of, worth_at_rate};
use crate::policy::{PayoutMode, percent};
use crate::weigh::{Contribution, Outcome, PERSON, PointsByMember, PoolPoints};

impl Subject<'_> {
    /// The pools in which the member has anything.
    pub(super) fn pools(&self) -> Result<Vec<ExplainedPool>, ExplainError> {
        let contributions = self.contributions();
        let counted = count(self.rules, contributions);
        let mut pools = Vec::new();
        for place in 0..self.rules.pools.len() {
            let pool = self.pool(place, contributions, &counted)?;
            let nothing = pool.kinds.is_empty()
                && pool.revised.is_empty()
                && pool.owed_before_micro_points == 0
                && pool.amount_base_units == 0;
            if !nothing {
                pools.push(pool);
            }
        }
        Ok(pools)
    }

    fn pool(
        &self,
        place: usize,
        contributions: &[Contribution],
        counted: &[Counting],
    ) -> Result<ExplainedPool, ExplainError> {
        let name = &self.rules.pools[place].name;
        let (points, split) = (&self.closed.weights.pools[place], &self.closed.pools[place]);
        let of = |points: &PointsByMember| points.get(&self.member).copied().unwrap_or_default();
        let mut kinds = Vec::new();
        let mut from = 0;
        for group in contributions.chunk_by(|a, b| a.kind == b.kind) {
            let range = from..from + group.len();
            from = range.end;
            if self.rules.kinds[usize::from(group[0].kind)].pool == *name {
                kinds.push(self.kind(group, &counted[range])?);
            }
        }
        let held = self.closed.held.iter().filter(|held| held.pool == place);
        let held: Vec<_> = held.cloned().collect();
        let revised = points.revised.get(&self.member).into_iter().flatten();
        let revised = revised.map(|one| Revision {
            epoch: one.epoch,
            before_micro_points: one.before,
            now_micro_points: one.now,
        });
        Ok(ExplainedPool {
            pool: name.clone(),
            kinds,
            counted_micro_points: of(&points.counted),
            influence: self.influence(points),
            worth_micro_points: of(&points.worth),
            revised: revised.collect(),
            owed_before_micro_points: of(&points.owed_before),
            owed_micro_points: of(&points.owed),
            micro_points: of(&points.points),
            split: self.split(place, &points.points, split),
            amount_base_units: of(&split.amounts),
            held: self.rewards(&held)?,
        })
    }

    fn kind(
        &self,
        group: &[Contribution],
        counted: &[Counting],
    ) -> Result<ExplainedKind, ExplainError> {
        let rule = &self.rules.kinds[usize::from(group[0].kind)];
        let any = |outcome| group.iter().any(|one| one.outcome == outcome);
        let many = group.iter().filter(|one| takes_part(one)).count() > 1;
        let diminishing = rule.diminishing_percent > 0 && many;
        let ranked = diminishing || any(Outcome::PastLimit);
        let pairs = group.iter().zip(counted);
        let mut contributions = Vec::with_capacity(group.len());
        for (one, counting) in pairs {
            contributions.push(self.contribution(one, counting, ranked)?);
        }
        let sum_micro_points: u64 = counted.iter().map(|counting| counting.micro_points).sum();
        let volume = rule.capacity.filter(|_| sum_micro_points > 0).map(|capacity| {
            let trust = self.closed.weights.trust.members.get(self.member as usize);
            let trust = trust.copied().unwrap_or_default();
            Volume {
                sum_micro_points,
                capacity_micro_points: capacity.micro(),
                bound_micro_points: bound(capacity.micro(), trust),
            }
        });
        Ok(ExplainedKind {
            kind: rule.name.clone(),
            contributions,
            daily_limit: rule.daily_limit.filter(|_| any(Outcome::PastDailyLimit)),
            limit: any(Outcome::PastLimit).then_some(rule.limit),
            diminishing_percent: diminishing.then_some(rule.diminishing_percent),
            volume,
            counted_micro_points: group.iter().map(|one| one.counted).sum(),
        })
    }

    fn influence(&self, points: &PoolPoints) -> Option<Influence> {
        let value_micro = *points.influence.get(&self.member)?;
        Some(Influence {
            weight_percent: self.rules.influence.as_ref()?.weight_percent,
            greatest_pico_persons: self.closed.weights.trust.greatest,
            value_micro,
        })
    }

    fn split(&self, place: usize, points: &PointsByMember, split: &PoolAllocation) -> Split {
        let rules = self.rules;
        let cancelled = self.closed.cancelled.iter().filter(|held| held.pool == place);
        let returned: u64 = cancelled.map(|held| held.amount).sum();
        let limit_percent = rules.allocation.spend_limit_percent;
        Split {
            budget_base_units: self.closed.budget,
            share_percent: rules.pools[place].share_percent,
            share_base_units: split.share,
            left_before_base_units: split.carried_in.saturating_sub(returned),
            returned_base_units: returned,
            spend_limit_percent: limit_percent,
            spend_limit_base_units: percent(split.share, limit_percent),
            point_limit: point_limit(rules, points),
            spendable_base_units: spendable(rules, split.share, split.carried_in, points),
            method: self.method(points, split),
            granted_base_units: split.allocated(),
            left_after_base_units: split.carried_out,
        }
    }

    /// How the member's part of a pool came about.
    fn method(&self, points: &PointsByMember, split: &PoolAllocation) -> Method {
        let rules = self.rules;
        let Some(place) = points.keys().position(|member| *member == self.member) else {
            return Method::Nothing;
        };
        let over = spendable(rules, split.share, split.carried_in, points);
        let percent_of = rules.allocation.member_cap_percent;
        let cap = MemberCap { percent: percent_of, base_units: percent(over, percent_of) };
        let mut weights: Vec<u64> = points.values().copied().collect();
        let mut rate = None;
        if rules.payout.mode == PayoutMode::FixedRate {
            let per_point = rules.payout.tokens_per_point.micro();
            for weight in &mut weights {
                *weight = worth_at_rate(*weight, per_point, rules.token.decimals);
            }
            let own = Rate { tokens_per_point_micro: per_point, worth_base_units: weights[place] };
            let capped = weights.iter().map(|worth| u128::from(*worth.min(&cap.base_units)));
            if capped.sum::<u128>() <= u128::from(over) {
                return match own.worth_base_units > cap.base_units {
                    true => Method::Cap { rate: Some(own), cap },
                    false => Method::Rate { rate: own },
                };
            }
            rate = Some(own);
        }
        let Capped { at_cap, open, left } = cap_off(over, &weights, cap.base_units);
        if at_cap.contains(&place) {
            return Method::Cap { rate, cap };
        }
        if !open.contains(&place) {
            // Points that are worth less than a base unit have no part.
            return rate.map_or(Method::Nothing, |rate| Method::Rate { rate });
        }
        let sum = |places: &[usize]| {
            places.iter().fold(0u64, |sum, place| sum.saturating_add(weights[*place]))
        };
        let part = part(left, weights[place], sum(&open));
        let amount = split.amounts.get(&self.member).copied().unwrap_or_default();
        let proportion = Proportion {
            weight: weights[place],
            all_weights: sum(&open).saturating_add(sum(&at_cap)),
            capped: (!at_cap.is_empty()).then(|| AtCap {
                cap,
                members: u32::try_from(at_cap.len()).unwrap_or(u32::MAX),
                weights: sum(&at_cap),
            }),
            over_base_units: left,
            part_base_units: part,
            remainder_base_units: amount.saturating_sub(part),
        };
        Method::Proportion { rate, proportion }
    }
}

fn point_limit(rules: &crate::policy::RuleBook, points: &PointsByMember) -> Option<PointLimit> {
    let per_point = rules.allocation.tokens_per_point_limit?.micro();
    let all = sum_of(points);
    Some(PointLimit {
        tokens_per_point_micro: per_point,
        all_micro_points: all,
        base_units: worth_at_rate(all, per_point, rules.token.decimals),
    })
}

/// ⌊amount × weight / weights⌋.
pub(super) fn part(amount: u64, weight: u64, weights: u64) -> u64 {
    let part = u128::from(amount) * u128::from(weight) / u128::from(weights.max(1));
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// ⌊capacity × trust⌋, millionths of a point.
pub(super) fn bound(capacity: u64, trust: u64) -> u64 {
    let bound = u128::from(capacity) * u128::from(trust) / u128::from(PERSON);
    u64::try_from(bound).unwrap_or(u64::MAX)
}
