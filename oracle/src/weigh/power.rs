//! Powers with fractional exponents, in integers: the same bits on any machine.
//!
//! With an exponent of a/b in lowest terms, x^(a/b) is the integer b-th root of x^a.

use num_bigint::BigUint;

use super::MICRO;

/// One, in the factors' fixed point.
const ONE: u64 = 1_000_000_000;

/// ⌊10⁹ × k^−p⌋ for each rank k, computed once: what the k-th of something counts.
#[derive(Clone, Debug)]
pub(crate) struct RankFactors {
    numerator: u32,
    denominator: u32,
    by_rank: Vec<u64>,
}

impl RankFactors {
    /// Factors for the exponent p in percent.
    pub(crate) fn new(exponent_percent: u16) -> Self {
        let (numerator, denominator) = lowest_terms(exponent_percent);
        Self { numerator, denominator, by_rank: Vec::new() }
    }

    /// ⌊amount × k^−p⌋ at rank k, counted from 1.
    pub(crate) fn scale(&mut self, amount: u64, rank: u32) -> u64 {
        if self.numerator == 0 {
            return amount;
        }
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

/// ⌊10⁶ × (over / under)^x⌋ with x in percent; saturates at 64 bits, and `under` must be above 0.
pub(super) fn power_micro(over: u64, under: u64, exponent_percent: u16) -> u64 {
    let (numerator, denominator) = lowest_terms(exponent_percent);
    let scaled = BigUint::from(over).pow(numerator) * BigUint::from(MICRO).pow(denominator);
    let root = (scaled / BigUint::from(under.max(1)).pow(numerator)).nth_root(denominator);
    u64::try_from(root).unwrap_or(u64::MAX)
}

fn lowest_terms(exponent_percent: u16) -> (u32, u32) {
    let (numerator, denominator) = (u32::from(exponent_percent), 100);
    let divisor = greatest_common_divisor(numerator, denominator);
    (numerator / divisor, denominator / divisor)
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

    #[test]
    fn known_powers_of_ratios() {
        assert_eq!(power_micro(0, 1, 60), 0);
        assert_eq!(power_micro(7, 1, 0), MICRO);
        assert_eq!(power_micro(9, 4, 50), 1_500_000);
        // By Python's decimal: 60^0.6 = 11.6651613…, (3/7)^0.3 = 0.7755449…
        assert_eq!(power_micro(60, 1, 60), 11_665_161);
        assert_eq!(power_micro(3, 7, 30), 775_544);
    }
}
