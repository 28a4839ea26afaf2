//! What counts of a member's contributions together: limits, ranks, the day's cap and capacity.
//!
//! x = Σ score₍ₖ₎ × k^−p over the contributions of a kind in an epoch, best first, within its limits
//! volume = x·κ / (x + κ),  κ = capacity(kind) × trust in the member, in whole persons
//!
//! The volume is concave and grows in proportion when score and trust do. So for any parts,
//! Σ f(xᵢ, κᵢ) ≤ f(Σ xᵢ, Σ κᵢ): who splits an account, and the trust in it, gains nothing.

use std::collections::HashMap;

use super::Dimensions;
use super::contribution::{Contribution, MicroPoints, Outcome};
use super::power::RankFactors;
use super::score::action_cap;
use super::trust::{PERSON, Voices};
use crate::policy::RuleBook;

/// Sets what counts of each contribution; they come and stay sorted by epoch, member, kind and event.
pub(super) fn count(
    rules: &RuleBook,
    dimensions: Dimensions,
    voices: &Voices<'_>,
    contributions: &mut [Contribution],
) {
    apply_daily_limits(rules, contributions);
    let mut ranks: Vec<RankFactors> = rules
        .kinds
        .iter()
        .map(|kind| match dimensions.volume {
            true => RankFactors::new(kind.diminishing_percent),
            false => RankFactors::new(0),
        })
        .collect();
    for group in by_kind(contributions) {
        let kind = usize::from(group[0].kind);
        apply_ranks(rules.kinds[kind].limit, &mut ranks[kind], group);
    }
    apply_day_caps(rules, contributions);
    if dimensions.volume {
        for group in by_kind(contributions) {
            apply_capacity(rules, voices, group);
        }
    }
}

fn by_kind(contributions: &mut [Contribution]) -> impl Iterator<Item = &mut [Contribution]> {
    contributions.chunk_by_mut(|a, b| (a.epoch, a.member, a.kind) == (b.epoch, b.member, b.kind))
}

/// Of a member's contributions of a kind, the first ones of a day count.
fn apply_daily_limits(rules: &RuleBook, contributions: &mut [Contribution]) {
    for group in by_kind(contributions) {
        let Some(limit) = rules.kinds[usize::from(group[0].kind)].daily_limit else {
            continue;
        };
        // Events are in the order of time, so those of a day follow each other.
        for day in group.chunk_by_mut(|a, b| a.day == b.day) {
            let scored = day.iter_mut().filter(|one| one.counted > 0);
            for past in scored.skip(limit as usize) {
                (past.counted, past.outcome) = (0, Outcome::PastDailyLimit);
            }
        }
    }
}

/// Score × k^−p at rank k, the best first, nothing past the limit.
fn apply_ranks(limit: u32, ranks: &mut RankFactors, group: &mut [Contribution]) {
    let mut best: Vec<&mut Contribution> = group.iter_mut().filter(|one| one.counted > 0).collect();
    best.sort_by_key(|one| (std::cmp::Reverse(one.score), one.event));
    for (rank, one) in (1..).zip(best) {
        if rank > limit {
            (one.counted, one.outcome) = (0, Outcome::PastLimit);
            continue;
        }
        let counted = ranks.scale(one.score, rank);
        if counted < one.counted {
            one.outcome = Outcome::Diminished;
        }
        one.counted = counted;
    }
}

/// Of a member's day, points count in the order of time until the cap is reached.
fn apply_day_caps(rules: &RuleBook, contributions: &mut [Contribution]) {
    let Some(actions) = rules.caps.day_actions else {
        return;
    };
    let mut order: Vec<usize> = (0..contributions.len()).collect();
    order.sort_by_key(|place| contributions[*place].event);
    let mut days: HashMap<(u32, i32), MicroPoints> = HashMap::new();
    for place in order {
        let one = &mut contributions[place];
        let rule = &rules.kinds[usize::from(one.kind)];
        let cap = action_cap(&rules.caps, one.factors.qualification);
        let Some(cap) = cap.filter(|_| rule.multiplied) else {
            continue;
        };
        let day = days.entry((one.member, one.day)).or_default();
        let left = cap.saturating_mul(u64::from(actions)).saturating_sub(*day);
        if one.counted > left {
            (one.counted, one.outcome) = (left, Outcome::PastDayCap);
        }
        *day += one.counted;
    }
}

/// Scales a member's contributions of a kind down to their volume.
fn apply_capacity(rules: &RuleBook, voices: &Voices<'_>, group: &mut [Contribution]) {
    let Some(capacity) = rules.kinds[usize::from(group[0].kind)].capacity else {
        return;
    };
    let sum = group.iter().map(|one| u128::from(one.counted)).sum::<u128>();
    if sum == 0 {
        return;
    }
    let trust = voices.most_since(group[0].epoch, group[0].member);
    // At most 10¹² × 10¹² × 10⁶: within 128 bits.
    let bound = u128::from(capacity.micro()) * u128::from(trust) / u128::from(PERSON);
    for one in group.iter_mut().filter(|one| one.counted > 0) {
        let counted = u128::from(one.counted) * bound / (sum + bound);
        one.counted = u64::try_from(counted).unwrap_or(one.counted);
        one.outcome = match bound {
            0 => Outcome::Untrusted,
            // What loses less than a thousandth is as good as whole.
            _ if sum * 1_000 > bound => Outcome::Diminished,
            _ => one.outcome,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::MICRO;

    /// x·κ / (x + κ) as it is computed, for one contribution.
    fn volume(x: u64, trust: u64) -> u64 {
        let bound = u128::from(400 * MICRO) * u128::from(trust) / u128::from(PERSON);
        u64::try_from(u128::from(x) * bound / (u128::from(x) + bound).max(1)).unwrap()
    }

    proptest! {
        #[test]
        fn splitting_an_account_and_its_trust_gains_nothing(
            parts in prop::collection::vec((0u64..1 << 40, 0u64..1 << 42), 1..20),
        ) {
            let x: u64 = parts.iter().map(|(x, _)| x).sum();
            let trust: u64 = parts.iter().map(|(_, trust)| trust).sum();
            let split: u64 = parts.iter().map(|(x, trust)| volume(*x, *trust)).sum();
            // The bound of each part is rounded down too, so the whole may lose one millionth.
            prop_assert!(split <= volume(x, trust) + 1);
        }
    }
}
