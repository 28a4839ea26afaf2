//! Where the program's accounts are.

use solana_address::{Address, address};

/// The program.
pub const PROGRAM_ID: Address = address!("STKdBo6ATHqWdx2KMp9EHtM959f9tdMqgoxKcLuDYdF");

/// Signs the program's calls of itself that carry events: `["__event_authority"]`.
pub const EVENT_AUTHORITY: Address = address!("36uDo8HEYCFYv9Su7SeQcSCRM3iTPNRA27ufTfuxj678");

/// The distribution of a mint, and the bump of its address.
pub fn distribution_address(mint: &Address) -> (Address, u8) {
    Address::find_program_address(&[b"distribution", mint.as_ref()], &PROGRAM_ID)
}

/// The candidate epoch whose attestation has this digest.
pub fn proposal_address(distribution: &Address, digest: &[u8; 32]) -> (Address, u8) {
    Address::find_program_address(&[b"proposal", distribution.as_ref(), digest], &PROGRAM_ID)
}

/// The ledger page of the members from index `256 × page_index`.
pub fn page_address(distribution: &Address, page_index: u32) -> (Address, u8) {
    let seeds = [b"page".as_slice(), distribution.as_ref(), &page_index.to_le_bytes()];
    Address::find_program_address(&seeds, &PROGRAM_ID)
}
