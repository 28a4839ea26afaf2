//! How far PostHog was read, and how much is asked for next.
//!
//! A *round* reads everything from `overlap` before the newest row seen until nothing is left:
//!
//! ```text
//! first = min(newest created_at ever read, the last round's start) − overlap
//! page: (created_at, uuid) after the last key, and created_at < last key + window
//! ```
//!
//! Rows go by `created_at`, the time at which PostHog took them in, because an event may come long
//! after it happened. A row may become visible a little after others with a later `created_at`: the
//! overlap finds it in the next round, and the log drops what it knows already. The key is unique, so
//! no tie is lost at the border of two pages, however many rows share one `created_at`.
//!
//! When a round is done, every row that PostHog had taken in `overlap` before the round's start has
//! been read: that time is what the source is synced until. An event that is sent later than that is
//! still read when it comes.

use serde::{Deserialize, Serialize};

use crate::config::PosthogQuerySettings;

/// The version of the text that a position is kept as.
const VERSION: u32 = 1;
const SECOND_US: i64 = 1_000_000;
const DAY_US: i64 = 86_400 * SECOND_US;
/// The smallest window that is asked for.
const MIN_WINDOW_US: i64 = SECOND_US;
/// The first window; it grows as long as pages do not fill.
const FIRST_WINDOW_US: i64 = 30 * DAY_US;
/// A window that holds all of PostHog's time.
const MAX_WINDOW_US: i64 = 400 * 365 * DAY_US;
/// The smallest page that is asked for.
const MIN_ROWS: u32 = 100;
/// PostHog's largest page.
const MAX_ROWS: u32 = 50_000;

/// What orders PostHog's rows: no two have the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Key {
    /// When PostHog took the row in, UTC microseconds.
    pub(super) created_us: i64,
    /// The row's uuid as text, lower case.
    pub(super) uuid: String,
}

/// How far a project was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    version: u32,
    /// What is asked for, the same in every page; with another one reading starts anew.
    scope: String,
    /// When the round in work began by our clock, UTC microseconds; `None` between rounds.
    round_us: Option<i64>,
    /// The last row read in the round, or where it began.
    after: Key,
    /// The latest `created_at` that was read, no later than the round's start, UTC microseconds.
    newest_us: Option<i64>,
    /// How much of PostHog's time a page covers at most, microseconds.
    window_us: i64,
    /// Rows of the next page at most.
    rows: u32,
}

/// Why the text of a position cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PositionError {
    /// A later version wrote it, or nobody.
    #[error("the cursor kept for this source is not one that this version writes: `{0}`")]
    Unknown(String),
}

impl Position {
    /// Where reading begins when nothing was read yet.
    pub(super) fn start(settings: &PosthogQuerySettings) -> Self {
        Self {
            version: VERSION,
            scope: scope(settings),
            round_us: None,
            after: Key::default(),
            newest_us: None,
            window_us: FIRST_WINDOW_US,
            rows: page_rows(settings),
        }
    }

    /// The position that a text says; from the start when the settings ask for other events now.
    pub(super) fn parse(
        text: &str,
        settings: &PosthogQuerySettings,
    ) -> Result<Self, PositionError> {
        let position: Self = serde_json::from_str(text)
            .ok()
            .filter(|position: &Self| position.version == VERSION)
            .ok_or_else(|| PositionError::Unknown(text.chars().take(200).collect()))?;
        if position.scope != scope(settings) {
            return Ok(Self::start(settings));
        }
        let rows = position.rows.clamp(1, page_rows(settings));
        Ok(Self { rows, ..position })
    }

    /// Whether nothing was read yet for these settings.
    pub(super) fn is_start(&self, settings: &PosthogQuerySettings) -> bool {
        *self == Self::start(settings)
    }

    /// The position as text.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a position is plain data")
    }

    /// Begins a round at a time, unless one is in work.
    pub(super) fn begin_round(&mut self, settings: &PosthogQuerySettings, now_us: i64) {
        if self.round_us.is_some() {
            return;
        }
        let overlap_us = i64::from(settings.overlap_seconds) * SECOND_US;
        let first_us = match self.newest_us {
            Some(newest_us) => newest_us - overlap_us,
            // An event may be dated a little ahead of the time at which it was taken in.
            None => settings.start_at.as_microsecond() - DAY_US,
        };
        self.round_us = Some(now_us);
        self.after = Key { created_us: first_us.max(0), uuid: String::new() };
    }

    /// The key after which the next page begins.
    pub(super) fn after(&self) -> &Key {
        &self.after
    }

    /// Where the next page ends, a `created_at`; `None` when it goes to the end.
    pub(super) fn created_before_us(&self) -> Option<i64> {
        let before_us = self.after.created_us.saturating_add(self.window_us);
        self.round_us.filter(|round_us| before_us < *round_us).map(|_| before_us)
    }

    /// Rows of the next page at most.
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// Asks for less from now on; `false` when it is the least already.
    pub(super) fn narrow(&mut self) -> bool {
        let rest_us = self.round_us.unwrap_or_default().saturating_sub(self.after.created_us);
        let window_us = (self.window_us.min(rest_us) / 4).max(MIN_WINDOW_US);
        let rows = (self.rows / 2).max(MIN_ROWS).min(self.rows);
        let narrower = window_us < self.window_us || rows < self.rows;
        (self.window_us, self.rows) = (window_us, rows);
        narrower
    }

    /// Goes past a page whose last row has a key, `None` when it had no rows; `full` when there may
    /// be more in its window.
    ///
    /// Returns when the round began if that was its last page, UTC microseconds.
    pub(super) fn advance(
        &mut self,
        settings: &PosthogQuerySettings,
        last: Option<Key>,
        read: usize,
        full: bool,
    ) -> Option<i64> {
        let before_us = self.created_before_us();
        // Where nothing is, one goes faster.
        let growth = match read {
            0 => 4,
            _ if read < self.rows as usize / 4 => 2,
            _ => 1,
        };
        if let Some(last) = last {
            let newest_us = last.created_us.min(self.round_us.unwrap_or(i64::MAX));
            self.newest_us = self.newest_us.max(Some(newest_us));
            self.after = last;
        }
        self.rows = self.rows.saturating_mul(2).min(page_rows(settings));
        if full {
            self.window_us = (self.window_us / 2).max(MIN_WINDOW_US);
            return None;
        }
        self.window_us = self.window_us.saturating_mul(growth).min(MAX_WINDOW_US);
        match before_us {
            Some(before_us) => {
                self.after = Key { created_us: before_us, uuid: String::new() };
                None
            }
            None => self.round_us.take(),
        }
    }
}

fn scope(settings: &PosthogQuerySettings) -> String {
    let mut events = settings.events.clone();
    events.sort();
    let start_us = settings.start_at.as_microsecond();
    format!("project {} from {start_us} events {events:?}", settings.project_id)
}

fn page_rows(settings: &PosthogQuerySettings) -> u32 {
    settings.page_rows.clamp(1, MAX_ROWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_700_000_000_000_000;

    fn settings() -> PosthogQuerySettings {
        toml::from_str(
            "host = \"http://localhost\"\nproject_id = \"1\"\nkey_env = \"KEY\"\n\
             start_at = \"2018-01-01T00:00:00Z\"",
        )
        .unwrap()
    }

    fn key(created_us: i64) -> Key {
        Key { created_us, uuid: "u".into() }
    }

    /// A position after a round that read one row.
    fn after_a_round(created_us: i64) -> Position {
        let mut position = Position::start(&settings());
        position.window_us = MAX_WINDOW_US;
        position.begin_round(&settings(), NOW_US);
        assert_eq!(position.created_before_us(), None);
        let ended = position.advance(&settings(), Some(key(created_us)), 1, false);
        assert_eq!(ended, Some(NOW_US));
        position
    }

    #[test]
    fn a_round_begins_an_overlap_before_the_newest_row() {
        let mut position = after_a_round(NOW_US - 5 * DAY_US);
        position.begin_round(&settings(), NOW_US + 1);
        assert_eq!(position.after().created_us, NOW_US - 5 * DAY_US - 3_600 * SECOND_US);
        assert_eq!(position.after().uuid, "");
    }

    #[test]
    fn a_row_from_the_future_does_not_carry_the_next_round_away() {
        // A row that PostHog took in while the round went on, or under a clock that is ahead
        let mut position = after_a_round(NOW_US + DAY_US);
        position.begin_round(&settings(), NOW_US + 1);
        assert_eq!(position.after().created_us, NOW_US - 3_600 * SECOND_US);
    }

    #[test]
    fn windows_follow_each_other_without_a_gap_until_the_end() {
        let mut position = Position::start(&settings());
        position.begin_round(&settings(), NOW_US);
        let mut pages = 0;
        loop {
            let before = position.created_before_us();
            let ended = position.advance(&settings(), None, 0, false);
            pages += 1;
            match before {
                Some(before_us) => assert_eq!(position.after().created_us, before_us),
                None => break assert_eq!(ended, Some(NOW_US)),
            }
        }
        assert!(pages < 8, "{pages} pages for six empty years");
    }

    #[test]
    fn what_is_too_much_gets_narrower_and_wider_again_and_is_given_up_at_the_end() {
        let mut position = Position::start(&settings());
        position.begin_round(&settings(), NOW_US);
        let mut times = 0;
        while position.narrow() {
            times += 1;
        }
        assert!(times < 20, "{times}");
        assert_eq!((position.window_us, position.rows()), (MIN_WINDOW_US, MIN_ROWS));
        assert!(position.created_before_us().is_some());
        for _ in 0..20 {
            position.advance(&settings(), None, 0, false);
        }
        assert_eq!(position.rows(), MAX_ROWS);
        assert!(position.window_us > DAY_US);
    }

    #[test]
    fn a_full_page_goes_on_after_its_last_row_and_a_smaller_page_stays_allowed() {
        let mut position = Position::start(&settings());
        position.begin_round(&settings(), NOW_US);
        assert_eq!(position.advance(&settings(), Some(key(5)), 50_000, true), None);
        assert_eq!(position.after(), &key(5));
        // Settings below the smallest page are kept to
        let small = PosthogQuerySettings { page_rows: 7, ..settings() };
        let mut position = Position::parse(&position.to_text(), &small).unwrap();
        assert_eq!(position.rows(), 7);
        position.narrow();
        assert_eq!(position.rows(), 7);
    }

    #[test]
    fn a_position_survives_its_text_and_only_its_own_version_and_settings() {
        let position = after_a_round(NOW_US);
        assert_eq!(Position::parse(&position.to_text(), &settings()), Ok(position.clone()));
        let later = position.to_text().replace("\"version\":1", "\"version\":2");
        assert!(Position::parse(&later, &settings()).is_err());
        assert!(Position::parse("", &settings()).is_err());
        // Other events are asked for now: from the start
        let other = PosthogQuerySettings { events: vec!["a".into()], ..settings() };
        let anew = Position::parse(&position.to_text(), &other).unwrap();
        assert_eq!(anew, Position::start(&other));
        assert!(anew.is_start(&other) && !position.is_start(&settings()));
    }
}
