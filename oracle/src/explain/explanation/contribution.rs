//! One contribution in an explanation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::weigh::{Factor, Outcome};

/// One contribution, from its base to what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainedContribution {
    /// When it was made.
    pub at: Timestamp,
    /// Which of the community's tools says so.
    pub source: String,
    /// The tool's id of the event.
    pub event: String,
    /// The work, as the log names it.
    pub artifact: Option<String>,
    /// Whether it is what somebody else did with the member's work, such as a like.
    pub received: bool,
    /// Its kind's points.
    pub base_micro_points: u64,
    /// What they are multiplied by, one after the other, down to nothing; ones are left out.
    pub factors: Vec<AppliedFactor>,
    /// Where the factor of recognition comes from, if it is among them.
    pub recognition: Option<RecognitionParts>,
    /// Base × factors.
    pub product_micro_points: u64,
    /// How that was rounded, where it made a difference.
    pub rounded: Option<Rounded>,
    /// The caps that it is subject to.
    pub cap: Option<Cap>,
    /// The product, rounded and within the cap of one contribution.
    pub score_micro_points: u64,
    /// Its place among the member's contributions of the kind, where it matters.
    pub rank: Option<Rank>,
    /// What of it counts.
    pub counted_micro_points: u64,
    /// Why so much.
    pub outcome: Outcome,
}

/// A factor and the points after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedFactor {
    /// Its name.
    pub factor: Factor,
    /// Its value.
    pub value_micro: u32,
    /// The points so far × its value, rounded down.
    pub micro_points: u64,
}

/// φ + λ·E^s/(E^s+K^s) + ρ·R^s/(R^s+K^s).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecognitionParts {
    /// φ: what counts of it when nobody takes it up.
    pub unengaged_percent: u16,
    /// What others did with it, if they did something that counts.
    pub engagement: Option<Saturation>,
    /// How others reused it, if they did.
    pub reuse: Option<Saturation>,
}

/// weight × x^s/(x^s+K^s), rounded down after the fraction and after the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saturation {
    /// E or R, in weights of whole persons.
    pub sum_micro: u64,
    /// λ or ρ: what an endless sum adds.
    pub weight_percent: u16,
    /// K: the sum that adds half of that.
    pub half_saturation_micro: u64,
    /// s.
    pub steepness: u8,
    /// What it adds to the factor.
    pub part_micro: u32,
}

/// Points rounded half up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rounded {
    /// To multiples of so many points.
    pub to_micro_points: u64,
    /// The rounded points.
    pub micro_points: u64,
}

/// The most that one contribution counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The rule book's cap.
    pub action_micro_points: u64,
    /// The qualification that it is multiplied by, rounded half up to whole points; or nothing.
    pub qualification_micro: Option<u32>,
    /// What that makes.
    pub micro_points: u64,
    /// The most that its day counts, if there is such a cap.
    pub day: Option<DayCap>,
}

/// The most that a day counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DayCap {
    /// How many caps of one contribution.
    pub actions: u32,
    /// What that makes.
    pub cap_micro_points: u64,
    /// What the day's earlier contributions took of it.
    pub before_micro_points: u64,
    /// What of this one is within it.
    pub micro_points: u64,
}

/// A place among contributions of a kind, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rank {
    /// k, counted from 1.
    pub rank: u32,
    /// Score × k^−p; 0 past the limit.
    pub micro_points: u64,
}
