//! The oracle from files to closed epochs.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

mod identity;
mod import;
mod ledger;
mod log;
mod real_export;
mod store;
mod weigh;
