//! Splits an epoch's budget over pools and members, exactly.
//!
//! share(p) = budget × share_percent(p) / 100, by largest remainder, so Σ share = budget
//! spendable(p) = min(share + carried_in, share × spend_limit_percent / 100,
//! ⌊Σ points × tokens_per_point_limit⌋), so that an idle week is no windfall for who did little
//! cap = spendable × member_cap_percent / 100
//! by budget share: amount(i) = spendable × points(i) / Σ points, by largest remainder and at most the
//! cap; what it cuts off goes to the others
//! at a fixed rate: amount(i) = ⌊points(i) × tokens_per_point⌋, at most the cap; when Σ amount would
//! exceed what is spendable, that is split in proportion to the amounts
//! carried_out(p) = share + carried_in − Σ amount
//!
//! So for every pool and epoch Σ amount + carried_out = share + carried_in. Pure: integers only,
//! no clock, no I/O.

use std::collections::BTreeMap;

use crate::identity::MemberIndex;
use crate::policy::{MICRO, PayoutMode, RuleBook, percent};
use crate::weigh::PointsByMember;

/// What became of one pool's share in one epoch, base units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolAllocation {
    /// The pool's share of the epoch's budget.
    pub share: u64,
    /// What earlier epochs left.
    pub carried_in: u64,
    /// What each member gets.
    pub amounts: BTreeMap<MemberIndex, u64>,
    /// What is left for later epochs.
    pub carried_out: u64,
}

impl PoolAllocation {
    /// Σ amounts.
    pub fn allocated(&self) -> u64 {
        self.amounts.values().sum()
    }
}

/// Splits an epoch's budget; `carried` holds what each pool has left and is updated.
///
/// # Panics
/// When `points` or `carried` are not of the rule book's pools.
pub fn allocate(
    rules: &RuleBook,
    budget: u64,
    points: &[&PointsByMember],
    carried: &mut [u64],
) -> Vec<PoolAllocation> {
    assert_eq!((points.len(), carried.len()), (rules.pools.len(), rules.pools.len()));
    let shares: Vec<_> = rules.pools.iter().map(|pool| u64::from(pool.share_percent)).collect();
    let shares = split(budget, &shares);
    let pools = shares.into_iter().zip(points).zip(carried);
    pools.map(|((share, points), carried)| allocate_pool(rules, share, points, carried)).collect()
}

fn allocate_pool(
    rules: &RuleBook,
    share: u64,
    points: &PointsByMember,
    carried: &mut u64,
) -> PoolAllocation {
    let carried_in = *carried;
    let available = share.checked_add(carried_in).expect("budgets are far below 64 bits");
    let spendable = spendable(rules, share, carried_in, points);
    let cap = percent(spendable, rules.allocation.member_cap_percent);
    let (members, weights): (Vec<MemberIndex>, Vec<u64>) = points.iter().unzip();
    let amounts = match rules.payout.mode {
        PayoutMode::BudgetShare => split_capped(spendable, &weights, cap),
        PayoutMode::FixedRate => at_fixed_rate(rules, spendable, &weights, cap),
    };
    let amounts: BTreeMap<_, _> =
        members.into_iter().zip(amounts).filter(|(_, amount)| *amount > 0).collect();
    *carried = available - amounts.values().sum::<u64>();
    PoolAllocation { share, carried_in, amounts, carried_out: *carried }
}

/// What a pool can spend of its share and of what earlier epochs left, base units.
pub(crate) fn spendable(
    rules: &RuleBook,
    share: u64,
    carried_in: u64,
    points: &PointsByMember,
) -> u64 {
    let limit = percent(share, rules.allocation.spend_limit_percent);
    let available = share.saturating_add(carried_in).min(limit);
    match rules.allocation.tokens_per_point_limit {
        Some(most) => {
            let worth = worth_at_rate(sum_of(points), most.micro(), rules.token.decimals);
            available.min(worth)
        }
        None => available,
    }
}

/// Σ points, millionths.
pub(crate) fn sum_of(points: &PointsByMember) -> u64 {
    points.values().fold(0, |sum: u64, points| sum.saturating_add(*points))
}

/// What points are worth at the rule book's rate, none above the cap, all scaled down to the amount if
/// they would exceed it.
fn at_fixed_rate(rules: &RuleBook, amount: u64, points: &[u64], cap: u64) -> Vec<u64> {
    let rate = rules.payout.tokens_per_point.micro();
    let worth: Vec<u64> =
        points.iter().map(|points| worth_at_rate(*points, rate, rules.token.decimals)).collect();
    let capped: Vec<u64> = worth.iter().map(|worth| *worth.min(&cap)).collect();
    let sum: u128 = capped.iter().copied().map(u128::from).sum();
    if sum <= u128::from(amount) { capped } else { split_capped(amount, &worth, cap) }
}

/// ⌊points × tokens per point × 10^decimals⌋, base units; points and rate in millionths.
pub(crate) fn worth_at_rate(points: u64, tokens_per_point: u64, decimals: u8) -> u64 {
    let rate = u128::from(tokens_per_point) * 10u128.pow(decimals.into());
    let micro = u128::from(MICRO) * u128::from(MICRO);
    // 10¹² × 10¹⁸ × 10⁹ at most: beyond 128 bits only for points that no epoch has.
    u64::try_from(rate.saturating_mul(u128::from(points)) / micro).unwrap_or(u64::MAX)
}

/// Splits an amount in proportion to the weights, none above the cap.
///
/// Σ result = amount, unless every weighted part is at its cap.
fn split_capped(amount: u64, weights: &[u64], cap: u64) -> Vec<u64> {
    let Capped { at_cap, open, left } = cap_off(amount, weights, cap);
    let mut parts = vec![0; weights.len()];
    for i in at_cap {
        parts[i] = cap;
    }
    let weights: Vec<_> = open.iter().map(|i| weights[*i]).collect();
    for (i, part) in open.into_iter().zip(split(left, &weights)) {
        parts[i] = part;
    }
    parts
}

/// Who is at the cap of a split, and what is left for the others.
pub(crate) struct Capped {
    /// Places of the weights that get the cap.
    pub(crate) at_cap: Vec<usize>,
    /// Places of those that share what is left, in order.
    pub(crate) open: Vec<usize>,
    /// The amount less the caps, base units.
    pub(crate) left: u64,
}

/// Gives the cap to whose proportional part is at or above it, until nobody's is.
pub(crate) fn cap_off(amount: u64, weights: &[u64], cap: u64) -> Capped {
    let open = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
    let mut split = Capped { at_cap: Vec::new(), open, left: amount };
    loop {
        let total: u128 = split.open.iter().map(|i| u128::from(weights[*i])).sum();
        let part = |i: &usize| u128::from(split.left) * u128::from(weights[*i]);
        let (capped, rest): (Vec<_>, Vec<_>) =
            split.open.iter().partition(|i| part(i) >= u128::from(cap) * total);
        if capped.is_empty() {
            return split;
        }
        // Each one's part is at least the cap, so all of them together are within what is left.
        split.left -= cap * capped.len() as u64;
        split.at_cap.extend(capped);
        split.open = rest;
    }
}

/// Splits an amount in proportion to the weights by largest remainder; ties go to the first.
///
/// Σ result = amount, unless all weights are zero.
pub(crate) fn split(amount: u64, weights: &[u64]) -> Vec<u64> {
    let total: u128 = weights.iter().copied().map(u128::from).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &u64| u128::from(amount) * u128::from(*weight);
    let mut parts: Vec<u64> = weights
        .iter()
        .map(|weight| u64::try_from(exact(weight) / total).expect("a part is within the whole"))
        .collect();
    let mut left = amount - parts.iter().sum::<u64>();
    let mut by_remainder: Vec<_> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|i| std::cmp::Reverse(exact(&weights[*i]) % total));
    for i in by_remainder {
        if left == 0 {
            break;
        }
        parts[i] += 1;
        left -= 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::Policy;

    fn rules() -> RuleBook {
        let text = include_str!("../tests/oracle/policies/version-1.toml");
        Policy::parse(text).unwrap().rules().clone()
    }

    #[test]
    fn splits_by_largest_remainder_and_ties_go_to_the_first() {
        assert_eq!(split(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(split(7, &[0, 5, 2]), [0, 5, 2]);
        assert_eq!(split(1, &[1, 2]), [0, 1]);
        assert_eq!(split(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn what_a_cap_cuts_off_goes_to_the_others_until_all_are_capped() {
        assert_eq!(split_capped(100, &[90, 5, 5], 50), [50, 25, 25]);
        assert_eq!(split_capped(100, &[90, 9, 1], 40), [40, 40, 20]);
        assert_eq!(split_capped(100, &[1, 1], 25), [25, 25]);
        assert_eq!(split_capped(100, &[0, 3], 100), [0, 100]);
    }

    #[test]
    fn an_idle_epoch_carries_its_whole_budget_to_the_next() {
        let rules = rules();
        let mut carried = vec![0; 3];
        let nobody = BTreeMap::new();
        let idle = allocate(&rules, 1_000, &[&nobody; 3], &mut carried);
        assert_eq!(idle.iter().map(|pool| pool.carried_out).collect::<Vec<_>>(), [150, 350, 500]);
        let points = BTreeMap::from_iter((0..10).map(|member| (member, 1)));
        let next = allocate(&rules, 1_000, &[&points; 3], &mut carried);
        assert_eq!(next.iter().map(PoolAllocation::allocated).sum::<u64>(), 2_000);
        assert_eq!(carried, [0; 3]);
    }

    #[test]
    fn few_points_are_paid_at_most_the_limit_and_the_rest_is_carried() {
        let text = include_str!("../tests/oracle/policies/version-1.toml");
        let limit = "spend_limit_percent = 200\ntokens_per_point_limit = 0.00002";
        let text = text.replacen("spend_limit_percent = 200", limit, 1);
        let rules = Policy::parse(&text).unwrap().rules().clone();
        let mut carried = vec![0; 3];
        // 20 base units a point: 5 points of one member, of whom the cap leaves a quarter
        let few = BTreeMap::from([(0, 5_000_000)]);
        let many = BTreeMap::from_iter((0..10).map(|member| (member, 9_000_000)));
        let pools = allocate(&rules, 1_000, &[&few, &many, &BTreeMap::new()], &mut carried);
        assert_eq!(pools[0].allocated(), 25);
        assert_eq!(pools[1].allocated(), 350, "many points take the whole share");
        assert_eq!(carried, [125, 0, 500]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_made_and_limits_hold(
            budget in 0u64..1_000_000_000_000,
            epochs in prop::collection::vec(
                prop::collection::vec(prop::collection::btree_map(0u32..40, 0u64..1 << 40, 0..30), 3..=3),
                1..6,
            ),
        ) {
            let rules = rules();
            let mut carried = vec![0; 3];
            let (mut paid, mut budgets) = (0, 0);
            for points in &epochs {
                let points: Vec<_> = points.iter().collect();
                let pools = allocate(&rules, budget, &points, &mut carried);
                prop_assert_eq!(pools.iter().map(|pool| pool.share).sum::<u64>(), budget);
                for pool in &pools {
                    let spendable = (pool.share + pool.carried_in).min(pool.share * 2);
                    prop_assert_eq!(
                        pool.allocated() + pool.carried_out,
                        pool.share + pool.carried_in
                    );
                    prop_assert!(pool.allocated() <= spendable);
                    prop_assert!(pool.amounts.values().all(|amount| *amount <= spendable / 4));
                }
                paid += pools.iter().map(PoolAllocation::allocated).sum::<u64>();
                budgets += budget;
            }
            prop_assert_eq!(paid + carried.iter().sum::<u64>(), budgets);
        }

        #[test]
        fn more_points_never_mean_less(
            amount in 0u64..1_000_000_000, weights in prop::collection::vec(0u64..1 << 50, 1..50),
            cap in 1u64..1_000_000_000,
        ) {
            let parts = split_capped(amount, &weights, cap);
            for (i, a) in weights.iter().enumerate() {
                for (j, b) in weights.iter().enumerate() {
                    // Equal remainders are settled by place, so one base unit may go the other way.
                    prop_assert!(a < b || parts[i] + 1 >= parts[j]);
                }
            }
        }
    }
}
