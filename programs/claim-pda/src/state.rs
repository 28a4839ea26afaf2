//! What the program keeps, zero-copy: the bytes on chain are the struct, alignment 1.

use anchor_lang::prelude::*;

/// `["distributor", mint]`: a mint's distributor.
pub const DISTRIBUTOR: &[u8] = b"distributor";
/// `["claim", distributor, epoch u64, index u32]`, integers little-endian: one claim's status.
pub const CLAIM: &[u8] = b"claim";

/// The distributor of one mint, and its mint authority.
#[account]
pub struct Distributor {
    /// The mint that members are paid in.
    pub mint: Address,
    /// The mint's token program.
    pub token_program: Address,
    /// May begin the next epoch.
    pub admin: Address,
    /// Root of the current epoch's tree of payments.
    pub root: [u8; 32],
    /// The current epoch; 0: none yet.
    pub epoch: PodU64,
    /// Bump of this account's address.
    pub bump: u8,
}

/// That one member was paid in one epoch: the account's existence says so.
#[account]
pub struct ClaimStatus {
    /// What was minted, base units.
    pub amount: PodU64,
    /// Bump of this account's address.
    pub bump: u8,
}
