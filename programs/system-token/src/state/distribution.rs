//! The distribution of one mint: who may change it, who attests, how much it may mint.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;

/// The most keys an oracle set may have: an oracle is a bit of a `u16`.
pub const MAX_ORACLES: usize = 16;

/// Room for the largest change that can wait for its timelock: an oracle set with its threshold.
pub const MAX_CHANGE_BYTES: usize = 528;

/// How much the distribution may mint, and when.
///
/// allowance(n) = Σₑ₌₁ⁿ budget(e), budget(e) = budget(e−1) × decay_basis_points / 10000 (rounded
/// down) when e − 1 is a multiple of decay_epochs, else budget(e−1).
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable, IdlType)]
pub struct Emission {
    /// When epoch 1 begins, UTC seconds. Epoch e ends at `start_at + e × epoch_seconds`.
    pub start_at: PodI64,
    /// Length of an epoch, seconds.
    pub epoch_seconds: PodU32,
    /// Epochs between two decays of the budget; 0: it never decays.
    pub decay_epochs: PodU32,
    /// What a decay leaves of the budget, in 1/10000.
    pub decay_basis_points: PodU16,
    /// Budget of the next epoch to be finalized, base units.
    pub budget: PodU64,
    /// Sum of the budgets of all finalized epochs, base units.
    pub allowance: PodU64,
    /// The most one epoch may add to the cumulative total, base units: the circuit breaker.
    pub growth_limit: PodU64,
    /// The most the mint's supply may ever be, base units.
    pub supply_cap: PodU64,
}

impl Emission {
    /// When an epoch ends, UTC seconds.
    #[inline(always)]
    pub fn epoch_end(&self, epoch: u64) -> Result<i64> {
        // A product of two u32 needs no 128-bit overflow check, which the chain's compilers lack.
        u32::try_from(epoch)
            .ok()
            .and_then(|epoch| {
                i64::try_from(u64::from(epoch) * u64::from(self.epoch_seconds.get())).ok()
            })
            .and_then(|seconds| seconds.checked_add(self.start_at.get()))
            .ok_or(SystemTokenError::Overflow.into())
    }

    /// Budget of the epoch after `epoch`, base units.
    #[inline(always)]
    pub fn budget_after(&self, epoch: u64) -> u64 {
        let budget = self.budget.get();
        let period = u64::from(self.decay_epochs.get());
        if period == 0 || !epoch.is_multiple_of(period) {
            return budget;
        }
        portion(budget, self.decay_basis_points.get())
    }
}

/// ⌊amount × basis_points / 10000⌋, exact, for at most 10000 points.
///
/// Both halves of the amount are multiplied on their own: no product leaves 64 bits.
#[inline(always)]
fn portion(amount: u64, basis_points: u16) -> u64 {
    let points = u64::from(basis_points.min(10_000));
    let high = (amount >> 32) * points;
    let low = (amount & u64::from(u32::MAX)) * points;
    ((high / 10_000) << 32) + (((high % 10_000) << 32) + low) / 10_000
}

/// The root of everything: one for each mint, whose mint authority it is.
#[account]
pub struct Distribution {
    /// The mint of STK.
    pub mint: Address,
    /// The mint's token program.
    pub token_program: Address,
    /// May queue changes; a wallet, a multisig vault or a governance address.
    pub admin: Address,
    /// Proposed as the next admin; zero: none.
    pub pending_admin: Address,
    /// May veto a proposal and pause.
    pub guardian: Address,
    /// Keys whose signatures count; only the first `oracle_count`.
    pub oracles: [Address; MAX_ORACLES],
    /// How much may be minted, and when.
    pub emission: Emission,
    /// The last finalized epoch; 0: none yet.
    pub epoch: PodU64,
    /// Root of the last finalized epoch's tree.
    pub root: [u8; 32],
    /// Sum of the last finalized epoch's cumulative totals, base units.
    pub cumulative_total: PodU64,
    /// Everything minted by this program, base units.
    pub minted_total: PodU64,
    /// The mint's supply when the distribution was created, base units.
    pub initial_supply: PodU64,
    /// Leaves of the last finalized epoch's tree.
    pub leaf_count: PodU32,
    /// Grows with every change of the oracle set, which voids older proposals.
    pub oracle_set_version: PodU32,
    /// How long an attested proposal can be vetoed, seconds.
    pub challenge_seconds: PodU32,
    /// How long a queued change waits, seconds.
    pub timelock_seconds: PodU32,
    /// When the queued change may be executed, UTC seconds; 0: none is queued.
    pub change_eta: PodI64,
    /// What kind of change is queued.
    pub change_kind: u8,
    /// Whether attest, finalize and claim are stopped: 0 or 1.
    pub paused: u8,
    /// How many of `oracles` are in use.
    pub oracle_count: u8,
    /// Signatures that make an attestation valid.
    pub threshold: u8,
    /// Bump of this account's address.
    pub bump: u8,
    /// The queued change's bytes.
    pub change: [u8; MAX_CHANGE_BYTES],
    /// Room for later fields; zero.
    pub reserved: [u8; 123],
}

impl Distribution {
    /// The keys whose signatures count.
    #[inline(always)]
    pub fn oracle_set(&self) -> &[Address] {
        &self.oracles[..usize::from(self.oracle_count).min(MAX_ORACLES)]
    }

    /// Replaces the oracle set, which was checked before, and leaves no former key behind.
    pub fn set_oracles(&mut self, oracles: &[Address], threshold: u8) {
        self.oracles = [Address::new_from_array([0; 32]); MAX_ORACLES];
        for (slot, oracle) in self.oracles.iter_mut().zip(oracles) {
            *slot = *oracle;
        }
        self.oracle_count = oracles.len().min(MAX_ORACLES) as u8;
        self.threshold = threshold;
    }

    /// Whether a signer is the guardian or the admin.
    #[inline(always)]
    pub fn is_guardian_or_admin(&self, signer: &Address) -> bool {
        *signer == self.guardian || *signer == self.admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portion_is_exact_at_every_edge() {
        for amount in [0, 1, 9_999, 10_000, u64::from(u32::MAX), 1 << 32, u64::MAX / 3, u64::MAX] {
            for points in [0, 1, 3_333, 5_000, 9_999, 10_000] {
                let exact = u128::from(amount) * u128::from(points) / 10_000;
                assert_eq!(u128::from(portion(amount, points)), exact, "{amount} × {points}");
            }
        }
    }
}
