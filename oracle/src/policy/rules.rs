//! Which events count, and from which budget they are paid.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ingest::Event;

/// A share of each epoch's budget.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Of the epoch's budget, percent; all pools' add up to 100.
    pub share_percent: u16,
}

/// Which values of which properties an event must have: all of the properties, any of the values.
pub type Condition = BTreeMap<String, Vec<String>>;

/// A kind of contribution.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// The event that is such a contribution.
    pub event: String,
    /// The pool that pays it.
    pub pool: String,
    /// Points of one contribution before everything else.
    pub base: u32,
    /// p: a member's k-th best contribution of this kind in an epoch counts k^−p, percent.
    pub diminishing_percent: u16,
    /// How many of a member's contributions of this kind count in an epoch.
    pub limit: u32,
    /// Whether contributions to one's own work count.
    #[serde(default)]
    pub others_only: bool,
    /// What the event's properties must be.
    #[serde(default, rename = "where")]
    pub condition: Condition,
    /// How hard it was; without it every contribution is as hard.
    pub difficulty: Option<Difficulty>,
}

/// How hard a contribution was, by the size that some of its properties add up to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difficulty {
    /// Whose sum is the size.
    pub properties: Vec<String>,
    /// From which size on which percent of the base count: `[[0, 50], [10, 100]]`.
    pub brackets: Vec<(u64, u16)>,
}

/// An event that is engagement with somebody's contribution.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The event.
    pub event: String,
    /// How much one counts towards E.
    pub weight: u32,
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

impl Difficulty {
    /// How hard a contribution was, percent of its base.
    pub fn percent(&self, event: &Event) -> u16 {
        let size = self
            .properties
            .iter()
            .filter_map(|property| event.count(property))
            .fold(0u64, u64::saturating_add);
        self.brackets
            .iter()
            .rev()
            .find(|(from, _)| size >= *from)
            .map_or(100, |(_, percent)| *percent)
    }
}

fn holds(condition: &Condition, event: &Event) -> bool {
    condition.iter().all(|(property, values)| {
        event.text(property).is_some_and(|text| values.iter().any(|value| value == text))
    })
}
