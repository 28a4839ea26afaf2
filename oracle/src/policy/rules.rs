//! Which events count, and from which budget they are paid.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Decimal;
use crate::ingest::Event;

/// A share of each epoch's budget.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Of the epoch's budget, percent; all pools' add up to 100.
    pub share_percent: u16,
}

/// Which values of which properties an event must have: all of the properties, any of the values. A
/// number or a truth value is meant by its text.
pub type Condition = BTreeMap<String, Vec<String>>;

/// Whose contribution an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Earner {
    /// Who acted.
    #[default]
    Actor,
    /// Whose work the event is about: a like received, a comment received.
    TargetAuthor,
}

/// A kind of contribution.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// The event that is such a contribution.
    pub event: String,
    /// The pool that pays it.
    pub pool: String,
    /// Points of one contribution before everything else.
    pub base: Decimal,
    /// The multiplier at which `base` is said, percent: 130 when it was published at ×1.3.
    #[serde(default = "hundred")]
    pub base_at_percent: u16,
    /// What contributions of its group count, percent.
    #[serde(default = "hundred")]
    pub group_percent: u16,
    /// Whose contribution it is.
    #[serde(default)]
    pub earner: Earner,
    /// Whether contributions to one's own work are left out.
    #[serde(default)]
    pub others_only: bool,
    /// What the event's properties must be.
    #[serde(default, rename = "where")]
    pub condition: Condition,
    /// How hard it was; without it every contribution is as hard.
    pub difficulty: Option<Difficulty>,
    /// How much effort it took; without it every contribution took as much.
    pub effort: Option<Effort>,
    /// Whether what is done seldom counts more, by `[rarity]`.
    #[serde(default)]
    pub rarity: bool,
    /// φ: what counts of a contribution that nobody has taken up, percent.
    #[serde(default = "hundred")]
    pub unengaged_percent: u16,
    /// p: a member's k-th best contribution of this kind in an epoch counts k^−p, percent.
    #[serde(default)]
    pub diminishing_percent: u16,
    /// κ: what the volume of a wholly trusted member's contributions of this kind approaches in an
    /// epoch, points; without it there is no such bound.
    pub capacity: Option<Decimal>,
    /// How many of a member's contributions of this kind count in an epoch.
    #[serde(default = "endless")]
    pub limit: u32,
    /// How many of a member's contributions of this kind count on one day.
    pub daily_limit: Option<u32>,
    /// How long its reward is held before it is paid, days; meanwhile it can be cancelled.
    #[serde(default)]
    pub holding_days: u16,
    /// Whether qualification, streak and consistency multiply it.
    #[serde(default = "yes")]
    pub multiplied: bool,
    /// Whether a day with such a contribution keeps a streak.
    #[serde(default = "yes")]
    pub keeps_streak: bool,
    /// For a referral: the property that names the newcomer, without whose own contribution it
    /// counts nothing.
    pub newcomer: Option<String>,
}

fn hundred() -> u16 {
    100
}

fn endless() -> u32 {
    u32::MAX
}

fn yes() -> bool {
    true
}

/// How hard a contribution was: by its size, by a table, or as a property says.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Difficulty {
    /// Properties whose sum is the size.
    #[serde(default)]
    pub properties: Vec<String>,
    /// From which size on which percent of the base count: `[[0, 50], [10, 100]]`.
    #[serde(default)]
    pub brackets: Vec<(u64, u16)>,
    /// A property whose value is looked up in `table`, or is itself the percent.
    pub property: Option<String>,
    /// Percents that were set before the work starts, by the property's value.
    pub table: Option<BTreeMap<String, u16>>,
}

/// Percents that a property itself may say.
const OWN_PERCENTS: std::ops::RangeInclusive<u64> = 10..=1_000;

impl Difficulty {
    /// How hard a contribution was, percent of its base; 100 when the event does not say.
    pub fn percent(&self, event: &Event) -> u16 {
        let percent = match (&self.property, &self.table) {
            (Some(property), Some(table)) => {
                event.text(property).and_then(|value| table.get(value)).copied()
            }
            (Some(property), None) => event.count(property).and_then(|percent| {
                let within = percent.clamp(*OWN_PERCENTS.start(), *OWN_PERCENTS.end());
                u16::try_from(within).ok()
            }),
            (None, _) => self.by_size(event),
        };
        percent.unwrap_or(100)
    }

    fn by_size(&self, event: &Event) -> Option<u16> {
        let counts = self.properties.iter().filter_map(|property| event.count(property));
        let size = counts.fold(0u64, u64::saturating_add);
        let bracket = self.brackets.iter().rev().find(|(from, _)| size >= *from);
        bracket.map(|(_, percent)| *percent)
    }
}

/// How much effort a contribution took: value^exponent.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Effort {
    /// The property with the value, a whole number such as minutes.
    pub property: String,
    /// The exponent, percent: 60 for value^0.6.
    pub exponent_percent: u16,
    /// The largest value that counts.
    pub at_most: u32,
}

/// An event that is engagement with somebody's contribution.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The event.
    pub event: String,
    /// How much one counts towards E.
    pub weight: u16,
    /// How much one counts as trust in the author.
    #[serde(default)]
    pub trust: u16,
    /// Whether it is a reuse of the contribution.
    #[serde(default)]
    pub reuse: bool,
    /// Kinds of contributions that it can be about; none: all.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// What the event's properties must be.
    #[serde(default, rename = "where")]
    pub condition: Condition,
}

/// An event that withdraws a work: from then on its contributions count nothing.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The event; its `target`, or else its `artifact`, is the work.
    pub event: String,
    /// Sources whose withdrawals count; none: all.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What the event's properties must be.
    #[serde(default, rename = "where")]
    pub condition: Condition,
}

impl Kind {
    /// Whether an event is such a contribution; `own_work` says whether it is about the actor's own
    /// work.
    pub fn matches(&self, event: &Event, own_work: bool) -> bool {
        event.name == self.event && holds(&self.condition, event) && !(self.others_only && own_work)
    }
}

impl Signal {
    /// Whether an event is such engagement.
    pub fn matches(&self, event: &Event) -> bool {
        event.name == self.event && holds(&self.condition, event)
    }
}

impl Withdrawal {
    /// Whether an event withdraws a work.
    pub fn matches(&self, event: &Event) -> bool {
        event.name == self.event && is_of(&self.sources, event) && holds(&self.condition, event)
    }
}

/// Whether an event is of one of these sources, or there are none.
pub(crate) fn is_of(sources: &[String], event: &Event) -> bool {
    sources.is_empty() || sources.contains(&event.source)
}

fn holds(condition: &Condition, event: &Event) -> bool {
    condition.iter().all(|(property, values)| {
        event.properties.get(property).is_some_and(|property| match property {
            Value::String(text) => values.contains(text),
            Value::Number(_) | Value::Bool(_) => values.contains(&property.to_string()),
            _ => false,
        })
    })
}
