//! What PostHog's SDKs send: read as PostHog reads it.
//!
//! | client | path | body |
//! |---|---|---|
//! | posthog-python, posthog-node | `/batch/` | `{api_key, batch: […], sent_at}`, plain or gzip |
//! | posthog-rs | `/batch/?compression=gzip` | the same |
//! | posthog-js | `/e/?compression=gzip-js` | a bare list, the token in `properties.token` |
//! | others | `/i/v0/e/`, `/capture/` | one event |
//!
//! The token is public: whoever has it can forge events. It says which project they are for, and no
//! rule book should let them pay by themselves.

mod body;
mod event;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use body::{Encoding, MAX_BODY_BYTES, decode, max_decoded_bytes};
pub use event::{CapturedEvent, MAX_EVENT_BYTES};

use super::parse_time_us;

/// Events of a request.
pub const MAX_EVENTS: usize = 10_000;

/// Why nothing of a request can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// It is larger than a limit.
    #[error("{0}: send less at once")]
    TooLarge(String),
}

/// What a request holds.
#[derive(Debug)]
pub struct Captured<'a> {
    /// The project's token, if the request as a whole has one.
    pub token: Option<String>,
    /// When the client says it sent it, UTC microseconds.
    pub sent_at_us: Option<i64>,
    /// The text of each event.
    pub events: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    api_key: Option<String>,
    token: Option<String>,
    sent_at: Option<String>,
    #[serde(borrow)]
    batch: Option<Vec<&'a RawValue>>,
}

/// Reads a request's decoded body.
///
/// # Errors
/// [`CaptureError`] when it is no JSON, or holds too many events.
pub fn read<'a>(body: &'a [u8], encoding: &Encoding) -> Result<Captured<'a>, CaptureError> {
    let unreadable = |error: serde_json::Error| CaptureError::Unreadable(without_values(&error));
    let whole: &RawValue = serde_json::from_slice(body).map_err(unreadable)?;
    let captured = if whole.get().starts_with('[') {
        let events = serde_json::from_str(whole.get()).map_err(unreadable)?;
        Captured { token: None, sent_at_us: encoding.sent_at_us, events }
    } else {
        let envelope: Envelope<'_> = serde_json::from_str(whole.get()).map_err(unreadable)?;
        let sent_at_us = match &envelope.sent_at {
            Some(text) => Some(parse_time_us(text).map_err(CaptureError::Unreadable)?),
            None => encoding.sent_at_us,
        };
        let events = envelope.batch.unwrap_or_else(|| vec![whole]);
        Captured { token: envelope.api_key.or(envelope.token), sent_at_us, events }
    };
    match captured.events.len() > MAX_EVENTS {
        true => Err(CaptureError::TooLarge(format!("more than {MAX_EVENTS} events"))),
        false => Ok(captured),
    }
}

/// What a reader says, without what it read: that may be anything.
fn without_values(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) => format!("{}…{}", &message[..first], &message[last + 1..]),
        _ => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Captured<'_>, CaptureError> {
        super::read(body.as_bytes(), &Encoding::default())
    }

    #[test]
    fn what_is_no_json_is_an_error_and_nothing_is_followed_deep() {
        for body in ["", "{", "[{]", "nonsense", "1", "\"x\""] {
            assert!(matches!(read(body), Err(CaptureError::Unreadable(_))), "{body}");
        }
        // Nesting that would end a recursive reader's stack is one event, which its own check refuses
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(read(&deep).unwrap().events.len(), 1);
        let many = format!("[{}{{}}]", "{},".repeat(MAX_EVENTS));
        assert!(matches!(read(&many), Err(CaptureError::TooLarge(_))));
        let error = read(r#"{"sent_at":"now","batch":[]}"#).unwrap_err().to_string();
        assert!(error.contains("`now` is not a time"), "{error}");
    }

    #[test]
    fn batches_lists_and_single_events_are_read() {
        let batch = read(r#"{"api_key":"t","sent_at":"2026-02-01T05:00:00Z","batch":[{},{}]}"#);
        let batch = batch.unwrap();
        assert_eq!(batch.token.as_deref(), Some("t"));
        assert_eq!(batch.sent_at_us, Some(1_769_922_000_000_000));
        assert_eq!(batch.events.len(), 2);
        assert_eq!(read(r#"[{"event":"a"}]"#).unwrap().events[0].get(), r#"{"event":"a"}"#);
        let single = read(r#" {"token":"t","event":"a"}"#).unwrap();
        assert_eq!(single.token.as_deref(), Some("t"));
        assert_eq!(single.events[0].get(), r#"{"token":"t","event":"a"}"#);
    }
}
