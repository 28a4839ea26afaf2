//! What 256 members have been paid over their lifetimes.

use anchor_lang::prelude::*;

/// Members on one page.
pub const MEMBERS_PER_PAGE: usize = 256;

/// Lifetime STK of 256 members: 8 bytes a member, paid once for all epochs.
///
/// It only grows, and nobody can transfer it: it is also each member's reputation.
#[account]
pub struct LedgerPage {
    /// The distribution it belongs to.
    pub distribution: Address,
    /// The page's number; member index i is on page i / 256.
    pub page_index: PodU32,
    /// Keeps `claimed` on a multiple of 8 bytes; zero.
    pub reserved: [u8; 4],
    /// Lifetime STK minted to each member, base units; position = member index mod 256.
    pub claimed: [PodU64; MEMBERS_PER_PAGE],
}
