//! The seeds of every program-derived address.

/// `["distribution", mint]`: a mint's distribution, and its mint authority.
pub const DISTRIBUTION: &[u8] = b"distribution";
/// `["proposal", distribution, digest]`: one candidate epoch.
pub const PROPOSAL: &[u8] = b"proposal";
/// `["page", distribution, page_index u32 little-endian]`: one ledger page.
pub const PAGE: &[u8] = b"page";
