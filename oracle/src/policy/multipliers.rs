//! What a member's standing and habits make of its contributions, and where they stop counting.

use serde::Deserialize;

use super::Decimal;

/// What a member's stage multiplies: an external input, dated and expiring, never computed.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QualificationRules {
    /// The event that grants a stage: its `member` or `target_author` holds `stage` until
    /// `expires_at`.
    pub event: String,
    /// Sources whose grants count; none: all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What each stage counts, percent, from stage 0 on.
    pub levels_percent: Vec<u16>,
    /// What who holds no stage counts, percent.
    pub default_percent: u16,
    /// The longest time a stage can be held, days.
    pub valid_days: u16,
}

/// What days in a row multiply. One day missed goes one level down, two in a row to the beginning.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StreakRules {
    /// From how many days on a contribution counts how much, percent: `[[0, 100], [7, 130]]`.
    pub levels: Vec<(u16, u16)>,
    /// How many days back are looked at.
    pub history_days: u16,
}

/// What epochs in a row with a contribution multiply.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsistencyRules {
    /// What the first, second … epoch in a row counts, percent; later ones count as the last.
    pub levels_percent: Vec<u16>,
}

/// What is done seldom counts more: × clamp((median ÷ count)^x, at_least, at_most), over the counts of
/// all kinds in the days before the epoch.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RarityRules {
    /// How many days before the epoch are counted.
    pub window_days: u16,
    /// x, percent: 30 for the power of 0.3.
    pub exponent_percent: u16,
    /// The least it multiplies, percent.
    pub at_least_percent: u16,
    /// The most it multiplies, percent.
    pub at_most_percent: u16,
}

/// Where points are cut off.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CapRules {
    /// The most one contribution counts, points.
    pub action: Option<Decimal>,
    /// Whether that is multiplied by the member's qualification, and rounded half up to whole points.
    #[serde(default)]
    pub by_qualification: bool,
    /// The qualification up to which nothing is cut off, percent.
    #[serde(default)]
    pub above_percent: u16,
    /// The most a day counts, in caps of one contribution.
    pub day_actions: Option<u32>,
}

/// How the points of one contribution are rounded, half up.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// From how many points on.
    pub from: Decimal,
    /// To multiples of how many points.
    pub to: Decimal,
}

/// Who is paid.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EligibilityRules {
    /// How many contributions of an epoch that count something a member must have made.
    #[serde(default)]
    pub min_contributions: u32,
    /// Roles whose members are not paid.
    #[serde(default)]
    pub excluded_roles: std::collections::BTreeSet<crate::identity::Role>,
}
