//! Asks PostHog: one question over HTTP, with limits, patience and bounds.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::json;
use sonic_rs::LazyValue;

use super::failure::{Trouble, not_an_answer};
use super::limits::{Limits, SharedLimits};
use super::query::Query;
use crate::config::{PosthogQuerySettings, Secret};

/// The largest answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 256 << 20;
/// The largest error that is read, bytes.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// How long PostHog is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often a request is tried.
    pub tries: usize,
    /// The wait before the second try; each further one is twice as long, and all vary at random.
    pub first_wait: Duration,
    /// The longest wait between two tries; when PostHog asks for more, the pull ends.
    pub longest_wait: Duration,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// How often a query that PostHog runs in the background is asked for.
    pub polls: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 6,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(120),
            polls: 100,
        }
    }
}

/// Asks one project.
#[derive(Debug)]
pub(super) struct Client {
    source: String,
    http: reqwest::Client,
    url: Url,
    key: Secret,
    settings: PosthogQuerySettings,
    limits: Limits,
    patience: Patience,
}

/// The part of an answer that says whether it is one yet.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    query_status: Option<QueryStatus<'a>>,
}

/// A query that PostHog runs in the background.
#[derive(Deserialize)]
struct QueryStatus<'a> {
    id: String,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    error: bool,
    error_message: Option<String>,
    #[serde(borrow)]
    results: Option<LazyValue<'a>>,
}

impl Client {
    /// A client for the project of some settings.
    ///
    /// # Errors
    /// Says which setting is wrong.
    pub(super) fn new(
        source: &str,
        settings: &PosthogQuerySettings,
        key: Secret,
        patience: Patience,
        limits: &SharedLimits,
    ) -> Result<Self, String> {
        let url = query_url(settings)?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("stk-oracle/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(patience.answer_timeout.min(Duration::from_secs(10)))
            .timeout(patience.answer_timeout)
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        Ok(Self {
            source: source.to_owned(),
            http,
            limits: limits.of(&url, settings, &key),
            url,
            key,
            settings: settings.clone(),
            patience,
        })
    }

    /// The answer to a question, JSON.
    ///
    /// # Errors
    /// [`Trouble`], after as many tries as patience allows.
    pub(super) async fn ask(&self, query: &Query) -> Result<Vec<u8>, Trouble> {
        let Patience { tries, first_wait, longest_wait, .. } = self.patience;
        let waits = ExponentialBuilder::new()
            .with_min_delay(first_wait)
            .with_max_delay(longest_wait)
            .with_max_times(tries.saturating_sub(1))
            .with_jitter();
        (|| self.try_once(query))
            .retry(waits)
            .when(|trouble| matches!(trouble, Trouble::Busy { .. }))
            .adjust(|trouble, next| match trouble {
                // PostHog knows best; but not for longer than we would wait.
                Trouble::Busy { wait: Some(wait), .. } if *wait > longest_wait => None,
                Trouble::Busy { wait: Some(wait), .. } => next.map(|next| next.max(*wait)),
                _ => next,
            })
            .notify(|trouble, wait| {
                tracing::warn!(source = %self.source, ?wait, "{trouble}; trying again");
            })
            .await
    }

    async fn try_once(&self, query: &Query) -> Result<Vec<u8>, Trouble> {
        let body = json!({
            "query": { "kind": "HogQLQuery", "query": query.text, "values": query.values },
            // Anything less may be answered from a cache.
            "refresh": "force_blocking",
        });
        let mut answer = self.send(self.http.post(self.url.clone()).json(&body)).await?;
        for poll in 0..=self.patience.polls {
            let Some(id) = in_background(&mut answer)? else {
                return Ok(answer);
            };
            tokio::time::sleep(self.patience.first_wait * (poll + 1).min(5)).await;
            let mut url = self.url.clone();
            url.path_segments_mut().expect("an http address has a path").pop_if_empty().push(&id);
            url.path_segments_mut().expect("an http address has a path").push("");
            answer = self.send(self.http.get(url)).await?;
        }
        Err(Trouble::TooMuch("PostHog runs the query in the background without end".to_owned()))
    }

    /// The body of the answer, whether it is complete or runs in the background.
    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Trouble> {
        let _running = self.limits.enter().await;
        let sent = request.bearer_auth(self.key.reveal()).send().await;
        let status = sent.as_ref().ok().map(Response::status);
        let status = status.as_ref().map_or("none", StatusCode::as_str).to_owned();
        let labels = [("source", self.source.clone()), ("status", status)];
        metrics::counter!("stk_oracle_source_requests_total", &labels).increment(1);
        let response = sent.map_err(Trouble::of_network)?;
        let status = response.status();
        if matches!(status, StatusCode::OK | StatusCode::ACCEPTED) {
            return read(response, MAX_ANSWER_BYTES).await?.ok_or_else(|| {
                Trouble::TooMuch(format!(
                    "PostHog's answer is larger than {MAX_ANSWER_BYTES} bytes"
                ))
            });
        }
        let wait = retry_after(&response);
        let body = read(response, MAX_ERROR_BYTES).await.ok().flatten().unwrap_or_default();
        Err(Trouble::of_status(status, wait, &body, &self.settings))
    }
}

/// The id of the query, when the answer is that it still runs in the background; takes the answer out
/// of its envelope when it is done.
fn in_background(answer: &mut Vec<u8>) -> Result<Option<String>, Trouble> {
    let envelope: Envelope<'_> =
        sonic_rs::from_slice(answer).map_err(|error| not_an_answer(&error))?;
    match envelope.query_status {
        None => Ok(None),
        Some(status) if status.error => {
            let message = status.error_message.as_deref().unwrap_or("it does not say why");
            Err(Trouble::of_background(message))
        }
        Some(QueryStatus { results: Some(results), complete: true, .. }) => {
            let inner = results.as_raw_str().as_bytes().to_vec();
            *answer = inner;
            Ok(None)
        }
        // An answer that is complete may have a status beside it.
        Some(status) if status.complete => Ok(None),
        Some(status) => Ok(Some(status.id)),
    }
}

/// A body, or `None` when it is longer than it may be.
async fn read(mut response: Response, max_bytes: usize) -> Result<Option<Vec<u8>>, Trouble> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(Trouble::of_network)? {
        if body.len() + part.len() > max_bytes {
            return Ok(None);
        }
        body.extend_from_slice(&part);
    }
    Ok(Some(body))
}

/// How long an answer asks us to wait.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Where queries go.
fn query_url(settings: &PosthogQuerySettings) -> Result<Url, String> {
    let PosthogQuerySettings { host, project_id, .. } = settings;
    if project_id.is_empty() || !project_id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!(
            "project_id is `{project_id}`, which is no number: it is in the project's settings"
        ));
    }
    let url = format!("{}/api/projects/{project_id}/query/", host.trim_end_matches('/'));
    let url: Url = url.parse().map_err(|error| format!("host is `{host}`: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() {
        return Err(format!("host is `{host}`; it should be like https://eu.posthog.com"));
    }
    let is_near = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "http" && !is_near {
        tracing::warn!(
            "{host} is not encrypted: whoever is between can read the key and the events"
        );
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(host: &str, project_id: &str) -> Result<Url, String> {
        let text = format!(
            "host = {host:?}\nproject_id = {project_id:?}\nkey_env = \"KEY\"\n\
             start_at = \"2018-01-01T00:00:00Z\""
        );
        query_url(&toml::from_str(&text).unwrap())
    }

    #[test]
    fn addresses_that_would_ask_something_else_are_refused() {
        for project_id in ["", "a", "1/../2", "1?x", "@current"] {
            let error = url("https://eu.posthog.com", project_id).unwrap_err();
            assert!(error.contains(&format!("project_id is `{project_id}`")), "{error}");
        }
        for host in ["eu.posthog.com", "ftp://eu.posthog.com", "https://me:secret@eu.posthog.com"] {
            assert!(url(host, "1").is_err(), "{host}");
        }
        let right = url("https://eu.posthog.com/", "17").unwrap();
        assert_eq!(right.as_str(), "https://eu.posthog.com/api/projects/17/query/");
        let below = url("https://tools.example.org/posthog", "17").unwrap();
        assert_eq!(below.path(), "/posthog/api/projects/17/query/");
    }
}
