//! One candidate epoch: what the oracles signed, and which of them did.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;

/// A candidate epoch. Its address contains the attestation's digest, so a bad proposal cannot
/// block a good one.
#[account]
pub struct Proposal {
    /// The distribution it is for.
    pub distribution: Address,
    /// Who paid the rent, and gets it back.
    pub rent_payer: Address,
    /// SHA-256 of the attestation.
    pub digest: [u8; 32],
    /// Root of the tree of cumulative totals.
    pub root: [u8; 32],
    /// Commits to the inputs: events, identity snapshot and policy.
    pub bundle_hash: [u8; 32],
    /// The epoch, counted from 1.
    pub epoch: PodU64,
    /// Sum of all leaves' cumulative totals, base units.
    pub cumulative_total: PodU64,
    /// When the threshold was reached, UTC seconds; 0: not yet.
    pub attested_at: PodI64,
    /// Leaves of the tree.
    pub leaf_count: PodU32,
    /// The version of the oracle set that signs.
    pub oracle_set_version: PodU32,
    /// Bit i: oracle i of the set signed.
    pub signatures: PodU16,
    /// Whether the guardian vetoed it: 0 or 1.
    pub vetoed: u8,
    /// Bump of this account's address.
    pub bump: u8,
    /// Room for later fields; zero.
    pub reserved: [u8; 32],
}

impl Proposal {
    /// When its challenge window ends, UTC seconds; `None` while too few oracles signed.
    ///
    /// Before this moment it can be vetoed and not finalized, from it on finalized and not vetoed.
    #[inline(always)]
    pub fn window_end(&self, challenge_seconds: u32) -> Result<Option<i64>> {
        let attested_at = self.attested_at.get();
        if attested_at == 0 {
            return Ok(None);
        }
        let end = attested_at
            .checked_add(i64::from(challenge_seconds))
            .ok_or(SystemTokenError::Overflow)?;
        Ok(Some(end))
    }
}
