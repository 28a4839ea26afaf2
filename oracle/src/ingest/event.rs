//! One event, as the log gives it back.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something somebody did, at a time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// Which of the community's tools says so.
    pub source: String,
    /// The source's id of the event; the same id twice is the same event.
    pub external_id: String,
    /// What happened.
    pub name: String,
    /// The source's id of who did it.
    pub actor: String,
    /// The rest, by name.
    pub properties: BTreeMap<String, Value>,
}

/// What identifies an event among all events, in the order that settles ties.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// Which of the community's tools says so.
    pub source: String,
    /// The source's id of the event.
    pub external_id: String,
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.external_id, self.source)
    }
}

impl Event {
    /// A property that is text.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property)?.as_str()
    }

    /// A property that is a whole number not below zero.
    pub fn count(&self, property: &str) -> Option<u64> {
        self.properties.get(property)?.as_u64()
    }

    /// The order of time, source and id, which settles every tie.
    pub fn cmp_by_time(&self, other: &Self) -> Ordering {
        (self.at_us, &self.source, &self.external_id).cmp(&(
            other.at_us,
            &other.source,
            &other.external_id,
        ))
    }

    /// What identifies it.
    pub fn id(&self) -> EventId {
        EventId { source: self.source.clone(), external_id: self.external_id.clone() }
    }

    /// The event's bytes for hashing and comparing: compact JSON, properties sorted by name.
    ///
    /// # Panics
    /// Never: an event has only text, numbers and JSON values.
    pub fn to_canonical_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an event is plain data")
    }
}
