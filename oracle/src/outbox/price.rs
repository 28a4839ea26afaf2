//! What a transaction pays.
//!
//! fee = 5,000 · signatures + ⌈price · units / 1,000,000⌉
//!
//! price(attempt) = clamp(p75 of what others paid lately · (3/2)^attempt, floor, cap)

use solana_instruction::Instruction;
use solana_sdk_ids::ed25519_program;
use solana_transaction::versioned::VersionedTransaction;

use crate::submit::LAMPORTS_PER_SIGNATURE;

/// Prices are millionths of a lamport.
const MICRO: u128 = 1_000_000;

/// Bounds of what is paid for a compute unit, micro-lamports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceSettings {
    /// At least.
    pub floor: u64,
    /// At most, however often a transaction did not land.
    pub cap: u64,
}

impl PriceSettings {
    /// What is paid, after so many attempts that did not land.
    pub fn choose(&self, recent: &[u64], attempt: u32) -> u64 {
        let mut recent = recent.to_vec();
        recent.sort_unstable();
        let place = (recent.len() * 3).div_ceil(4).saturating_sub(1);
        let mut price = recent.get(place).copied().unwrap_or(0).max(self.floor);
        for _ in 0..attempt {
            price = price.saturating_mul(3) / 2;
        }
        price.max(self.floor).min(self.cap)
    }
}

/// What a transaction pays when it lands, lamports.
pub(super) fn fee(
    transaction: &VersionedTransaction,
    instructions: &[Instruction],
    price: u64,
    limit: u32,
) -> u64 {
    // Each signature that the Ed25519 program checks counts as one of the transaction's.
    let checked: u64 = instructions
        .iter()
        .filter(|instruction| instruction.program_id == ed25519_program::ID)
        .map(|instruction| u64::from(instruction.data.first().copied().unwrap_or(0)))
        .sum();
    let signatures = transaction.signatures.len() as u64 + checked;
    let priority = (u128::from(price) * u128::from(limit)).div_ceil(MICRO);
    let priority = u64::try_from(priority).unwrap_or(u64::MAX);
    (LAMPORTS_PER_SIGNATURE * signatures).saturating_add(priority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_follows_others_between_its_bounds_and_rises() {
        let price = PriceSettings { floor: 1_000, cap: 5_000 };
        assert_eq!(price.choose(&[], 0), 1_000);
        assert_eq!(price.choose(&[0, 0, 0, 0], 0), 1_000);
        // Three of four paid 2,000 or less
        assert_eq!(price.choose(&[2_000, 9_000, 0, 1_500], 0), 2_000);
        let rising: Vec<_> = (0..6).map(|attempt| price.choose(&[], attempt)).collect();
        assert_eq!(rising, [1_000, 1_500, 2_250, 3_375, 5_000, 5_000]);
        assert_eq!(price.choose(&[u64::MAX], 40), 5_000);
        // Nothing is paid where nothing may be
        let nothing = PriceSettings { floor: 0, cap: 0 };
        assert_eq!(nothing.choose(&[7], 3), 0);
    }
}
