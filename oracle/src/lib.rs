//! From events to contributions, weights, allocations, signatures and claims.
//!
//! ```text
//! ingest → identity → weigh → allocation → epoch (tree, bundle, signatures) → submit → chain
//! ```
//!
//! - [`ingest`] takes in what the community's tools recorded; bad input never loses good input.
//! - [`segments`] keeps every event once, in immutable files that can be queried.
//! - [`identity`] knows which member an external id belongs to.
//! - [`statement`] is what members sign: assessments, qualifications, withdrawals.
//! - [`policy`] is the rule book: which events count, for how much, from which budget.
//! - [`weigh`] turns contributions into points; [`allocation`] turns points into STK. Both are
//!   pure: integers only, no clock, no I/O.
//! - [`language`] has the texts that people read, in English and Russian.
//! - [`epoch`] closes a week: totals, tree, attestation and the oracles' signatures.
//! - `bundles` publishes what an epoch was closed over, and reads what others published.
//! - [`explain`] says why a member got what it got: every number from its contributions on.
//! - [`keypair`] reads keys out of files and the environment.
//! - [`submit`] brings it to the chain and pays the members.
//! - `report` draws a closed epoch for people: a page, its figures, a statement for each member.
//! - `service` takes what tools push, over HTTP.
//! - `simulate` is what our scoring is compared with: counting, CredRank, Kendall's tau.
//! - [`store`] keeps members, epochs and allocations in SQL.

pub mod allocation;
#[cfg(feature = "service")]
mod bucket;
#[cfg(feature = "store")]
pub mod bundles;
pub mod clock;
#[cfg(feature = "service")]
pub mod commands;
#[cfg(feature = "store")]
pub mod config;
pub mod epoch;
pub mod explain;
mod hex;
pub mod identity;
pub mod ingest;
pub mod keypair;
pub mod language;
#[cfg(feature = "store")]
pub mod outbox;
pub mod policy;
#[cfg(feature = "service")]
pub mod report;
#[cfg(feature = "store")]
pub mod segments;
#[cfg(feature = "service")]
pub mod service;
mod signed_text;
#[cfg(feature = "service")]
pub mod simulate;
pub mod statement;
#[cfg(feature = "store")]
pub mod store;
pub mod submit;
pub mod weigh;
