//! How equally an epoch's amounts are spread, in integers.
//!
//! With x ascending, n of them, and Σ = x₁ + … + xₙ:
//!
//! ```text
//! Gini        = Σ (2i − n − 1)·xᵢ / (n·Σ) = Σ k·(n − k)·(xₖ₊₁ − xₖ) / (n·Σ),   k = 1 … n − 1
//! Lorenz(k)   = (k / n, (x₁ + … + xₖ) / Σ)
//! quantile(q) = the smallest x that at least q·n of them do not exceed
//! ```
//!
//! Parts are in ppm, rounded down. The second form of Gini has no negative term, so it fits 128 bits.

use serde::{Deserialize, Serialize};

/// A whole, in ppm.
pub const WHOLE_PPM: u32 = 1_000_000;
/// How many are in the anonymised top.
const TOP: usize = 100;
/// The most bands that a picture has room for.
const BANDS: usize = 12;

/// Amounts, base units, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution(Vec<u64>);

/// A point of the Lorenz curve: the poorest part of the members, and what they have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LorenzPoint {
    /// Part of the members, ppm.
    pub members_ppm: u32,
    /// Part of the sum, ppm.
    pub amount_ppm: u32,
}

/// A place in the anonymised top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopPlace {
    /// From 1; who have the same share the place by nothing but order.
    pub place: u64,
    /// Base units.
    pub amount: u64,
    /// Part of the sum, ppm.
    pub share_ppm: u32,
}

/// How many amounts lie in one band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The least amount in it, base units.
    pub from: u64,
    /// The least amount above it, base units.
    pub to: u64,
    /// How many amounts.
    pub count: u64,
}

impl FromIterator<u64> for Distribution {
    fn from_iter<I: IntoIterator<Item = u64>>(amounts: I) -> Self {
        let mut amounts: Vec<u64> = amounts.into_iter().collect();
        amounts.sort_unstable();
        Self(amounts)
    }
}

impl Distribution {
    /// How many amounts there are.
    pub fn len(&self) -> u64 {
        wide(self.0.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Σ, base units.
    pub fn sum(&self) -> u128 {
        self.0.iter().copied().map(u128::from).sum()
    }

    /// The Gini coefficient, ppm: 0 when all have the same, near a million when one has all; 0 of
    /// nothing.
    pub fn gini_ppm(&self) -> u32 {
        let count = u128::from(self.len());
        let steps = self.0.windows(2).zip(1u128..);
        let spread = steps.map(|(pair, k)| k * (count - k) * u128::from(pair[1] - pair[0])).sum();
        part_ppm(spread, count * self.sum())
    }

    /// The Lorenz curve in so many steps at most, from (0, 0) to (1, 1).
    pub fn lorenz(&self, steps: u64) -> Vec<LorenzPoint> {
        let steps = steps.min(self.len());
        let (mut below, mut sum, total) = (0u64, 0u128, self.sum());
        let mut amounts = self.0.iter();
        let mut points = vec![LorenzPoint { members_ppm: 0, amount_ppm: 0 }];
        for step in 1..=steps {
            while u128::from(below) * u128::from(steps) < u128::from(step) * u128::from(self.len())
            {
                sum += u128::from(amounts.next().copied().unwrap_or_default());
                below += 1;
            }
            points.push(LorenzPoint {
                members_ppm: part_ppm(below.into(), self.len().into()),
                amount_ppm: part_ppm(sum, total),
            });
        }
        points
    }

    /// The quantile of a part, ppm, by the inverse of the empirical distribution: an amount that is
    /// there, base units. None of nothing.
    pub fn quantile(&self, ppm: u32) -> Option<u64> {
        let rank = (u128::from(self.len()) * u128::from(ppm.min(WHOLE_PPM)))
            .div_ceil(u128::from(WHOLE_PPM))
            .max(1);
        self.0.get(usize::try_from(rank - 1).ok()?).copied()
    }

    /// What the best-paid part of the members, ppm rounded up to a member, has of the sum, ppm.
    pub fn share_of_top(&self, members_ppm: u32) -> u32 {
        let count = (u128::from(self.len()) * u128::from(members_ppm.min(WHOLE_PPM)))
            .div_ceil(u128::from(WHOLE_PPM));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let top = self.0.iter().rev().take(count).copied().map(u128::from).sum();
        part_ppm(top, self.sum())
    }

    /// The hundred largest amounts, without whose they are.
    pub fn top_100(&self) -> Vec<TopPlace> {
        let sum = self.sum();
        let amounts = self.0.iter().rev().take(TOP).copied();
        let places = amounts.zip(1u64..).map(|(amount, place)| TopPlace {
            place,
            amount,
            share_ppm: part_ppm(amount.into(), sum),
        });
        places.collect()
    }

    /// How many amounts lie where: bands whose limits are 1, 2 and 5 tokens, times powers of ten,
    /// from the smallest amount to the largest. Where these are too many, powers of ten alone.
    pub fn bands(&self) -> Vec<Band> {
        let (Some(&least), Some(&most)) = (self.0.first(), self.0.last()) else {
            return Vec::new();
        };
        let bands = self.bands_between(&limits(&[1, 2, 5]), least, most);
        if bands.len() <= BANDS {
            return bands;
        }
        self.bands_between(&limits(&[1]), least, most)
    }

    fn bands_between(&self, limits: &[u64], least: u64, most: u64) -> Vec<Band> {
        let bands = limits.windows(2).map(|pair| (pair[0], pair[1]));
        // The last band has no amount above it.
        let last = limits.last().map(|limit| (*limit, u64::MAX));
        bands
            .chain(last)
            .filter(|(from, to)| *to > least && *from <= most)
            .map(|(from, to)| {
                let below = |limit| self.0.partition_point(|amount| *amount < limit);
                let end = if to == u64::MAX { self.0.len() } else { below(to) };
                Band { from, to, count: wide(end - below(from)) }
            })
            .collect()
    }
}

/// 0 and every mantissa × 10^e that fits 64 bits, ascending.
fn limits(mantissas: &[u64]) -> Vec<u64> {
    let powers = (0..).map_while(|exponent| 10u64.checked_pow(exponent));
    let limits = powers.flat_map(|power| mantissas.iter().map(move |m| power.checked_mul(*m)));
    std::iter::once(0).chain(limits.flatten()).collect()
}

/// part × 10⁶ / whole, rounded down; 0 of nothing.
pub(super) fn part_ppm(part: u128, whole: u128) -> u32 {
    // Above 2^107 the lowest bits are far below a millionth.
    let shift = whole.checked_ilog2().unwrap_or_default().saturating_sub(106);
    let ppm = ((part >> shift) * u128::from(WHOLE_PPM)).checked_div(whole >> shift);
    ppm.map_or(0, |ppm| u32::try_from(ppm).unwrap_or(u32::MAX))
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(amounts: &[u64]) -> Distribution {
        amounts.iter().copied().collect()
    }

    /// xᵢ = (7919·i² mod 1000003) + i³, i = 1 … 112: the amounts that NumPy was given too.
    fn hundred() -> Distribution {
        (1..=112u64).map(|i| (i * i * 7_919) % 1_000_003 + i.pow(3)).collect()
    }

    #[test]
    fn nothing_has_no_quantile_no_curve_and_no_inequality() {
        let nothing = of(&[]);
        assert_eq!((nothing.gini_ppm(), nothing.quantile(500_000)), (0, None));
        assert_eq!(nothing.lorenz(100), [LorenzPoint { members_ppm: 0, amount_ppm: 0 }]);
        assert_eq!((nothing.bands(), nothing.top_100()), (vec![], vec![]));
        assert_eq!((of(&[0, 0]).gini_ppm(), of(&[0, 0]).share_of_top(WHOLE_PPM)), (0, 0));
    }

    // The figures below are NumPy 2.4's: np.abs(np.subtract.outer(x, x)).mean() / (2 * x.mean()),
    // np.quantile(x, q, method='inverted_cdf'), np.cumsum(np.sort(x)) / x.sum().

    #[test]
    fn gini_is_what_numpy_computes() {
        assert_eq!(hundred().gini_ppm(), 340_993);
        assert_eq!(of(&[1, 2, 3, 4]).gini_ppm(), 250_000);
        assert_eq!(of(&[0, 0, 0, 10]).gini_ppm(), 750_000);
        assert_eq!(of(&[1, 1, 1, 1, 96]).gini_ppm(), 760_000);
        assert_eq!(of(&[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]).gini_ppm(), 309_917);
        assert_eq!((0..40).map(|k| 1 << k).collect::<Distribution>().gini_ppm(), 925_000);
        assert_eq!((0..19).map(|k| 10u64.pow(k)).collect::<Distribution>().gini_ppm(), 935_672);
    }

    #[test]
    fn quantiles_are_what_numpy_computes() {
        let at = |ppm| hundred().quantile(ppm).unwrap();
        let parts = [0, 100_000, 250_000, 500_000, 750_000, 900_000, 990_000, 1_000_000];
        let expected =
            [7_920, 175_591, 425_221, 785_147, 1_145_986, 1_584_187, 2_150_615, 2_168_636];
        assert_eq!(parts.map(at), expected);
        let digits = of(&[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]);
        let parts = [0, 100_000, 250_000, 500_000, 750_000, 900_000, 1_000_000];
        assert_eq!(parts.map(|ppm| digits.quantile(ppm).unwrap()), [1, 1, 2, 4, 5, 6, 9]);
    }

    #[test]
    fn the_lorenz_curve_is_what_numpy_computes() {
        let curve = hundred().lorenz(4);
        let amounts: Vec<_> = curve.iter().map(|point| point.amount_ppm).collect();
        assert_eq!(amounts, [0, 66_501, 262_131, 539_549, 1_000_000]);
        let members: Vec<_> = curve.iter().map(|point| point.members_ppm).collect();
        assert_eq!(members, [0, 250_000, 500_000, 750_000, 1_000_000]);
        assert_eq!(hundred().lorenz(1_000).len(), 113, "a step a member is enough");
        // The best 10 % are 12 of 112.
        assert_eq!(hundred().share_of_top(100_000), 232_563);
        assert_eq!(hundred().share_of_top(10_000), 45_759);
    }

    #[test]
    fn bands_are_limited_by_round_amounts_and_hold_every_amount() {
        let band = |from, to, count| Band { from, to, count };
        assert_eq!(
            of(&[3, 4, 5, 19, 20]).bands(),
            [band(2, 5, 2), band(5, 10, 1), band(10, 20, 1), band(20, 50, 1)]
        );
        let wide = of(&[0, 1, 30_000, u64::MAX]).bands();
        assert_eq!(wide[..3], [band(0, 1, 1), band(1, 10, 1), band(10, 100, 0)]);
        assert_eq!(wide.last(), Some(&band(10_000_000_000_000_000_000, u64::MAX, 1)));
    }

    #[test]
    fn the_top_has_a_hundred_places_and_no_names() {
        let top = hundred().top_100();
        assert_eq!(top.len(), 100);
        // 2168636 / 94389872
        assert_eq!(top[0], TopPlace { place: 1, amount: 2_168_636, share_ppm: 22_975 });
        assert_eq!(top[99].place, 100);
        assert!(top.windows(2).all(|pair| pair[0].amount >= pair[1].amount));
    }

    #[test]
    fn the_largest_amounts_there_are_do_not_overflow() {
        let most = of(&[0, u64::MAX, u64::MAX, u64::MAX]);
        assert_eq!((most.gini_ppm(), most.share_of_top(WHOLE_PPM)), (250_000, WHOLE_PPM));
        assert_eq!(part_ppm(u128::MAX / 4, u128::MAX), 249_999);
    }

    fn amounts() -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(0u64..1 << 40, 1..60)
    }

    proptest! {
        #[test]
        fn equal_amounts_have_no_inequality(amount in 1u64.., count in 1usize..200) {
            prop_assert_eq!(of(&vec![amount; count]).gini_ppm(), 0);
        }

        #[test]
        fn inequality_is_below_one_and_all_for_one_is_the_most(amounts in amounts()) {
            let most = WHOLE_PPM - WHOLE_PPM.div_ceil(u32::try_from(amounts.len()).unwrap());
            prop_assert!(of(&amounts).gini_ppm() <= most);
            let mut one = vec![0; amounts.len()];
            one[0] = 7;
            prop_assert_eq!(of(&one).gini_ppm(), most);
        }

        #[test]
        fn the_unit_of_amounts_makes_no_difference(amounts in amounts(), factor in 1u64..1 << 20) {
            let scaled: Vec<_> = amounts.iter().map(|amount| amount * factor).collect();
            prop_assert_eq!(of(&amounts).gini_ppm(), of(&scaled).gini_ppm());
            prop_assert_eq!(of(&amounts).lorenz(20), of(&scaled).lorenz(20));
        }

        #[test]
        fn the_order_and_copies_of_everybody_make_no_difference(amounts in amounts()) {
            let reversed: Vec<_> = amounts.iter().rev().copied().collect();
            prop_assert_eq!(of(&amounts).gini_ppm(), of(&reversed).gini_ppm());
            let twice = [amounts.clone(), amounts.clone()].concat();
            prop_assert_eq!(of(&amounts).gini_ppm(), of(&twice).gini_ppm());
        }

        #[test]
        fn giving_to_who_has_less_never_raises_inequality(
            amounts in amounts(), from in any::<prop::sample::Index>(),
            to in any::<prop::sample::Index>(), part in 1u64..=100,
        ) {
            let (mut rich, mut poor) = (from.index(amounts.len()), to.index(amounts.len()));
            if amounts[rich] < amounts[poor] {
                (rich, poor) = (poor, rich);
            }
            let gift = (amounts[rich] - amounts[poor]) / 2 * part / 100;
            let mut given = amounts.clone();
            given[rich] -= gift;
            given[poor] += gift;
            prop_assert!(of(&given).gini_ppm() <= of(&amounts).gini_ppm());
        }

        #[test]
        fn the_curve_rises_ever_steeper_to_the_whole(amounts in amounts(), steps in 1u64..50) {
            prop_assume!(amounts.iter().any(|amount| *amount > 0));
            let curve = of(&amounts).lorenz(steps);
            let end = LorenzPoint { members_ppm: WHOLE_PPM, amount_ppm: WHOLE_PPM };
            prop_assert_eq!(curve.last(), Some(&end));
            for point in &curve {
                prop_assert!(point.amount_ppm <= point.members_ppm, "{:?}", point);
            }
        }

        #[test]
        fn every_amount_is_in_one_band(amounts in prop::collection::vec(any::<u64>(), 1..60)) {
            let distribution = of(&amounts);
            let bands = distribution.bands();
            prop_assert_eq!(bands.iter().map(|band| band.count).sum::<u64>(), distribution.len());
            prop_assert!(bands.windows(2).all(|pair| pair[0].to == pair[1].from));
            prop_assert!(bands.len() <= 22);
        }
    }
}
