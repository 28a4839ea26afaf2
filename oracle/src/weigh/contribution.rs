//! One contribution and every number on the way to its points.

use serde::{Deserialize, Serialize};

use super::MICRO;
use super::records::{ArtifactIndex, NONE};
use crate::identity::MemberIndex;

/// Millionths of a point.
pub type MicroPoints = u64;

/// What a base is multiplied by, in this order, millionths each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// Effort^exponent.
    pub effort: u32,
    /// How seldom it is done.
    pub rarity: u32,
    /// What its group counts, by the multiplier at which the base is said.
    pub group: u32,
    /// How hard it was.
    pub difficulty: u32,
    /// What others found it to be worth.
    pub quality: u32,
    /// φ + λ·E^s/(E^s+K^s) + ρ·R^s/(R^s+K^s).
    pub recognition: u32,
    /// The member's stage.
    pub qualification: u32,
    /// Days in a row.
    pub streak: u32,
    /// Epochs in a row.
    pub consistency: u32,
}

/// The name of a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Factor {
    /// Effort^exponent.
    Effort,
    /// How seldom it is done.
    Rarity,
    /// What its group counts.
    Group,
    /// How hard it was.
    Difficulty,
    /// What others found it to be worth.
    Quality,
    /// What others did with it.
    Recognition,
    /// The member's stage.
    Qualification,
    /// Days in a row.
    Streak,
    /// Epochs in a row.
    Consistency,
}

impl Default for Factors {
    fn default() -> Self {
        Self::all(ONE)
    }
}

/// A factor that changes nothing.
const ONE: u32 = 1_000_000;

impl Factors {
    fn all(factor: u32) -> Self {
        Self {
            effort: factor,
            rarity: factor,
            group: factor,
            difficulty: factor,
            quality: factor,
            recognition: factor,
            qualification: factor,
            streak: factor,
            consistency: factor,
        }
    }

    /// The factors in the order in which they are applied.
    pub fn named(&self) -> [(Factor, u32); 9] {
        [
            (Factor::Effort, self.effort),
            (Factor::Rarity, self.rarity),
            (Factor::Group, self.group),
            (Factor::Difficulty, self.difficulty),
            (Factor::Quality, self.quality),
            (Factor::Recognition, self.recognition),
            (Factor::Qualification, self.qualification),
            (Factor::Streak, self.streak),
            (Factor::Consistency, self.consistency),
        ]
    }

    /// ⌊… ⌊⌊base × f₁⌋ × f₂⌋ …⌋: rounded down at each factor.
    pub fn apply(&self, base: MicroPoints) -> MicroPoints {
        self.named().iter().fold(base, |points, (_, factor)| scale(points, *factor))
    }
}

/// ⌊points × factor⌋ with a factor in millionths; saturates at 64 bits.
pub fn scale(points: MicroPoints, factor: u32) -> MicroPoints {
    if factor == ONE {
        return points;
    }
    let scaled = u128::from(points) * u128::from(factor) / u128::from(MICRO);
    u64::try_from(scaled).unwrap_or(MicroPoints::MAX)
}

/// What became of a contribution's score.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It counts in full.
    #[default]
    Counted,
    /// It counts less, as one of many of its kind.
    Diminished,
    /// It is past what counts of its kind on a day.
    PastDailyLimit,
    /// It is past what counts of its kind in an epoch.
    PastLimit,
    /// The day's points are cut off before or within it.
    PastDayCap,
    /// It was withdrawn.
    Withdrawn,
    /// Its factors leave nothing of it.
    Worthless,
    /// Nobody trusts the member yet.
    Untrusted,
    /// The newcomer has not contributed yet.
    NewcomerHasNotContributed,
    /// The member is not paid, by its role or for too few contributions.
    NotEligible,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 10] = [
        Self::Counted,
        Self::Diminished,
        Self::PastDailyLimit,
        Self::PastLimit,
        Self::PastDayCap,
        Self::Withdrawn,
        Self::Worthless,
        Self::Untrusted,
        Self::NewcomerHasNotContributed,
        Self::NotEligible,
    ];
}

/// One contribution and where its points come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Place of the event that is the contribution, by time, source and id.
    pub event: u32,
    /// Who made it.
    pub member: MemberIndex,
    /// Which work it is; [`NONE`] when the event names none.
    pub artifact: ArtifactIndex,
    /// The epoch it was made in.
    pub epoch: u32,
    /// The day it was made, days since 1970.
    pub day: i32,
    /// Place of its kind in the rule book.
    pub kind: u16,
    /// What became of its score.
    pub outcome: Outcome,
    /// What its base was multiplied by.
    pub factors: Factors,
    /// E: what others did with it, millionths of a whole person's weight.
    pub engagement: u64,
    /// R: how others reused it, millionths of a whole person's weight.
    pub reuse: u64,
    /// Base × factors.
    pub product: MicroPoints,
    /// The product, rounded and within the cap of one contribution.
    pub score: MicroPoints,
    /// What of its score counts.
    pub counted: MicroPoints,
}

impl Contribution {
    /// Which work it is, if the event names one.
    pub fn artifact(&self) -> Option<ArtifactIndex> {
        (self.artifact != NONE).then_some(self.artifact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_factor_rounds_down() {
        let factors = Factors { difficulty: 1_500_000, streak: 333_333, ..Factors::default() };
        assert_eq!(factors.apply(7), 3); // 7 × 1.5 = 10, 10 × 0.333333 = 3
        assert_eq!(Factors::default().apply(u64::MAX), u64::MAX);
        assert_eq!(Factors { effort: 0, ..Factors::default() }.apply(5), 0);
    }
}
