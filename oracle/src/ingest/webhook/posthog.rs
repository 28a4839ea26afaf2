//! PostHog's CDP destination, signed as Standard Webhooks says.
//!
//! `webhook-signature: v1,base64(HMAC-SHA256(key, "id.timestamp.body"))`, several with spaces between
//! them while a key is changed. The signed time may be five minutes from ours, so that a delivery
//! that somebody kept cannot be sent again later; within that time its event is known by its uuid.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::signature::is_signature;
use super::{Delivery, Distrust, MAX_AGE_SECONDS, PushedEvent, Webhook};
use crate::config::Secret;
use crate::ingest::normal_uuid;

const SIGNATURE_HEADER: &str = "webhook-signature";
/// The shortest key that the specification allows, bytes.
const MIN_KEY_BYTES: usize = 24;
/// Signatures of a delivery that are looked at.
const MAX_SIGNATURES: usize = 8;

/// A PostHog project's HTTP destination.
pub struct Posthog {
    key: Vec<u8>,
}

impl std::fmt::Debug for Posthog {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Posthog(…)")
    }
}

impl Posthog {
    /// A destination with this secret: the key in base64, with or without `whsec_` before it.
    ///
    /// # Errors
    /// Says what is wrong with the secret.
    pub fn new(secret: &Secret) -> Result<Self, &'static str> {
        let text = secret.reveal();
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text));
        let key = key.map_err(|_| "it is not base64: copy it whole, whsec_ included")?;
        match key.len() >= MIN_KEY_BYTES {
            true => Ok(Self { key }),
            false => Err("its key is shorter than 24 bytes: openssl rand -base64 32"),
        }
    }
}

impl Webhook for Posthog {
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust> {
        let id = delivery.header("webhook-id");
        let timestamp = delivery.header("webhook-timestamp");
        let wrong = || Distrust::Signature(SIGNATURE_HEADER.to_owned());
        if id.is_empty() {
            return Err(wrong());
        }
        let signed_at: i64 = timestamp.parse().map_err(|_| wrong())?;
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", delivery.body];
        let signatures = delivery.header(SIGNATURE_HEADER).split(' ').take(MAX_SIGNATURES);
        let is_one = |signature: &str| {
            let mac = signature.strip_prefix("v1,").and_then(|mac| STANDARD.decode(mac).ok());
            mac.is_some_and(|mac| is_signature(&self.key, &parts, &mac))
        };
        if !signatures.into_iter().any(is_one) {
            return Err(wrong());
        }
        let age = (delivery.received_at_us.div_euclid(1_000_000)).saturating_sub(signed_at);
        match age.saturating_abs() > MAX_AGE_SECONDS {
            true => Err(Distrust::Stale(age)),
            false => Ok(()),
        }
    }

    fn read(&self, _: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>> {
        vec![read(&Fields::of(body))]
    }
}

fn read(body: &Fields<'_>) -> Result<PushedEvent, String> {
    let event = body.object("event")?;
    let more = match event.get("properties") {
        None => Map::new(),
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) => return Err("event.properties is not an object".to_owned()),
    };
    Ok(PushedEvent {
        external_id: normal_uuid(event.text("uuid")?).into_owned(),
        at_us: event.time_us("timestamp")?,
        name: event.text("event")?.to_owned(),
        actor: event.id("distinct_id")?,
        more,
        ..PushedEvent::default()
    })
}
