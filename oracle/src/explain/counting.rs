//! What became of scores on their way to what counts: ranks, limits and the day's cap, replayed.
//!
//! score → ⌊score × k^−p⌋ at rank k, 0 past the limit → what the day's cap leaves of it

use std::cmp::Reverse;
use std::collections::HashMap;

use super::explanation::{DayCap, Rank};
use crate::policy::RuleBook;
use crate::weigh::{Contribution, MicroPoints, Outcome, RankFactors, action_cap};

/// What became of one score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counting {
    /// Its place, unless it has none.
    pub(super) rank: Option<Rank>,
    /// What its day's cap left, if there is one.
    pub(super) day: Option<DayCap>,
    /// What is left after both.
    pub(super) micro_points: MicroPoints,
}

/// Counts a member's contributions of an epoch, which come by kind and event; capacity, which scales a
/// kind's together, comes after it.
pub(super) fn count(rules: &RuleBook, contributions: &[Contribution]) -> Vec<Counting> {
    let mut counted = vec![Counting::default(); contributions.len()];
    let mut from = 0;
    for group in contributions.chunk_by(|a, b| a.kind == b.kind) {
        rank(rules, group, &mut counted[from..from + group.len()]);
        from += group.len();
    }
    cap_days(rules, contributions, &mut counted);
    counted
}

/// Whether a score was counted at all.
pub(super) fn takes_part(one: &Contribution) -> bool {
    let is_out = matches!(
        one.outcome,
        Outcome::Withdrawn | Outcome::NewcomerHasNotContributed | Outcome::PastDailyLimit
    );
    one.score > 0 && !is_out
}

fn rank(rules: &RuleBook, group: &[Contribution], counted: &mut [Counting]) {
    let rule = &rules.kinds[usize::from(group[0].kind)];
    let mut ranks = RankFactors::new(rule.diminishing_percent);
    let mut best: Vec<usize> = (0..group.len()).filter(|i| takes_part(&group[*i])).collect();
    best.sort_by_key(|i| (Reverse(group[*i].score), group[*i].event));
    for (rank, i) in (1..).zip(best) {
        let score = group[i].score;
        let micro_points = if rank > rule.limit { 0 } else { ranks.scale(score, rank) };
        counted[i].micro_points = micro_points;
        counted[i].rank = Some(Rank { rank, micro_points });
    }
}

fn cap_days(rules: &RuleBook, contributions: &[Contribution], counted: &mut [Counting]) {
    let Some(actions) = rules.caps.day_actions else {
        return;
    };
    let mut order: Vec<usize> = (0..contributions.len()).collect();
    order.retain(|i| counted[*i].micro_points > 0);
    order.sort_by_key(|i| contributions[*i].event);
    let mut days: HashMap<i32, MicroPoints> = HashMap::new();
    for i in order {
        let one = &contributions[i];
        let multiplied = rules.kinds[usize::from(one.kind)].multiplied;
        let cap = action_cap(&rules.caps, one.factors.qualification).filter(|_| multiplied);
        let Some(cap) = cap else {
            continue;
        };
        let day = days.entry(one.day).or_default();
        let cap_micro_points = cap.saturating_mul(u64::from(actions));
        let micro_points = counted[i].micro_points.min(cap_micro_points.saturating_sub(*day));
        let before_micro_points = *day;
        counted[i].day =
            Some(DayCap { actions, cap_micro_points, before_micro_points, micro_points });
        counted[i].micro_points = micro_points;
        *day += micro_points;
    }
}
