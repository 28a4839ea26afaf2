//! What the weights are computed from: contributions, engagements, assessments and grants as rows of
//! small numbers.
//!
//! Rows name their event by its place in the order of time, source and id, which settles ties.

use crate::identity::MemberIndex;

/// A member's index, or above all members a number for somebody who is none.
pub type PersonIndex = u32;
/// A number for each work that events name.
pub type ArtifactIndex = u32;
/// No work, or nobody.
pub const NONE: u32 = u32::MAX;
/// Somebody who is not named.
pub const UNKNOWN: u32 = u32::MAX - 1;

/// A contribution, before anything is known of what others did with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Place of its event.
    pub event: u32,
    /// Who made it.
    pub member: MemberIndex,
    /// Which work it is; [`NONE`] when the event names none.
    pub artifact: ArtifactIndex,
    /// For a referral, who came; [`NONE`] otherwise.
    pub newcomer: PersonIndex,
    /// The day it was made, days since 1970.
    pub day: i32,
    /// The epoch it was made in; 0 before the first.
    pub epoch: u32,
    /// How much effort it took, millionths; 0 when its kind knows none.
    pub effort: u32,
    /// Place of its kind in the rule book.
    pub kind: u16,
    /// How hard it was, percent.
    pub difficulty_percent: u16,
}

/// What somebody did with somebody else's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engagement {
    /// Place of its event.
    pub event: u32,
    /// Who engaged.
    pub actor: PersonIndex,
    /// Whose work it is.
    pub author: PersonIndex,
    /// Which work it is.
    pub artifact: ArtifactIndex,
    /// The epoch it was done in; 0 before the first.
    pub epoch: u32,
    /// Place of its signal in the rule book.
    pub signal: u16,
}

/// What somebody who may assess found a work to be worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Place of its event.
    pub event: u32,
    /// Who assessed.
    pub assessor: MemberIndex,
    /// Which work.
    pub artifact: ArtifactIndex,
    /// The epoch it was done in; 0 before the first.
    pub epoch: u32,
    /// What the work counts for it, percent.
    pub percent: u16,
}

/// A stage that was granted to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who holds it.
    pub member: MemberIndex,
    /// From when on, UTC microseconds.
    pub from_us: i64,
    /// Until when, UTC microseconds.
    pub until_us: i64,
    /// What it multiplies, percent.
    pub percent: u16,
}

/// A work that was withdrawn by who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// Place of its event.
    pub event: u32,
    /// Which work.
    pub artifact: ArtifactIndex,
}

/// Everything that was done in a window of time.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Contributions, by event.
    pub works: Vec<Work>,
    /// Engagements, by event.
    pub engagements: Vec<Engagement>,
    /// Assessments, by event.
    pub assessments: Vec<Assessment>,
    /// Stages, by the time from which they hold.
    pub grants: Vec<Grant>,
    /// Works that were withdrawn, by event.
    pub withdrawn: Vec<Withdrawn>,
    /// Members, and persons who are none.
    pub persons: u32,
    /// How many works are named.
    pub artifacts: u32,
}
