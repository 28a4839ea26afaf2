//! Tools that push: each has an adapter that checks whether a delivery is authentic, and says which
//! events it holds.
//!
//! A delivery is checked over its raw bytes and in constant time, before anything in it is read.
//! An adapter takes out of it what it names, and nothing else: no message text, no name, no address.
//! An event's id is made of what the signature covers. Headers with a delivery's id or an instance are
//! not signed, so whoever saw one delivery could make many of it.

mod discourse;
mod fields;
mod github;
mod nocodb;
mod posthog;
mod signature;
mod telegram;

use std::fmt::Debug;

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use discourse::Discourse;
pub use github::Github;
pub use nocodb::Nocodb;
pub use posthog::Posthog;
pub use telegram::Telegram;

use super::PersonalData;
use crate::config::{ConfigError, Secret, SourceKind, SourceSettings};
use crate::segments::Row;

/// How far a signed time may be from ours, seconds.
pub const MAX_AGE_SECONDS: i64 = 300;
/// The shortest secret that is taken, bytes.
const MIN_SECRET_BYTES: usize = 16;

/// A delivery as it came.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, byte for byte.
    pub body: &'a [u8],
    /// When it came, UTC microseconds.
    pub received_at_us: i64,
}

/// An event that a delivery holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushedEvent {
    /// The source's id of the event; the same id twice is the same event.
    pub external_id: String,
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// What happened.
    pub name: String,
    /// The source's id of who did it.
    pub actor: String,
    /// What came of it.
    pub artifact: Option<String>,
    /// The artifact that it was done to.
    pub target: Option<String>,
    /// The source's id of who made the target. Where the delivery does not say so, it is looked up
    /// among the artifacts that were pushed before.
    pub target_author: Option<String>,
    /// Its other properties.
    pub more: Map<String, Value>,
}

/// Why a delivery is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// There is no signature, or not the one that the secret makes.
    #[error("the signature in {0} is missing or wrong")]
    Signature(String),
    /// It was signed too long ago, or for later: it may be a replay.
    #[error(
        "it was signed {0} seconds ago, and {limit} is the limit: is a clock wrong?",
        limit = MAX_AGE_SECONDS
    )]
    Stale(i64),
}

/// A tool that pushes.
pub trait Webhook: Debug + Send + Sync {
    /// Checks that a delivery is authentic.
    ///
    /// # Errors
    /// [`Distrust`] says why it is not; nothing in it was read.
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust>;

    /// The events of an authentic delivery with this JSON, each or why it cannot be read; none when
    /// the delivery is about something that is no event.
    fn read(&self, delivery: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>>;
}

impl PushedEvent {
    /// Its properties: the text of a JSON object.
    pub fn properties(&self) -> String {
        let mut properties = self.more.clone();
        let known = [
            ("artifact", &self.artifact),
            ("target", &self.target),
            ("target_author", &self.target_author),
        ];
        for (name, value) in known {
            if let Some(value) = value {
                properties.insert(name.to_owned(), value.as_str().into());
            }
        }
        Value::from(properties).to_string()
    }
}

/// Reads what [`PushedEvent::to_kept`] kept.
#[derive(Deserialize)]
struct Kept {
    id: String,
    at_us: i64,
    event: String,
    actor: String,
    artifact: Option<String>,
    target: Option<String>,
    properties: String,
}

impl PushedEvent {
    /// The event as a row with these properties.
    pub(crate) fn row<'a>(&'a self, properties: &'a str) -> Row<'a> {
        Row {
            external_id: &self.external_id,
            at_us: self.at_us,
            name: &self.name,
            actor: &self.actor,
            properties,
        }
    }

    /// What is kept of it when it is turned away.
    pub(crate) fn to_kept(&self) -> Value {
        json!({
            "id": self.external_id,
            "at_us": self.at_us,
            "event": self.name,
            "actor": self.actor,
            "artifact": self.artifact,
            "target": self.target,
            "properties": self.properties(),
        })
    }

    /// Reads an event that was kept, by [`to_kept`](Self::to_kept) or out of the log.
    ///
    /// # Errors
    /// Says what of it cannot be read.
    pub(crate) fn from_kept(kept: &str) -> Result<Self, String> {
        let of = |error: serde_json::Error| format!("what was kept of it cannot be read: {error}");
        let kept: Kept = serde_json::from_str(kept).map_err(of)?;
        let mut more: Map<String, Value> = serde_json::from_str(&kept.properties).map_err(of)?;
        let target_author = match more.get("target_author") {
            Some(Value::String(author)) => Some(author.clone()),
            _ => None,
        };
        more.retain(|name, _| name != "target_author" || target_author.is_none());
        Ok(Self {
            external_id: kept.id,
            at_us: kept.at_us,
            name: kept.event,
            actor: kept.actor,
            artifact: kept.artifact,
            target: kept.target,
            target_author,
            more,
        })
    }
}

impl Delivery<'_> {
    /// A header's text; empty when it is not there.
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The adapter of a source that pushes webhooks, with its secret from the environment; `None` for
/// other sources.
///
/// # Errors
/// [`ConfigError`] when a secret is missing or guessable, or people's ids cannot be hashed.
pub fn adapter(
    source: &SourceSettings,
    personal_data: &PersonalData,
) -> Result<Option<Box<dyn Webhook>>, ConfigError> {
    let key = |name: &str| format!("source.{}.{name}", source.name);
    let secret = |variable: &str| {
        let secret = Secret::from_env(&key("secret_env"), variable)?;
        if secret.reveal().len() < MIN_SECRET_BYTES {
            return Err(weak(key("secret_env"), "it can be guessed: openssl rand -hex 32"));
        }
        Ok(secret)
    };
    let adapter: Box<dyn Webhook> = match &source.kind {
        SourceKind::Discourse(settings) => Box::new(Discourse::new(secret(&settings.secret_env)?)),
        SourceKind::Github(settings) => Box::new(Github::new(secret(&settings.secret_env)?)),
        SourceKind::Telegram(settings) => {
            let salt = personal_data.salt().cloned().ok_or_else(|| ConfigError::NoSalt {
                key: key("kind"),
                whose: "Telegram's ids of people",
            })?;
            let secret = secret(&settings.secret_env)?;
            Box::new(Telegram::new(secret, salt, settings.chats.clone()))
        }
        SourceKind::Nocodb(settings) => {
            Box::new(Nocodb::new(secret(&settings.secret_env)?, settings))
        }
        SourceKind::PosthogWebhook(settings) => {
            let secret = Secret::from_env(&key("secret_env"), &settings.secret_env)?;
            let adapter = Posthog::new(&secret);
            Box::new(adapter.map_err(|problem| weak(key("secret_env"), problem))?)
        }
        _ => return Ok(None),
    };
    Ok(Some(adapter))
}

fn weak(key: String, problem: &'static str) -> ConfigError {
    ConfigError::WeakSecret { key, problem }
}
