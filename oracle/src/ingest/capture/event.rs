//! One captured event.
//!
//! time = timestamp + skew, skew = our time − the client's `sent_at`, in whole minutes; without a
//! timestamp, our time − `offset`. PostHog corrects to the millisecond; we keep a clock that is right
//! to half a minute as it is, so that a batch that is sent again has the same times.
//!
//! id = `uuid` where there is one, else a UUID made of the event's name, actor, time and properties.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Captured, without_values};
use crate::ingest::names::has_repeated_names;
use crate::ingest::{normal_uuid, parse_time_us};
use crate::segments::Row;

/// The largest event, bytes: PostHog's own limit.
pub const MAX_EVENT_BYTES: usize = 1 << 20;
const MINUTE_US: i64 = 60_000_000;
/// How much our clock was ahead of the client's when it came, in what is kept of an event.
const SKEW_FIELD: &str = "$stk_skew_us";

/// An event as a client sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedEvent<'a> {
    /// The project's token, if the event has one of its own.
    pub token: Option<String>,
    /// The client's id of it, or one made of what it says.
    pub external_id: String,
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// What happened.
    pub name: String,
    /// Who did it.
    pub actor: String,
    /// The text of a JSON object.
    pub properties: &'a str,
}

#[derive(Deserialize)]
struct Sent<'a> {
    event: String,
    uuid: Option<String>,
    #[serde(alias = "$distinct_id")]
    distinct_id: Option<serde_json::Value>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    timestamp: Option<String>,
    /// Milliseconds between the event and its sending.
    offset: Option<i64>,
    api_key: Option<String>,
    token: Option<String>,
}

/// What [`Captured::to_kept`] adds to an event.
#[derive(Deserialize)]
struct Kept {
    uuid: Option<String>,
    #[serde(rename = "$stk_skew_us", default)]
    skew_us: i64,
}

/// What properties may hold of what belongs beside them.
#[derive(Default, Deserialize)]
struct Known {
    token: Option<String>,
    distinct_id: Option<serde_json::Value>,
    #[serde(rename = "$ignore_sent_at", default)]
    ignore_sent_at: bool,
}

impl Captured<'_> {
    /// Reads an event of the request.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn event<'a>(
        &self,
        raw: &'a RawValue,
        received_at_us: i64,
    ) -> Result<CapturedEvent<'a>, String> {
        if raw.get().len() > MAX_EVENT_BYTES {
            return Err(format!("it is larger than {MAX_EVENT_BYTES} bytes"));
        }
        let sent: Sent<'_> = serde_json::from_str(raw.get())
            .map_err(|error| format!("not an event: {}", without_values(&error)))?;
        let properties = match sent.properties.map(RawValue::get) {
            None | Some("null") => "{}",
            Some(text) if text.starts_with('{') => text,
            Some(_) => return Err("its properties are no object".to_owned()),
        };
        let known: Known = serde_json::from_str(properties).map_err(|error| {
            format!("its properties cannot be read: {}", without_values(&error))
        })?;
        let actor = sent.distinct_id.as_ref().or(known.distinct_id.as_ref()).and_then(id);
        let actor = actor.ok_or("its distinct_id is missing or no id")?;
        let sent_at_us = self.sent_at_us.filter(|_| !known.ignore_sent_at);
        let at_us = match (&sent.timestamp, sent.offset) {
            (Some(text), _) => {
                parse_time_us(text)?.saturating_add(skew_us(sent_at_us, received_at_us))
            }
            (None, Some(offset_ms)) => {
                received_at_us.saturating_sub(offset_ms.max(0).saturating_mul(1_000))
            }
            (None, None) => received_at_us,
        };
        let external_id = match &sent.uuid {
            Some(uuid) => normal_uuid(uuid).into_owned(),
            None => {
                // As sent, so that it is the same when it is sent again.
                let time = sent.timestamp.unwrap_or_else(|| at_us.to_string());
                derive_id(&[&sent.event, &actor, &time, properties])
            }
        };
        let token = sent.api_key.or(sent.token).or(known.token);
        Ok(CapturedEvent { token, external_id, at_us, name: sent.event, actor, properties })
    }
}

impl Captured<'_> {
    /// What is kept of an event that is turned away: all that it takes to read it alike later. `None`
    /// when it cannot be read, or says something twice.
    pub fn to_kept(&self, raw: &RawValue, received_at_us: i64) -> Option<Value> {
        let mut kept: Value = serde_json::from_str(raw.get()).ok()?;
        if has_repeated_names(raw.get().as_bytes()) {
            return None;
        }
        if let Value::Object(fields) = &mut kept {
            if let Ok(event) = self.event(raw, received_at_us) {
                fields.insert("uuid".to_owned(), event.external_id.into());
            }
            let skew_us = skew_us(self.sent_at_us, received_at_us);
            fields.insert(SKEW_FIELD.to_owned(), skew_us.into());
        }
        Some(kept)
    }
}

impl<'a> CapturedEvent<'a> {
    /// Reads an event that was kept by [`Captured::to_kept`] when it came.
    ///
    /// # Errors
    /// Says what cannot be read, or is not there any more.
    pub fn from_kept(kept: &'a str, received_at_us: i64) -> Result<Self, String> {
        let of = |error| format!("not an event: {}", without_values(&error));
        let raw: &RawValue = serde_json::from_str(kept).map_err(of)?;
        let known: Kept = serde_json::from_str(kept).map_err(of)?;
        if known.uuid.is_none() {
            // Made of what was kept it would be another one than when it is sent again.
            return Err(
                "it has no uuid, and could not be read when it came: the client has to send it again"
                    .to_owned(),
            );
        }
        let sent_at_us = Some(received_at_us.saturating_sub(known.skew_us));
        Captured { token: None, sent_at_us, events: Vec::new() }.event(raw, received_at_us)
    }
}

impl CapturedEvent<'_> {
    /// The event as a row.
    pub fn row(&self) -> Row<'_> {
        Row {
            external_id: &self.external_id,
            at_us: self.at_us,
            name: &self.name,
            actor: &self.actor,
            properties: self.properties,
        }
    }
}

/// How much our clock is ahead of the client's, microseconds.
fn skew_us(sent_at_us: Option<i64>, received_at_us: i64) -> i64 {
    let skew = received_at_us.saturating_sub(sent_at_us.unwrap_or(received_at_us));
    skew.saturating_add(MINUTE_US / 2).div_euclid(MINUTE_US) * MINUTE_US
}

fn id(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn derive_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    let id: Uuid = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    id.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_769_922_000_000_000;

    fn event(text: &str, sent_at_us: Option<i64>) -> Result<CapturedEvent<'_>, String> {
        let captured = Captured { token: None, sent_at_us, events: vec![] };
        captured.event(serde_json::from_str(text).unwrap(), NOW_US)
    }

    #[test]
    fn what_is_no_event_says_why() {
        for (text, problem) in [
            ("1", "not an event"),
            (r#"{"distinct_id":"a"}"#, "missing field `event`"),
            (r#"{"event":"x"}"#, "distinct_id is missing"),
            (r#"{"event":"x","distinct_id":{}}"#, "distinct_id is missing"),
            (r#"{"event":"x","distinct_id":"a","properties":[]}"#, "properties are no object"),
            (r#"{"event":"x","distinct_id":"a","timestamp":"then"}"#, "`then` is not a time"),
        ] {
            let error = event(text, None).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
        let large = format!(r#"{{"event":"{}","distinct_id":"a"}}"#, "x".repeat(MAX_EVENT_BYTES));
        assert!(event(&large, None).unwrap_err().contains("larger than"));
    }

    #[test]
    fn a_client_whose_clock_is_wrong_is_corrected_and_one_that_is_right_is_not() {
        let text = r#"{"event":"x","distinct_id":"a","timestamp":"2026-02-01T04:59:50.5Z"}"#;
        let at = |sent_at_us| event(text, sent_at_us).unwrap().at_us;
        let written = NOW_US - 9_500_000;
        assert_eq!(at(None), written);
        assert_eq!(at(Some(NOW_US)), written);
        assert_eq!(at(Some(NOW_US - 29_000_000)), written);
        // An hour behind, an hour ahead
        assert_eq!(at(Some(NOW_US - 60 * MINUTE_US - 250_000)), written + 60 * MINUTE_US);
        assert_eq!(at(Some(NOW_US + 60 * MINUTE_US - 250_000)), written - 60 * MINUTE_US);
        assert_eq!(at(Some(i64::MIN)).signum(), 1);
        let ignored =
            text.replace("\"distinct", "\"properties\":{\"$ignore_sent_at\":true},\"distinct");
        assert_eq!(event(&ignored, Some(0)).unwrap().at_us, written);
        let offset = r#"{"event":"x","distinct_id":"a","offset":2500}"#;
        assert_eq!(event(offset, None).unwrap().at_us, NOW_US - 2_500_000);
    }

    #[test]
    fn an_event_without_an_id_gets_the_same_one_each_time_it_is_sent() {
        let text = r#"{"event":"x","distinct_id":7,"timestamp":"2026-02-01T04:59:50Z"}"#;
        let id = |text: &str, sent_at| event(text, sent_at).unwrap().external_id;
        let first = id(text, None);
        assert_eq!(first, id(text, Some(0)));
        assert_ne!(first, id(&text.replace(":50Z", ":51Z"), None));
        assert_ne!(first, id(&text.replace('7', "8"), None));
        let known = text.replace("{", r#"{"uuid":"0192E4AB-0000-7000-8000-00000000000A","#);
        assert_eq!(id(&known, None), "0192e4ab-0000-7000-8000-00000000000a");
    }

    #[test]
    fn what_posthog_js_puts_among_the_properties_is_found_there() {
        let text = r#"{"event":"x","properties":{"token":"t","distinct_id":"a"}}"#;
        let event = event(text, None).unwrap();
        assert_eq!(event.token.as_deref(), Some("t"));
        assert_eq!(event.actor, "a");
    }
}
