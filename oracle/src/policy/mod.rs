//! The rule book: one TOML file, versioned, that says which events count, for how much, and from
//! which budget. Rules hold from an epoch on and never rewrite what was granted.

mod check;
mod decimal;
mod locate;
mod multipliers;
mod recognition;
mod rules;
#[cfg(feature = "service")]
mod schema;
mod timeline;
#[cfg(feature = "service")]
mod warnings;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use decimal::{Decimal, DecimalError, MICRO};
pub use multipliers::{
    CapRules, ConsistencyRules, EligibilityRules, QualificationRules, RarityRules, Rounding,
    StreakRules,
};
pub use recognition::{AssessmentRules, EngagementRules, InfluenceRules, ReuseRules, TrustRules};
pub(crate) use rules::is_of;
pub use rules::{Condition, Difficulty, Earner, Effort, Kind, Pool, Signal, Withdrawal};
#[cfg(feature = "service")]
pub use schema::schema;
pub use timeline::{Timeline, TimelineError};
#[cfg(feature = "service")]
pub use warnings::Warning;

/// A checked rule book.
#[derive(Clone, Debug)]
pub struct Policy {
    rules: RuleBook,
    text: Arc<str>,
    hash: [u8; 32],
}

/// Why a text is no rule book.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// No TOML, or a key that is unknown, missing or of another type; names line and key.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// The keys are all there, but a value makes no sense.
    #[error("{}{key}: {problem}", line_prefix(*line))]
    Value {
        /// The line that it is on, counted from 1; 0 when the key is not there.
        line: usize,
        /// The key, with its table.
        key: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
}

/// The tables of the file.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleBook {
    /// Grows with every change of the rules.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// The first epoch that it holds for; earlier ones keep the rules that they had.
    #[serde(default = "first_epoch")]
    pub holds_from_epoch: u64,
    /// When epochs are.
    pub epoch: EpochRules,
    /// The token.
    pub token: TokenRules,
    /// How much may be minted.
    pub emission: EmissionRules,
    /// How long changes can be contested.
    pub governance: GovernanceRules,
    /// How budgets are split among members.
    pub allocation: AllocationRules,
    /// How points become tokens.
    #[serde(default)]
    pub payout: PayoutRules,
    /// How many epochs back what comes later still changes.
    #[serde(default)]
    pub revision: RevisionRules,
    /// How much others' engagement counts.
    pub engagement: EngagementRules,
    /// How much reuse by others counts.
    pub reuse: Option<ReuseRules>,
    /// Who is trusted; without it everybody is, as a whole person.
    pub trust: Option<TrustRules>,
    /// How much a member's own trust counts.
    pub influence: Option<InfluenceRules>,
    /// How masters' assessments count.
    pub assessment: Option<AssessmentRules>,
    /// What a member's stage counts.
    pub qualification: Option<QualificationRules>,
    /// What days in a row count.
    pub streak: Option<StreakRules>,
    /// What epochs in a row count.
    pub consistency: Option<ConsistencyRules>,
    /// What counts more because it is seldom done.
    pub rarity: Option<RarityRules>,
    /// Where points are cut off.
    #[serde(default)]
    pub caps: CapRules,
    /// How points are rounded.
    #[serde(default)]
    pub rounding: Vec<Rounding>,
    /// Who is paid.
    #[serde(default)]
    pub eligibility: EligibilityRules,
    /// Sources whose events count; none: all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The domain that signed statements must be meant for; without one, whichever took them in.
    pub statements_domain: Option<String>,
    /// Which events withdraw a work.
    #[serde(default, rename = "withdrawal")]
    pub withdrawals: Vec<Withdrawal>,
    /// Shares of each epoch's budget.
    #[serde(rename = "pool")]
    pub pools: Vec<Pool>,
    /// Which events are contributions.
    #[serde(rename = "kind")]
    pub kinds: Vec<Kind>,
    /// Which events are engagement with somebody's contribution.
    #[serde(rename = "signal", default)]
    pub signals: Vec<Signal>,
}

fn first_epoch() -> u64 {
    1
}

/// When epochs are.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EpochRules {
    /// When epoch 1 begins.
    #[cfg_attr(feature = "service", schemars(with = "String", extend("format" = "date-time")))]
    pub start_at: Timestamp,
    /// Length of an epoch, days.
    pub length_days: u16,
}

/// The token.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenRules {
    /// Its full name.
    pub name: String,
    /// Its short name.
    pub symbol: String,
    /// One token is 10^decimals base units.
    pub decimals: u8,
}

/// How much may be minted.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EmissionRules {
    /// Budget of epoch 1, whole tokens.
    pub budget: u64,
    /// Epochs between two decays of the budget; 0: it never decays.
    pub decay_epochs: u32,
    /// What a decay leaves of the budget, percent.
    pub decay_percent: u16,
    /// The most that may ever exist, whole tokens.
    pub supply_cap: u64,
}

/// How long changes can be contested.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GovernanceRules {
    /// How long an attested epoch can be vetoed, hours.
    pub challenge_hours: u16,
    /// How long a queued change on chain waits, hours.
    pub timelock_hours: u16,
}

/// How budgets are split among members.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AllocationRules {
    /// Of what a pool can spend in an epoch, the most to one member, percent.
    pub member_cap_percent: u16,
    /// Of its share of the budget, the most a pool spends in an epoch, percent; above 100 it can
    /// spend what earlier epochs carried.
    pub spend_limit_percent: u16,
    /// The most that a pool pays for a point, whole tokens; what few points leave is carried on.
    pub tokens_per_point_limit: Option<Decimal>,
}

/// How points become tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PayoutMode {
    /// Each pool's share of the budget is split in proportion to the points.
    #[default]
    BudgetShare,
    /// A point is worth a fixed amount, scaled down together when the budget would be exceeded.
    FixedRate,
}

/// How points become tokens.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PayoutRules {
    /// By shares of the budget or at a fixed rate.
    #[serde(default)]
    pub mode: PayoutMode,
    /// What a point is worth at a fixed rate, whole tokens.
    #[serde(default)]
    pub tokens_per_point: Decimal,
    /// Whether the oracle that pays makes token accounts for members who are due and have none, as far
    /// as its own budget for that goes.
    #[serde(default)]
    pub create_token_accounts: bool,
}

/// How long what comes later still changes what an epoch's contributions are worth.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevisionRules {
    /// How many epochs back contributions are weighed again.
    #[serde(default)]
    pub epochs: u16,
}

impl Policy {
    /// Reads and checks a rule book.
    ///
    /// # Errors
    /// [`PolicyError`] names the line or the key, and what would be right.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let rules: RuleBook = toml::from_str(text)?;
        check::check(&rules).map_err(|error| error.located_in(text))?;
        Ok(Self { rules, text: text.into(), hash: Sha256::digest(text).into() })
    }

    /// The rules.
    pub fn rules(&self) -> &RuleBook {
        &self.rules
    }

    /// The same rules where assessments, grants and withdrawals count from every source: for planted
    /// events, which nobody signed.
    #[cfg(feature = "service")]
    pub(crate) fn without_signatures(mut self) -> Self {
        if let Some(assessment) = &mut self.rules.assessment {
            assessment.sources.clear();
        }
        if let Some(qualification) = &mut self.rules.qualification {
            qualification.sources.clear();
        }
        self.rules.withdrawals.iter_mut().for_each(|withdrawal| withdrawal.sources.clear());
        self
    }

    /// The file as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the file.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Length of an epoch.
    pub fn epoch_length(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.rules.epoch.length_days))
    }

    /// Base units of so many whole tokens.
    ///
    /// # Panics
    /// Never for the amounts of a checked rule book.
    pub fn base_units(&self, tokens: u64) -> u64 {
        check::base_units(tokens, self.rules.token.decimals).expect("checked when it was parsed")
    }

    /// Budget of an epoch, base units: every `decay_epochs` it becomes
    /// ⌊budget × decay_percent / 100⌋.
    pub fn budget(&self, epoch: u64) -> u64 {
        let emission = &self.rules.emission;
        let mut budget = self.base_units(emission.budget);
        let decays = match emission.decay_epochs {
            0 => 0,
            period => epoch.saturating_sub(1) / u64::from(period),
        };
        for _ in 0..decays {
            if budget == 0 || emission.decay_percent == 100 {
                break;
            }
            budget = percent(budget, emission.decay_percent);
        }
        budget
    }

    /// The most one epoch may pay, base units: the growth limit on chain.
    pub fn growth_limit(&self) -> u64 {
        percent(self.budget(1), self.rules.allocation.spend_limit_percent)
    }
}

impl PolicyError {
    /// Says on which line the key is.
    fn located_in(self, text: &str) -> Self {
        match self {
            Self::Value { key, problem, .. } => {
                Self::Value { line: locate::line_of(text, &key), key, problem }
            }
            other @ Self::Toml(_) => other,
        }
    }
}

fn line_prefix(line: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}

/// ⌊amount × percent / 100⌋.
///
/// # Panics
/// When the result leaves 64 bits; a checked rule book keeps every budget far below.
pub fn percent(amount: u64, percent: u16) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(percent) / 100).expect("a budget fits 64 bits")
}
