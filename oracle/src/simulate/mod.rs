//! The baselines that our scoring is compared with, and how alike two rankings are.
//!
//! - [`counting`] shares a budget by the number of events.
//! - [`credrank`] is SourceCred's algorithm, on a graph of the same events.
//! - [`plant`] puts attackers into a community's events, [`attacks`] measures what they gain under each
//!   way of [`scoring`].
//! - [`rank`] compares two orders of the same members.
//!
//! Nothing here pays anybody.

pub mod attacks;
pub mod counting;
#[expect(
    clippy::float_arithmetic,
    reason = "the baseline computes with floats as SourceCred does; no amount comes from it"
)]
pub mod credrank;
pub mod plant;
pub mod rank;
pub mod scoring;
