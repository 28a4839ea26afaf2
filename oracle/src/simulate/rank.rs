//! How alike two orders of the same members are: Kendall's tau-b.
//!
//! τ_b = (C − D) / √((n₀ − n₁)(n₀ − n₂))
//!
//! C and D are the pairs of members that both orders rank the same way and opposite ways,
//! n₀ = n(n − 1)/2 are all pairs, n₁ and n₂ those that are tied in the first and in the second. By
//! Knight's method: sorted by the first, D is what a merge sort by the second exchanges, so it takes
//! n log n steps. Integers only.

use num_bigint::BigUint;

/// One, in millionths.
const MICRO: u64 = 1_000_000;

/// τ_b of two scores of each member, millionths, rounded towards zero.
///
/// `None` unless both scores tell at least two members apart.
pub fn tau_b_micro<A: Ord, B: Ord>(scores: &[(A, B)]) -> Option<i64> {
    let mut sorted: Vec<_> = scores.iter().collect();
    sorted.sort();
    let all = pairs(sorted.len());
    let tied_in_first = tied_pairs(&sorted, |x, y| x.0 == y.0);
    let tied_in_both = tied_pairs(&sorted, |x, y| x == y);
    let mut second: Vec<_> = sorted.iter().map(|(_, second)| second).collect();
    let discordant = sort_counting_exchanges(&mut second);
    let tied_in_second = tied_pairs(&second, |x, y| x == y);
    // Neither order ties what is left, so it is concordant or discordant.
    let concordant = all + tied_in_both - tied_in_first - tied_in_second - discordant;
    let product = BigUint::from(all - tied_in_first) * BigUint::from(all - tied_in_second);
    if product == BigUint::ZERO {
        return None;
    }
    let scaled = BigUint::from(concordant.abs_diff(discordant)) * BigUint::from(MICRO);
    let tau = i64::try_from((scaled.pow(2) / product).sqrt()).ok()?;
    Some(if concordant < discordant { -tau } else { tau })
}

/// How many pairs can be made of so many.
fn pairs(count: usize) -> u128 {
    let count = count as u128;
    count * count.saturating_sub(1) / 2
}

/// The pairs among neighbours that are the same.
fn tied_pairs<T>(sorted: &[T], same: impl FnMut(&T, &T) -> bool) -> u128 {
    sorted.chunk_by(same).map(|tied| pairs(tied.len())).sum()
}

/// Sorts, and counts the pairs that stood the wrong way round.
fn sort_counting_exchanges<T: Ord + Copy>(values: &mut [T]) -> u128 {
    if values.len() < 2 {
        return 0;
    }
    let (left, right) = values.split_at_mut(values.len() / 2);
    let mut exchanges = sort_counting_exchanges(left) + sort_counting_exchanges(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if left[i] <= right[j] {
            merged.push(left[i]);
            i += 1;
        } else {
            exchanges += (left.len() - i) as u128;
            merged.push(right[j]);
            j += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    values.copy_from_slice(&merged);
    exchanges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tau_b(first: &[u64], second: &[u64]) -> Option<i64> {
        let scores: Vec<_> = first.iter().zip(second).collect();
        tau_b_micro(&scores)
    }

    /// By `scipy.stats.kendalltau` of SciPy 1.17.1; the first is its documentation's own example.
    #[test]
    fn scipy_finds_the_same() {
        assert_eq!(tau_b(&[12, 2, 1, 12, 2], &[1, 4, 7, 1, 0]), Some(-471_404)); // -0.47140452079103
        let second = [5, 2, 1, 3, 6, 4, 7, 8, 9, 0];
        assert_eq!(tau_b(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], &second), Some(333_333));
        let second = [2, 2, 1, 3, 3, 4, 4, 6];
        assert_eq!(tau_b(&[1, 2, 2, 3, 3, 3, 4, 5], &second), Some(816_496)); // 0.816496580927726
        let second = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4];
        let tau = tau_b(&[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5], &second);
        assert_eq!(tau, Some(147_572)); // 0.14757295747452434
        let (first, second): (Vec<_>, Vec<_>) = (0..50).map(|i| (i, (i * i * 7 + 3) % 23)).unzip();
        assert_eq!(tau_b(&first, &second), Some(15_205)); // 0.015205175896862122
    }

    #[test]
    fn what_tells_nobody_apart_has_no_tau() {
        assert_eq!(tau_b(&[], &[]), None);
        assert_eq!(tau_b(&[1], &[1]), None);
        assert_eq!(tau_b(&[1, 1, 1], &[1, 2, 3]), None);
        assert_eq!(tau_b(&[1, 2, 3], &[7, 7, 7]), None);
    }

    proptest! {
        #[test]
        fn it_is_what_its_definition_says(
            scores in prop::collection::vec((0u8..12, 0u8..12), 0..60),
        ) {
            let (mut balance, mut untied_first, mut untied_second) = (0i64, 0u64, 0u64);
            for (i, x) in scores.iter().enumerate() {
                for y in &scores[..i] {
                    let (first, second) = (x.0.cmp(&y.0) as i64, x.1.cmp(&y.1) as i64);
                    balance += first * second;
                    untied_first += first.unsigned_abs();
                    untied_second += second.unsigned_abs();
                }
            }
            let product = u128::from(untied_first * untied_second);
            let scaled = u128::from(balance.unsigned_abs() * MICRO);
            let expected = (product > 0).then(|| {
                balance.signum() * i64::try_from((scaled * scaled / product).isqrt()).unwrap()
            });
            prop_assert_eq!(tau_b_micro(&scores), expected);
        }

        #[test]
        fn the_same_order_is_one_and_the_opposite_is_minus_one(
            scores in prop::collection::btree_set(0u64..1_000_000, 2..200),
        ) {
            let same: Vec<_> = scores.iter().map(|score| (score, score * 3 + 1)).collect();
            prop_assert_eq!(tau_b_micro(&same), Some(1_000_000));
            let opposite: Vec<_> = scores.iter().map(|score| (score, u64::MAX - score)).collect();
            prop_assert_eq!(tau_b_micro(&opposite), Some(-1_000_000));
        }
    }
}
