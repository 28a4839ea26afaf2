//! k^−p in integers: what the k-th of something counts.

use num_bigint::BigUint;

/// One, in the factors' fixed point.
const ONE: u64 = 1_000_000_000;

/// ⌊10⁹ × k^−p⌋ for each rank k, computed once.
///
/// With p = a/b in lowest terms that is the integer b-th root of 10^(9b) / k^a, so the same bits on
/// any machine.
#[derive(Clone, Debug)]
pub(super) struct RankFactors {
    numerator: u32,
    denominator: u32,
    by_rank: Vec<u64>,
}

impl RankFactors {
    /// Factors for the exponent p in percent.
    pub(super) fn new(exponent_percent: u16) -> Self {
        let (numerator, denominator) = (u32::from(exponent_percent), 100);
        let divisor = greatest_common_divisor(numerator, denominator);
        Self {
            numerator: numerator / divisor,
            denominator: denominator / divisor,
            by_rank: Vec::new(),
        }
    }

    /// ⌊amount × k^−p⌋ at rank k, counted from 1.
    pub(super) fn scale(&mut self, amount: u64, rank: u32) -> u64 {
        let scaled = u128::from(amount) * u128::from(self.factor(rank)) / u128::from(ONE);
        // A factor is at most one, so the product never exceeds the amount.
        u64::try_from(scaled).unwrap_or(amount)
    }

    fn factor(&mut self, rank: u32) -> u64 {
        while self.by_rank.len() < rank as usize {
            let next = self.by_rank.len() as u64 + 1;
            let ratio =
                BigUint::from(ONE).pow(self.denominator) / BigUint::from(next).pow(self.numerator);
            let root = ratio.nth_root(self.denominator);
            self.by_rank.push(u64::try_from(root).unwrap_or(ONE));
        }
        self.by_rank[rank as usize - 1]
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_powers() {
        let factors = |percent, ranks: [u32; 4]| {
            let mut table = RankFactors::new(percent);
            ranks.map(|rank| table.factor(rank))
        };
        assert_eq!(factors(0, [1, 2, 3, 100]), [ONE; 4]);
        assert_eq!(factors(100, [1, 2, 3, 4]), [ONE, 500_000_000, 333_333_333, 250_000_000]);
        assert_eq!(factors(50, [1, 2, 4, 100]), [ONE, 707_106_781, 500_000_000, 100_000_000]);
        // By Python's decimal: 2^-0.35 = 0.784584097896…, 3^-0.35 = 0.680781210…
        assert_eq!(factors(35, [1, 2, 3, 1])[1..3], [784_584_097, 680_781_210]);
    }

    #[test]
    fn later_ranks_never_count_more() {
        let mut table = RankFactors::new(37);
        let factors: Vec<_> = (1..500).map(|rank| table.factor(rank)).collect();
        assert!(factors.is_sorted_by(|a, b| a >= b));
    }
}
