//! What an explanation says, as plain data: all that its check needs, and nothing about a person.
//!
//! Units are in the names. `_micro_points` and `_micro` are millionths, `_pico_persons` millionths of
//! millionths of a whole person, `_percent` hundredths. `_base_units` are the token's smallest units,
//! in JSON as text, because they may exceed what a JSON reader keeps exactly.

mod contribution;
mod split;
mod text_amount;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identity::{MemberIndex, Role};

pub use contribution::{
    AppliedFactor, Cap, DayCap, ExplainedContribution, Rank, RecognitionParts, Rounded, Saturation,
};
pub use split::{AtCap, MemberCap, Method, PointLimit, Proportion, Rate, Split};

/// Why a member got what it got in an epoch: every number from its contributions to its payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Whose it is.
    pub member: MemberIndex,
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// Its first moment.
    pub starts_at: Timestamp,
    /// The first moment after it.
    pub ends_at: Timestamp,
    /// The rules that held.
    pub policy: PolicyName,
    /// What is paid.
    pub token: TokenName,
    /// Whose wallet it is paid to, where that is another member's: the one it was merged into, or its
    /// owner.
    pub paid_to: Option<MemberIndex>,
    /// The trust in the member at the epoch's end, where something depends on it.
    pub trust_pico_persons: Option<u64>,
    /// The pools in which the member has anything, in the rule book's order.
    pub pools: Vec<ExplainedPool>,
    /// Why nothing of it counts.
    pub exclusion: Option<Exclusion>,
    /// The member's own events of the epoch.
    pub events: OwnEvents,
    /// What was held and is paid now.
    pub matured: Vec<Reward>,
    /// What was held and is not paid, because the work was withdrawn.
    pub cancelled: Vec<Reward>,
    /// What all of it comes to.
    pub payment: Payment,
}

/// Which rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyName {
    /// What people call them.
    pub name: String,
    /// Their version.
    pub version: u32,
}

/// Which token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenName {
    /// Its short name.
    pub symbol: String,
    /// One token is 10^decimals base units.
    pub decimals: u8,
}

/// What a member did that a pool pays, and what the pool paid for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainedPool {
    /// The pool's name.
    pub pool: String,
    /// The epoch's contributions by kind, in the rule book's order.
    pub kinds: Vec<ExplainedKind>,
    /// Σ of what the kinds count.
    pub counted_micro_points: u64,
    /// What the trust in the member adds; nothing when it adds nothing.
    pub influence: Option<Influence>,
    /// Counted × influence.
    pub worth_micro_points: u64,
    /// Earlier epochs whose contributions turned out to be worth more or less.
    pub revised: Vec<Revision>,
    /// What was granted too much before, and had not been made up for.
    pub owed_before_micro_points: u64,
    /// What is still to be made up for.
    pub owed_micro_points: u64,
    /// The points that count in the split.
    pub micro_points: u64,
    /// How the pool was split.
    pub split: Split,
    /// The member's part of it.
    #[serde(with = "text_amount")]
    pub amount_base_units: u64,
    /// What of that is held before it is paid.
    pub held: Vec<Reward>,
}

/// A member's contributions of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainedKind {
    /// The kind's name.
    pub kind: String,
    /// Each of them, by time.
    pub contributions: Vec<ExplainedContribution>,
    /// How many count on a day, where more were made.
    pub daily_limit: Option<u32>,
    /// How many count in an epoch, where more were made.
    pub limit: Option<u32>,
    /// p: the k-th best counts k^−p; where there are two or more.
    pub diminishing_percent: Option<u16>,
    /// What their sum is bound by, where the kind has a capacity.
    pub volume: Option<Volume>,
    /// Σ of what each counts.
    pub counted_micro_points: u64,
}

/// x·κ/(x+κ): what the sum of a kind is bound by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// x: the sum before.
    pub sum_micro_points: u64,
    /// What a wholly trusted person's sum approaches.
    pub capacity_micro_points: u64,
    /// κ: capacity × trust.
    pub bound_micro_points: u64,
}

/// 1 + μ·trust/max.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Influence {
    /// μ: what the most trusted member gains.
    pub weight_percent: u16,
    /// The trust in that member.
    pub greatest_pico_persons: u64,
    /// The factor.
    pub value_micro: u32,
}

/// An earlier epoch whose contributions turned out to be worth more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The epoch.
    pub epoch: u64,
    /// What they were worth until now.
    pub before_micro_points: u64,
    /// What they are worth by what is known now.
    pub now_micro_points: u64,
}

/// A reward that is held for a time before it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    /// The pool that it is from.
    pub pool: String,
    /// Which of the community's tools told of the contribution.
    pub source: String,
    /// The tool's id of the event.
    pub event: String,
    /// The work.
    pub artifact: Option<String>,
    /// When it can be paid.
    pub until: Timestamp,
    /// How much it is.
    #[serde(with = "text_amount")]
    pub amount_base_units: u64,
}

/// Why nothing of a member's contributions counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "because", rename_all = "snake_case", deny_unknown_fields)]
pub enum Exclusion {
    /// Whoever has this role is not paid.
    Role {
        /// The role.
        role: Role,
    },
    /// It made too few contributions that count something.
    TooFew {
        /// How many it made.
        made: u32,
        /// How many it takes.
        needed: u32,
    },
}

/// What a member did itself in an epoch: Σ contributions + Σ unpaid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OwnEvents {
    /// All of it.
    pub all: u64,
    /// What is no contribution.
    pub unpaid: Vec<Unpaid>,
}

/// Events of one name that are no contributions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Unpaid {
    /// Why they are none.
    pub reason: Reason,
    /// The events' name.
    pub name: String,
    /// How many.
    pub events: u64,
}

/// Why an event is no contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No rule knows such events: it is presence.
    Presence,
    /// It speaks for somebody else's work, and counts there.
    Engagement,
    /// It says something that the rules ask for: an assessment, a stage, a withdrawal.
    Statement,
    /// It is about the member's own work.
    OwnWork,
    /// It is not as the rules ask for.
    Unmet,
    /// No rule pays what its source says.
    Source,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Presence,
        Self::Engagement,
        Self::Statement,
        Self::OwnWork,
        Self::Unmet,
        Self::Source,
    ];
}

/// What an epoch pays a member: paid = granted − held + matured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Σ of its parts of the pools.
    #[serde(with = "text_amount")]
    pub granted_base_units: u64,
    /// What of that is held.
    #[serde(with = "text_amount")]
    pub held_base_units: u64,
    /// What was held before and is paid now.
    #[serde(with = "text_amount")]
    pub matured_base_units: u64,
    /// What is paid.
    #[serde(with = "text_amount")]
    pub paid_base_units: u64,
    /// The cumulative total before the epoch.
    #[serde(with = "text_amount")]
    pub total_before_base_units: u64,
    /// The cumulative total after it, which its leaf in the tree has.
    #[serde(with = "text_amount")]
    pub total_after_base_units: u64,
    /// What was held before the epoch.
    #[serde(with = "text_amount")]
    pub held_before_base_units: u64,
    /// What of that was cancelled.
    #[serde(with = "text_amount")]
    pub cancelled_base_units: u64,
    /// What is held after it.
    #[serde(with = "text_amount")]
    pub held_after_base_units: u64,
}
