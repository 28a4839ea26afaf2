//! What the program keeps: one file for each account, and the seeds of their addresses.
//!
//! Accounts are zero-copy: the bytes on chain are the struct, little-endian, alignment 1.

pub mod change;
pub mod distribution;
pub mod ledger_page;
pub mod proposal;
pub mod rules;
pub mod seeds;

pub use change::Change;
pub use distribution::{Distribution, Emission, MAX_CHANGE_BYTES, MAX_ORACLES};
pub use ledger_page::{LedgerPage, MEMBERS_PER_PAGE};
pub use proposal::Proposal;
