//! Hypothesis: annotations and replies of a group, asked for by the time of their last change.
//!
//! `GET /api/search?group=…&sort=updated&order=asc&search_after=<time>&limit=200`. An annotation that
//! is changed comes again and is the same event. The cursor is the `updated` of what was read last:
//! - A page that is full may end between annotations of one moment: the last moment is read again.
//! - What was changed within the last minute may not be found yet: the cursor stays a minute behind.

use std::collections::BTreeMap;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use reqwest::{Client, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pull::{PullError, PullSource, Pulled};
use super::webhook::PushedEvent;
use super::{Door, Integrity, PersonalData, parse_time_us};
use crate::config::{HypothesisSettings, Secret};
use crate::segments::{Advance, Batch, ChunkBuilder, EventLog, LogError, RawForm};
use crate::store::PushedDelivery;

/// Annotations of a page: Hypothesis gives no more.
const PAGE_ROWS: usize = 200;
/// The largest answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 16 << 20;
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest wait before it is asked again.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How long a change may take to be found, microseconds.
const INDEXING_US: i64 = 60_000_000;
/// Before everything.
const START: &str = "1970-01-01T00:00:00+00:00";

/// A group's annotations.
#[derive(Debug)]
pub struct Hypothesis {
    source: String,
    settings: HypothesisSettings,
    token: Secret,
    integrity: Integrity,
    personal_data: PersonalData,
    client: Client,
    retries: ExponentialBuilder,
}

#[derive(Deserialize)]
struct Answer {
    rows: Vec<Value>,
}

#[derive(Deserialize)]
struct Annotation {
    id: String,
    created: String,
    user: String,
    #[serde(default)]
    uri: String,
    #[serde(default)]
    references: Vec<String>,
}

impl Hypothesis {
    /// A group's annotations, as a source of this name.
    ///
    /// # Errors
    /// [`PullError::Fix`] when there can be no HTTPS.
    pub fn new(
        source: &str,
        settings: HypothesisSettings,
        token: Secret,
        integrity: Integrity,
        personal_data: PersonalData,
    ) -> Result<Self, PullError> {
        let client = Client::builder().timeout(TIMEOUT).build();
        let client = client.map_err(|error| PullError::Fix(error.to_string()))?;
        let retries = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_times(4)
            .with_jitter();
        Ok(Self {
            source: source.to_owned(),
            settings,
            token,
            integrity,
            personal_data,
            client,
            retries,
        })
    }

    /// The annotations changed after a time, the oldest first.
    async fn page(&self, after: &str) -> Result<Vec<Value>, PullError> {
        let ask = || self.ask(after);
        ask.retry(self.retries)
            // Whoever called decides about longer waits.
            .when(|error| match error {
                PullError::Later { wait, .. } => wait.unwrap_or_default() <= MAX_WAIT,
                _ => false,
            })
            .adjust(|error, delay| match error {
                PullError::Later { wait: Some(wait), .. } => Some((*wait).max(delay?)),
                _ => delay,
            })
            .await
    }

    async fn ask(&self, after: &str) -> Result<Vec<Value>, PullError> {
        let limit = PAGE_ROWS.to_string();
        let query = [
            ("group", self.settings.group.as_str()),
            ("sort", "updated"),
            ("order", "asc"),
            ("limit", &limit),
            ("search_after", after),
        ];
        let url = format!("{}/api/search", self.settings.host.trim_end_matches('/'));
        let asked = self.client.get(url).query(&query).bearer_auth(self.token.reveal()).send();
        let mut answer = asked.await.map_err(|error| later(&error))?;
        check(answer.status(), answer.headers())?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| later(&error))? {
            body.extend_from_slice(&part);
            if body.len() > MAX_ANSWER_BYTES {
                let problem = format!("Hypothesis answers with more than {MAX_ANSWER_BYTES} bytes");
                return Err(PullError::Fix(problem));
            }
        }
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
            PullError::Fix(format!("Hypothesis answers with something else than rows: {error}"))
        })?;
        Ok(answer.rows)
    }

    /// Whose annotations the page's replies are for: those of the page, and of earlier pages.
    async fn targets(
        &self,
        log: &EventLog,
        rows: &[Result<Annotation, String>],
    ) -> Result<BTreeMap<String, String>, PullError> {
        let rows = || rows.iter().flatten();
        let authors: Vec<_> = rows().map(|row| (row.id.clone(), row.actor())).collect();
        if !authors.is_empty() {
            let delivery = PushedDelivery { authors: &authors, ..PushedDelivery::default() };
            let now_us = log.clock().now_us();
            log.store()
                .put_delivery(&self.source, delivery, now_us)
                .await
                .map_err(LogError::from)?;
        }
        let mut targets = BTreeMap::new();
        for target in rows().filter_map(|row| row.references.last()) {
            let author = log.store().get_author(&self.source, target).await;
            if let Some(author) = author.map_err(LogError::from)? {
                targets.insert(target.clone(), author);
            }
        }
        Ok(targets)
    }
}

impl PullSource for Hypothesis {
    async fn pull(&self, log: &EventLog) -> Result<Pulled, PullError> {
        let cursor = log.store().get_cursor(&self.source, "").await.map_err(LogError::from)?;
        let from = cursor.as_ref().map(|cursor| cursor.position.clone());
        let now_us = log.clock().now_us();
        let values = self.page(from.as_deref().unwrap_or(START)).await?;
        let rows: Vec<_> = values.iter().map(Annotation::read).collect();
        let targets = self.targets(log, &rows).await?;
        let door = Door { integrity: self.integrity, personal_data: &self.personal_data, now_us };
        let mut batch = Batch::new(&self.source);
        let mut chunk = ChunkBuilder::new(&self.source, now_us);
        for (value, row) in values.iter().zip(&rows) {
            let event = row.as_ref().map_err(Clone::clone).and_then(|row| row.event(&targets));
            let rejected = match event {
                Ok(event) => admit(&event, &door, &mut chunk)
                    .err()
                    .map(|reason| (reason, RawForm::Event, event.to_kept())),
                Err(problem) => {
                    let kept = json!({"id": value["id"], "created": value["created"]});
                    Some((problem, RawForm::Shape, kept))
                }
            };
            if let Some((reason, form, kept)) = rejected {
                let place = value["id"].as_str().unwrap_or("an annotation").to_owned();
                let kept = kept.to_string();
                batch.reject(door.rejection(place, reason, form, kept.as_bytes()));
            }
        }
        batch.push(chunk.finish());
        let caught_up = values.len() < PAGE_ROWS;
        let before = cursor.map(|cursor| cursor.synced_until_us).unwrap_or_default();
        let advance = Advance {
            stream: String::new(),
            to: position(&values, from.as_deref(), caught_up, now_us),
            from,
            // Until the end is reached, an old annotation that was changed lately is still to come.
            synced_until_us: if caught_up { now_us - INDEXING_US } else { before },
        };
        let receipt = log.append(batch, Some(&advance)).await?;
        Ok(Pulled { receipt, caught_up })
    }

    async fn count(&self, _: i64, _: i64) -> Result<Option<u64>, PullError> {
        // Its search counts by words and groups, not by times.
        Ok(None)
    }
}

impl Annotation {
    fn read(value: &Value) -> Result<Self, String> {
        Self::deserialize(value).map_err(|error| format!("not an annotation: {error}"))
    }

    /// `acct:anna@hypothes.is` is `anna`; people of other authorities keep theirs, without an @.
    fn actor(&self) -> String {
        let account = self.user.strip_prefix("acct:").unwrap_or(&self.user);
        account.strip_suffix("@hypothes.is").unwrap_or(account).replace('@', ":")
    }

    fn event(&self, targets: &BTreeMap<String, String>) -> Result<PushedEvent, String> {
        let replied = self.references.last();
        let name = if replied.is_some() { "annotation_replied" } else { "annotation_created" };
        Ok(PushedEvent {
            external_id: self.id.clone(),
            at_us: parse_time_us(&self.created)?,
            name: name.to_owned(),
            actor: self.actor(),
            artifact: Some(self.id.clone()),
            // A first annotation is about the page that it is on.
            target: Some(replied.unwrap_or(&self.uri).clone()),
            target_author: replied.and_then(|target| targets.get(target)).cloned(),
            ..PushedEvent::default()
        })
    }
}

fn admit(event: &PushedEvent, door: &Door<'_>, chunk: &mut ChunkBuilder) -> Result<(), String> {
    let properties = event.properties();
    door.admit(event.row(&properties), chunk)
}

/// Where the next page begins.
fn position(values: &[Value], from: Option<&str>, caught_up: bool, now_us: i64) -> String {
    let start = from.unwrap_or(START);
    let updated = |value: &Value| {
        let text = value["updated"].as_str()?;
        Some((parse_time_us(text).ok()?, text.to_owned()))
    };
    let moments: Vec<_> = values.iter().filter_map(updated).collect();
    let Some(last) = moments.last() else {
        return start.to_owned();
    };
    if caught_up {
        let indexed_us = now_us - INDEXING_US;
        let settled = moments.iter().rev().find(|moment| moment.0 <= indexed_us);
        return settled.map_or_else(|| start.to_owned(), |moment| moment.1.clone());
    }
    // The last moment may go on: it is read again, unless the page has no other.
    let whole = moments.iter().rev().find(|moment| moment.0 < last.0);
    whole.unwrap_or(last).1.clone()
}

fn later(error: &reqwest::Error) -> PullError {
    // Without the address, which says which group is read.
    let mut problem = "Hypothesis does not answer".to_owned();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(error) = cause {
        problem = format!("{problem}: {error}");
        cause = error.source();
    }
    PullError::Later { problem, wait: None }
}

fn check(status: StatusCode, headers: &header::HeaderMap) -> Result<(), PullError> {
    let wait = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::TOO_MANY_REQUESTS => Err(PullError::Later {
            problem: "Hypothesis asks us to slow down (429)".to_owned(),
            wait: wait.map(Duration::from_secs),
        }),
        status if status.is_server_error() => Err(PullError::Later {
            problem: format!("Hypothesis fails ({status})"),
            wait: wait.map(Duration::from_secs),
        }),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(PullError::Fix(format!(
            "Hypothesis refuses the token ({status}): make one at /account/developer"
        ))),
        StatusCode::NOT_FOUND => Err(PullError::Fix(
            "Hypothesis is not at this host, or the group is not there (404)".to_owned(),
        )),
        status => Err(PullError::Fix(format!("Hypothesis refuses the search ({status})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(updated: &[&str]) -> Vec<Value> {
        updated.iter().map(|updated| json!({"updated": updated})).collect()
    }

    #[test]
    fn the_cursor_never_passes_what_may_still_come() {
        let (first, second, third) =
            ("2026-02-01T05:00:00+00:00", "2026-02-01T05:00:01+00:00", "2026-02-01T05:00:02+00:00");
        let third_us = parse_time_us(third).unwrap();
        let at = |updated: &[&str], caught_up, now_us| {
            position(&page(updated), Some(first), caught_up, now_us)
        };
        // A full page is read again from its last moment on, unless there is only one
        assert_eq!(at(&[second, third, third], false, i64::MAX), second);
        assert_eq!(at(&[third, third], false, i64::MAX), third);
        // At the end, what is less than a minute old is read again
        assert_eq!(at(&[second, third], true, third_us + INDEXING_US), third);
        assert_eq!(at(&[second, third], true, third_us + INDEXING_US - 1), second);
        assert_eq!(at(&[third], true, third_us), first);
        assert_eq!(at(&[], true, third_us), first);
    }

    #[test]
    fn people_are_known_by_their_names() {
        let actor = |user: &str| {
            let row = json!({"id": "a", "created": "", "user": user});
            Annotation::read(&row).unwrap().actor()
        };
        assert_eq!(actor("acct:anna@hypothes.is"), "anna");
        assert_eq!(actor("acct:anna@partner.org"), "anna:partner.org");
    }
}
