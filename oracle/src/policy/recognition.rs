//! How others decide what a contribution is worth: engagement, reuse, trust and assessments.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Decimal;
use crate::identity::Role;

/// How much others' engagement counts: score × (φ + λ·E^s / (E^s + K^s)).
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EngagementRules {
    /// λ: what endless engagement adds to a score, percent.
    pub weight_percent: u16,
    /// K: the engagement that adds half of that, in weights of whole persons.
    pub half_saturation: Decimal,
    /// s: 1, or 2 so that a little engagement counts less than its share.
    #[serde(default = "one")]
    pub steepness: u8,
    /// q: the n-th contribution of one author that one person engages with in an epoch counts n^−q,
    /// percent.
    pub pair_damping_percent: u16,
    /// The sum of weights that one person can give in an epoch; more is scaled down to it.
    pub attention: Option<Decimal>,
}

fn one() -> u8 {
    1
}

/// How much reuse by others counts: score × ρ·R^s / (R^s + K^s), with engagement's steepness.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReuseRules {
    /// ρ: what endless reuse adds to a score, percent.
    pub weight_percent: u16,
    /// K: the reuse that adds half of that, in weights of whole persons.
    pub half_saturation: Decimal,
}

/// Who is trusted: EigenTrust over the endorsements of a trailing window, from seeds.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TrustRules {
    /// Who is trusted from the start, as `source:external id`.
    #[serde(default)]
    pub seeds: Vec<String>,
    /// Roles whose members are trusted from the start.
    #[serde(default)]
    pub seed_roles: BTreeSet<Role>,
    /// How many epochs back endorsements count.
    pub window_epochs: u16,
    /// a: the part of all trust that returns to the seeds in each round, percent.
    pub restart_percent: u16,
    /// How often trust is passed on.
    pub rounds: u8,
    /// How many whole persons' voices all trust amounts to.
    pub persons: u32,
}

/// How much a member's own trust multiplies its points: × (1 + μ·trust/max).
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InfluenceRules {
    /// μ: what the most trusted member's points gain, percent.
    pub weight_percent: u16,
}

/// How masters' assessments count: score × the trust-weighted median.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssessmentRules {
    /// The event that is an assessment; its `artifact` or `target` is the work, its `score` a number.
    pub event: String,
    /// Sources whose assessments count; none: all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Roles that may assess; none: everybody who is trusted.
    #[serde(default)]
    pub roles: BTreeSet<Role>,
    /// What a score makes of a contribution: `[[0, 0], [1, 50], [3, 100]]`, score and percent. A score
    /// between two counts as the lower one.
    pub scale: Vec<(u64, u16)>,
    /// The weight of a wholly trusted person who finds every work worth 100 %.
    #[serde(default)]
    pub prior: Decimal,
}

impl AssessmentRules {
    /// What a score makes of a contribution, percent; `None` below the scale.
    pub fn percent(&self, score: u64) -> Option<u16> {
        let step = self.scale.iter().rev().find(|(from, _)| score >= *from);
        step.map(|(_, percent)| *percent)
    }
}
