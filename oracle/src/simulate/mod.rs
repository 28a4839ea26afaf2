//! The baselines that our scoring is compared with, and how alike two rankings are.
//!
//! - [`counting`] shares a budget by the number of events.
//! - [`credrank`] is SourceCred's algorithm, on a graph of the same events.
//! - [`rank`] compares two orders of the same members.
//!
//! Nothing here pays anybody.

pub mod counting;
#[expect(
    clippy::float_arithmetic,
    reason = "the baseline computes with floats as SourceCred does; no amount comes from it"
)]
pub mod credrank;
pub mod rank;
