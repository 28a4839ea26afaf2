//! Quality: the trust-weighted median of what masters found a work to be worth.
//!
//! quality(w) = the smallest percent at which the voices of those who said so or less reach half of all
//! voices; at exactly a half, the middle between it and the next. A prior speaks for 100 %. A master's
//! last word counts; whose work it is has none. One voice of many moves a median to its neighbour and
//! no further, however far off it is.

use std::collections::BTreeMap;

use super::records::{ArtifactIndex, Records};
use super::trust::Voices;
use crate::policy::RuleBook;

/// What a work is worth that nobody assessed, percent.
const UNASSESSED: u16 = 100;

/// The quality of each work that was assessed, percent.
pub(super) fn qualities(
    rules: &RuleBook,
    records: &Records,
    voices: &Voices<'_>,
) -> BTreeMap<ArtifactIndex, u16> {
    let Some(rule) = &rules.assessment else {
        return BTreeMap::new();
    };
    // Records come by event, so the last word is the one that stays.
    let last: BTreeMap<_, _> =
        records.assessments.iter().map(|one| ((one.artifact, one.assessor), one)).collect();
    let mut by_work: BTreeMap<ArtifactIndex, Vec<(u16, u64)>> = BTreeMap::new();
    for ((artifact, assessor), one) in last {
        let voice = voices.of(one.epoch, assessor);
        by_work.entry(artifact).or_default().push((one.percent, voice));
    }
    by_work
        .into_iter()
        .map(|(artifact, mut said)| {
            said.push((UNASSESSED, rule.prior.micro()));
            (artifact, median(&mut said).unwrap_or(UNASSESSED))
        })
        .collect()
}

/// The weighted median of values with their weights; `None` when no weight is above 0.
fn median(values: &mut Vec<(u16, u64)>) -> Option<u16> {
    values.retain(|(_, weight)| *weight > 0);
    values.sort_unstable();
    let all: u64 = values.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0;
    let mut rest = values.iter().peekable();
    while let Some((value, weight)) = rest.next() {
        sum += weight;
        if 2 * sum > all {
            return Some(*value);
        }
        if 2 * sum == all {
            let next = rest.peek().map_or(*value, |(next, _)| *next);
            return Some(value.midpoint(next));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_median_is_where_half_of_the_voices_are_reached() {
        assert_eq!(median(&mut vec![]), None);
        assert_eq!(median(&mut vec![(0, 0)]), None);
        assert_eq!(median(&mut vec![(80, 1)]), Some(80));
        assert_eq!(median(&mut vec![(50, 1), (150, 1)]), Some(100));
        assert_eq!(median(&mut vec![(150, 1), (50, 1), (120, 1)]), Some(120));
        assert_eq!(median(&mut vec![(0, 1), (150, 3), (120, 1)]), Some(150));
    }

    proptest! {
        #[test]
        fn one_of_five_equal_voices_moves_the_median_no_further_than_its_neighbour(
            mut honest in prop::collection::vec(0u16..200, 5), liar in 0usize..5, lie in 0u16..1_000,
        ) {
            let of = |percents: &[u16]| {
                median(&mut percents.iter().map(|percent| (*percent, 1)).collect()).unwrap()
            };
            let mut sorted = honest.clone();
            sorted.sort_unstable();
            honest[liar] = lie;
            let moved = of(&honest);
            prop_assert!(sorted[1] <= moved && moved <= sorted[3]);
        }
    }
}
