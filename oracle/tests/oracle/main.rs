//! The oracle from files to closed epochs.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

#[cfg(feature = "service")]
mod crash;
#[cfg(feature = "service")]
mod files;
mod import;
mod ledger;
mod log;
#[cfg(feature = "service")]
mod posthog;
mod real_export;
mod store;
mod weigh;
