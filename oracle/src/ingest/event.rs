//! One event, as any source's adapter delivers it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Something somebody did, at a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// The source's id of the event; the same id twice is the same event.
    pub uuid: Uuid,
    /// What happened.
    pub name: String,
    /// The source's id of who did it.
    pub actor: String,
    /// The rest, by name.
    pub properties: BTreeMap<String, Value>,
}

/// Why a line is not an event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// No JSON object with the fields of an event.
    #[error("not an event: {0}")]
    Json(#[from] serde_json::Error),
    /// A field that must not be empty is.
    #[error("field `{0}` is empty")]
    Empty(&'static str),
    /// The time cannot be read.
    #[error("field `timestamp` is not a time: {0}")]
    Time(#[from] jiff::Error),
}

/// A row of PostHog's batch export; the columns not named here are of no use yet.
#[derive(Deserialize)]
struct ExportRow {
    uuid: Uuid,
    event: String,
    distinct_id: String,
    timestamp: String,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
}

impl Event {
    /// Reads one line of PostHog's JSONLines export.
    ///
    /// # Errors
    /// [`EventError`] when the line is no JSON object or a needed field is missing or empty.
    pub fn from_export_line(line: &[u8]) -> Result<Self, EventError> {
        let row: ExportRow = serde_json::from_slice(line)?;
        if row.event.is_empty() {
            return Err(EventError::Empty("event"));
        }
        if row.distinct_id.is_empty() {
            return Err(EventError::Empty("distinct_id"));
        }
        let at: Timestamp = row.timestamp.parse()?;
        Ok(Self {
            at_us: at.as_microsecond(),
            uuid: row.uuid,
            name: row.event,
            actor: row.distinct_id,
            properties: row.properties,
        })
    }

    /// A property that is text.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property)?.as_str()
    }

    /// A property that is a whole number not below zero.
    pub fn count(&self, property: &str) -> Option<u64> {
        self.properties.get(property)?.as_u64()
    }

    /// The event's bytes for hashing and comparing: compact JSON, properties sorted by name.
    ///
    /// # Panics
    /// Never: an event has only text, numbers and JSON values.
    pub fn to_canonical_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an event is plain data")
    }
}
