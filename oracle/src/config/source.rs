//! The community's tools: one table a source, `kind` says which adapter reads it.

use std::num::NonZeroU32;

use serde::Deserialize;

use crate::ingest::Integrity;

/// One of the community's tools.
#[derive(Clone, Debug, Deserialize)]
pub struct SourceSettings {
    /// Its name, part of every event's identity: it can never change.
    pub name: String,
    /// What this source's events must keep to, where that differs from the other sources.
    pub integrity: Option<Integrity>,
    /// Whether an epoch waits for this source.
    #[serde(default = "yes")]
    pub required: bool,
    /// How it is read.
    #[serde(flatten)]
    pub kind: SourceKind,
}

/// How a source is read.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceKind {
    /// PostHog's Query API, pulled.
    PosthogQuery(PosthogQuerySettings),
    /// PostHog's batch exports or file downloads, read from a folder or a bucket.
    Files(FilesSettings),
    /// PostHog's CDP destination, pushed.
    PosthogWebhook(PosthogWebhookSettings),
    /// PostHog's SDKs, pushed.
    Capture(CaptureSettings),
    /// Discourse's webhooks, pushed.
    Discourse(DiscourseSettings),
    /// GitHub's webhooks, pushed.
    Github(GithubSettings),
    /// A Telegram bot's webhook, pushed.
    Telegram(TelegramSettings),
    /// NocoDB's webhooks, pushed.
    Nocodb(NocodbSettings),
    /// Hypothesis' search API, pulled.
    Hypothesis(HypothesisSettings),
}

impl SourceSettings {
    /// The source whose events these are: itself, or the one that they come from by another way.
    pub fn filed_under(&self) -> &str {
        self.kind.events_of().unwrap_or(&self.name)
    }

    /// Whether an epoch waits for this source: not for a second way of another one's events.
    pub fn is_waited_for(&self) -> bool {
        self.required && self.kind.events_of().is_none()
    }

    /// How its rows in files are laid out.
    pub fn columns(&self) -> ColumnNames {
        match &self.kind {
            SourceKind::Files(files) => files.columns.clone(),
            _ => ColumnNames::default(),
        }
    }
}

impl SourceKind {
    /// The source whose events come by this one too.
    pub fn events_of(&self) -> Option<&str> {
        match self {
            Self::PosthogWebhook(settings) => settings.events_of.as_deref(),
            Self::Capture(settings) => settings.events_of.as_deref(),
            _ => None,
        }
    }

    /// Whether events of other sources may be filed under it: their ids are PostHog's.
    pub fn takes_events(&self) -> bool {
        matches!(self, Self::PosthogQuery(_) | Self::Files(_))
    }

    /// The adapter's name, as `kind` has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PosthogQuery(_) => "posthog_query",
            Self::Files(_) => "files",
            Self::PosthogWebhook(_) => "posthog_webhook",
            Self::Capture(_) => "capture",
            Self::Discourse(_) => "discourse",
            Self::Github(_) => "github",
            Self::Telegram(_) => "telegram",
            Self::Nocodb(_) => "nocodb",
            Self::Hypothesis(_) => "hypothesis",
        }
    }

    /// How its events come.
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::PosthogQuery(_) | Self::Files(_) | Self::Hypothesis(_) => Delivery::Pulled,
            _ => Delivery::Pushed,
        }
    }

    /// Whether the source can say how many events it has.
    pub fn counts(&self) -> bool {
        matches!(self, Self::PosthogQuery(_))
    }

    /// Which of the source's events it counts: what came by another way may not be asked for.
    pub fn counted(&self) -> Counted<'_> {
        match self {
            Self::PosthogQuery(settings) => {
                Counted { from_us: settings.start_at.as_microsecond(), names: &settings.events }
            }
            _ => Counted { from_us: i64::MIN, names: &[] },
        }
    }
}

/// Which of a source's events it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<'a> {
    /// From which time on, UTC microseconds.
    pub from_us: i64,
    /// Of which names; all when empty.
    pub names: &'a [String],
}

/// How a source's events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// We ask for them.
    Pulled,
    /// The source sends them.
    Pushed,
}

/// PostHog's Query API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PosthogQuerySettings {
    /// Where PostHog is, `https://eu.posthog.com` or your own.
    pub host: String,
    /// The project's number.
    pub project_id: String,
    /// The environment variable with a personal API key (Query Read) or a project secret key.
    pub key_env: String,
    /// Events from this time on, RFC 3339.
    pub start_at: jiff::Timestamp,
    /// Rows of a page; PostHog gives 50,000 at most.
    #[serde(default = "default_page_rows")]
    pub page_rows: u32,
    /// How far back each pull looks again for events that came late, seconds.
    #[serde(default = "default_overlap_seconds")]
    pub overlap_seconds: u32,
    /// Only events of these names; all when empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// Requests in any minute; PostHog allows 240.
    #[serde(default = "default_requests_per_minute")]
    pub requests_per_minute: NonZeroU32,
    /// Requests in any hour; PostHog allows 2,400, and 120 to projects of before its API plans.
    #[serde(default = "default_requests_per_hour")]
    pub requests_per_hour: NonZeroU32,
}

/// PostHog's export files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesSettings {
    /// A folder, or a bucket with a prefix: `s3://bucket/prefix`.
    pub location: String,
    /// The bucket's endpoint, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The bucket's region.
    pub region: Option<String>,
    /// How rows are laid out, where they are not PostHog's.
    #[serde(default)]
    pub columns: ColumnNames,
}

/// Which columns or fields of a row hold what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnNames {
    /// The event's id.
    pub id: String,
    /// What happened.
    pub event: String,
    /// Who did it.
    pub actor: String,
    /// When it happened.
    pub time: String,
    /// An object with the rest; empty where there is none: then the rest is every other field.
    pub properties: String,
    /// Whether a row without an id gets one from what it says; else it is turned away.
    pub derive_missing_ids: bool,
}

/// PostHog's CDP destination.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PosthogWebhookSettings {
    /// The environment variable with the Standard Webhooks secret, `whsec_…`.
    pub secret_env: String,
    /// The source that pulls the same project: an event is one event, whichever way it comes.
    pub events_of: Option<String>,
}

/// PostHog's SDKs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptureSettings {
    /// The environment variable with the project token that SDKs send. It is public: whoever has it
    /// can forge events.
    pub token_env: String,
    /// The source that pulls the project which gets the same events.
    pub events_of: Option<String>,
}

/// Discourse's webhooks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscourseSettings {
    /// The environment variable with the webhook's secret.
    pub secret_env: String,
}

/// GitHub's webhooks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubSettings {
    /// The environment variable with the webhook's secret.
    pub secret_env: String,
}

/// A Telegram bot's webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramSettings {
    /// The environment variable with the webhook's secret token.
    pub secret_env: String,
    /// Chats that count, by id; all when empty.
    #[serde(default)]
    pub chats: Vec<i64>,
}

/// NocoDB's webhooks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NocodbSettings {
    /// The header that carries the secret.
    #[serde(default = "default_nocodb_header")]
    pub header: String,
    /// The environment variable with the secret.
    pub secret_env: String,
    /// The column with the member who did it.
    pub actor_column: String,
    /// Columns that are kept as properties; the others are not, since they may hold anything.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// Hypothesis' search API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HypothesisSettings {
    /// Where Hypothesis is.
    #[serde(default = "default_hypothesis_host")]
    pub host: String,
    /// The environment variable with the API token.
    pub token_env: String,
    /// The group whose annotations count.
    pub group: String,
}

impl ColumnNames {
    /// The column with the properties; `None` where they are every other column.
    pub fn properties(&self) -> Option<&str> {
        Some(self.properties.as_str()).filter(|name| !name.is_empty())
    }
}

impl Default for ColumnNames {
    fn default() -> Self {
        Self {
            id: "uuid".to_owned(),
            event: "event".to_owned(),
            actor: "distinct_id".to_owned(),
            time: "timestamp".to_owned(),
            properties: "properties".to_owned(),
            derive_missing_ids: false,
        }
    }
}

fn yes() -> bool {
    true
}

fn default_page_rows() -> u32 {
    50_000
}

fn default_overlap_seconds() -> u32 {
    3_600
}

fn default_requests_per_minute() -> NonZeroU32 {
    NonZeroU32::new(240).expect("not zero")
}

fn default_requests_per_hour() -> NonZeroU32 {
    NonZeroU32::new(2_400).expect("not zero")
}

fn default_nocodb_header() -> String {
    "x-webhook-secret".to_owned()
}

fn default_hypothesis_host() -> String {
    "https://api.hypothes.is".to_owned()
}
