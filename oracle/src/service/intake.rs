//! From events that were pushed to the inbox: the door's rules, authors of targets, rejections.

use std::collections::BTreeMap;

use metrics::counter;
use serde_json::Value;
use tokio::sync::Notify;

use crate::ingest::webhook::PushedEvent;
use crate::ingest::{Door, Integrity, PersonalData};
use crate::segments::{EventLog, RawForm, Rejection, Row};
use crate::store::{InboxEvent, PushedDelivery, StoreError};

/// Rejections of one delivery that are kept; the others are only counted.
const KEPT_REJECTIONS: usize = 100;
/// Events of one delivery that are worth moving into the log at once.
const MANY_EVENTS: usize = 1_000;

/// What deliveries are checked by, and where their events go.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) log: EventLog,
    personal_data: PersonalData,
    pushers: BTreeMap<String, Pusher>,
    /// Told when so much waits that it should not wait longer.
    pub(super) many: Notify,
}

/// A source whose deliveries are taken.
#[derive(Clone, Debug)]
pub(super) struct Pusher {
    /// What its events must keep to.
    pub(super) integrity: Integrity,
    /// The source whose events these are.
    pub(super) filed_under: String,
}

/// What a delivery holds, after the door.
#[derive(Debug, Default)]
pub(super) struct Checked {
    events: Vec<InboxEvent>,
    authors: Vec<(String, String)>,
    rejections: Vec<Rejection>,
    rejected: u64,
}

/// A delivery on its way through the door.
#[derive(Debug)]
pub(super) struct Checking<'a> {
    source: &'a str,
    events_of: Option<&'a str>,
    door: Door<'a>,
    checked: Checked,
}

impl Intake {
    pub(super) fn new(
        log: EventLog,
        personal_data: PersonalData,
        pushers: BTreeMap<String, Pusher>,
    ) -> Self {
        Self { log, personal_data, pushers, many: Notify::new() }
    }

    /// The sources whose deliveries are taken, by name.
    pub(super) fn pushers(&self) -> impl Iterator<Item = (&str, &Pusher)> {
        self.pushers.iter().map(|(source, pusher)| (source.as_str(), pusher))
    }

    /// Begins to check a delivery of a source.
    pub(super) fn check<'a>(&'a self, source: &'a str, now_us: i64) -> Checking<'a> {
        let pusher = self.pushers.get(source);
        let integrity = pusher.map(|pusher| pusher.integrity).unwrap_or_default();
        let events_of = pusher.map(|pusher| pusher.filed_under.as_str());
        let door = Door { integrity, personal_data: &self.personal_data, now_us };
        Checking { source, events_of, door, checked: Checked::default() }
    }

    /// Adds to events whose target is known and its author not who that is.
    pub(super) async fn find_authors(
        &self,
        source: &str,
        events: &mut [PushedEvent],
    ) -> Result<(), StoreError> {
        for event in events {
            if let (Some(target), None) = (&event.target, &event.target_author) {
                event.target_author = self.log.store().get_author(source, target).await?;
            }
        }
        Ok(())
    }

    /// Keeps what a delivery brought: after this it is in the database.
    pub(super) async fn keep(&self, checking: Checking<'_>) -> Result<(), StoreError> {
        let Checking { source, events_of, door, checked } = checking;
        let delivery = PushedDelivery {
            events_of,
            events: &checked.events,
            rejections: &checked.rejections,
            rejected: checked.rejected,
            authors: &checked.authors,
        };
        let kept = self.log.store().put_delivery(source, delivery, door.now_us).await?;
        let repeated = checked.events.len() as u64 - kept;
        let results = [("kept", kept), ("repeated", repeated), ("rejected", checked.rejected)];
        for (result, count) in results {
            let labels = [("source", source.to_owned()), ("result", result.to_owned())];
            counter!("stk_pushed_events_total", &labels).increment(count);
        }
        if checked.events.len() >= MANY_EVENTS {
            self.many.notify_one();
        }
        Ok(())
    }
}

impl Checking<'_> {
    /// When the delivery came, UTC microseconds.
    pub(super) fn received_at_us(&self) -> i64 {
        self.door.now_us
    }

    /// Lets a row in, or tells why not.
    pub(super) fn admit(&mut self, row: Row<'_>) -> Result<(), String> {
        let admitted = self.door.check(row)?;
        let row = admitted.row();
        self.checked.events.push(InboxEvent {
            external_id: row.external_id.to_owned(),
            at_us: row.at_us,
            name: row.name.to_owned(),
            actor: row.actor.to_owned(),
            properties: row.properties.to_owned(),
            received_at_us: self.door.now_us,
        });
        Ok(())
    }

    /// Lets an adapter's event in, or rejects it.
    pub(super) fn push(&mut self, event: &PushedEvent) {
        let properties = event.properties();
        match self.admit(event.row(&properties)) {
            Ok(()) => {
                let actor = self.checked.events.last().map(|event| event.actor.clone());
                self.checked.authors.extend(event.artifact.clone().zip(actor));
            }
            Err(reason) => {
                self.reject(&event.external_id, reason, RawForm::Event, &event.to_kept());
            }
        }
    }

    /// Turns something away; what is kept of it has no personal data.
    pub(super) fn reject(&mut self, place: &str, reason: String, form: RawForm, delivered: &Value) {
        self.checked.rejected += 1;
        if self.checked.rejections.len() < KEPT_REJECTIONS {
            let delivered = delivered.to_string();
            let (place_of, delivered) = (place.to_owned(), delivered.as_bytes());
            let rejection = self.door.rejection(place_of, reason, form, delivered);
            tracing::warn!(source = self.source, place, reason = rejection.reason, "rejected");
            self.checked.rejections.push(rejection);
        }
    }
}

/// The shape of a JSON value: its names and kinds, and nothing of what it says.
pub(super) fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(values) => values.iter().take(1).map(shape).collect(),
        Value::String(text) if text.is_empty() => "(empty text)".into(),
        Value::String(_) => "(text)".into(),
        Value::Number(_) => "(number)".into(),
        Value::Bool(_) | Value::Null => value.clone(),
    }
}
