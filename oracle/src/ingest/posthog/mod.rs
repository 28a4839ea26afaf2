//! PostHog's Query API, pulled: pages of HogQL from a cursor that loses no tie and no late event.
//!
//! ```text
//! position → HogQL → HTTP (limits, patience) → page → door → log, with the next position
//! ```

mod client;
mod failure;
mod limits;
mod page;
mod position;
mod query;

use std::sync::Arc;

pub use client::Patience;
pub use limits::SharedLimits;

use self::client::Client;
use self::failure::Trouble;
use self::page::{Asked, Page};
use self::position::Position;
use super::pull::{PullError, PullSource, Pulled};
use super::{Door, Integrity, PersonalData};
use crate::config::{PosthogQuerySettings, Secret};
use crate::segments::{Advance, EventLog, LogError};

/// A project of PostHog's that is read by its Query API.
#[derive(Debug)]
pub struct PosthogQuery {
    source: String,
    settings: PosthogQuerySettings,
    integrity: Integrity,
    personal_data: Arc<PersonalData>,
    patience: Patience,
    client: Client,
}

impl PosthogQuery {
    /// The project of a source's settings, with the key that they name, and with the limits that it
    /// shares with the others.
    ///
    /// # Errors
    /// [`PullError::Fix`] says which setting is wrong.
    pub fn new(
        source: &str,
        settings: PosthogQuerySettings,
        key: Secret,
        integrity: Integrity,
        personal_data: PersonalData,
        patience: Patience,
        limits: &SharedLimits,
    ) -> Result<Self, PullError> {
        let client =
            Client::new(source, &settings, key, patience, limits).map_err(PullError::Fix)?;
        let (source, personal_data) = (source.to_owned(), Arc::new(personal_data));
        Ok(Self { source, settings, integrity, personal_data, patience, client })
    }

    /// Asks for the next page, for less of it as long as it is too much.
    async fn page(&self, position: &mut Position, now_us: i64) -> Result<Page, PullError> {
        loop {
            match self.ask(position, now_us).await {
                Err(Trouble::TooMuch(problem)) => {
                    if !position.narrow() {
                        let problem =
                            format!("{problem}; the smallest question is too much for it");
                        return Err(PullError::Later { problem, wait: None });
                    }
                    tracing::info!(source = %self.source, rows = position.rows(), "{problem}; asking for less");
                    tokio::time::sleep(self.patience.first_wait).await;
                }
                answered => return Ok(answered?),
            }
        }
    }

    async fn ask(&self, position: &Position, now_us: i64) -> Result<Page, Trouble> {
        let after = position.after().clone();
        let (before_us, rows) = (position.created_before_us(), position.rows());
        let query = query::page(&self.settings, &after, before_us, rows);
        let answer = self.client.ask(&query).await?;
        let asked = Asked { source: self.source.clone(), after, rows };
        let (integrity, personal_data) = (self.integrity, Arc::clone(&self.personal_data));
        // A page is many megabytes: others go on meanwhile.
        let reading = tokio::task::spawn_blocking(move || {
            let door = Door { integrity, personal_data: &personal_data, now_us };
            Page::read(&answer, &asked, &door)
        });
        reading.await.map_err(|error| Trouble::later(format!("reading a page: {error}")))?
    }

    /// Until when all is read, once a round that began at a time is over, UTC microseconds.
    fn synced_until_us(&self, before_us: Option<i64>, ended_round_us: Option<i64>) -> i64 {
        let start_us = self.settings.start_at.as_microsecond();
        let overlap_us = i64::from(self.settings.overlap_seconds) * 1_000_000;
        let round_us = ended_round_us.map(|round_us| round_us - overlap_us);
        before_us.into_iter().chain(round_us).fold(start_us, i64::max)
    }
}

impl PullSource for PosthogQuery {
    async fn pull(&self, log: &EventLog) -> Result<Pulled, PullError> {
        let cursor = log.store().get_cursor(&self.source, "").await.map_err(LogError::from)?;
        let position = cursor.as_ref().map_or_else(
            || Ok(Position::start(&self.settings)),
            |cursor| Position::parse(&cursor.position, &self.settings),
        );
        let mut position = position.map_err(|error| PullError::Fix(error.to_string()))?;
        // What was said of other settings does not hold for these.
        let before_us = cursor.as_ref().filter(|_| !position.is_start(&self.settings));
        let before_us = before_us.map(|cursor| cursor.synced_until_us);
        let now_us = log.clock().now_us();
        position.begin_round(&self.settings, now_us);
        let page = self.page(&mut position, now_us).await?;
        let ended = position.advance(&self.settings, page.last, page.read, page.full);
        let advance = Advance {
            stream: String::new(),
            from: cursor.map(|cursor| cursor.position),
            to: position.to_text(),
            synced_until_us: self.synced_until_us(before_us, ended),
        };
        let receipt = log.append(page.batch, Some(&advance)).await?;
        Ok(Pulled { receipt, caught_up: ended.is_some() })
    }

    async fn count(&self, from_us: i64, to_us: i64) -> Result<Option<u64>, PullError> {
        let answer = self.client.ask(&query::count(&self.settings, from_us, to_us)).await?;
        Ok(Some(page::read_count(&answer)?))
    }
}
