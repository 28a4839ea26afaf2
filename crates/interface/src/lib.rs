//! The on-chain program as its clients see it: addresses, account layouts, instruction builders,
//! events and errors. No framework; a test holds all of it equal to the committed IDL.

pub mod accounts;
mod addresses;
mod change;
mod errors;
pub mod events;
pub mod instructions;

pub use accounts::{Distribution, LedgerPage, Proposal};
pub use addresses::{
    EVENT_AUTHORITY, PROGRAM_ID, distribution_address, page_address, proposal_address,
};
pub use change::{Change, QueuedChange};
pub use errors::SystemTokenError;
pub use events::Event;

/// The most keys an oracle set may have.
pub const MAX_ORACLES: usize = 16;

/// Members on one ledger page.
pub const MEMBERS_PER_PAGE: u32 = 256;
