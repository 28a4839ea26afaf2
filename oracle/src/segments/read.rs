//! Reads the log: the events of a range of times, and which of them wait in quarantine.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use parquet::errors::ParquetError;

use super::batch::{integers, text};
use super::file::read_rows;
use super::{EventLog, LogError};
use crate::ingest::Event;
use crate::store::Segment;

const DAY_US: i64 = 86_400_000_000;

/// Which events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first moment, UTC microseconds.
    pub from_us: i64,
    /// The first moment that is too late.
    pub to_us: i64,
    /// Of what one actor did on one UTC day, how many events count; the others wait in quarantine.
    pub daily_limit: Option<u32>,
}

/// The events of a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Those that count, by time, source and id.
    pub counted: Vec<Event>,
    /// Those past the daily limit, in the same order.
    pub quarantined: Vec<Event>,
}

impl Range {
    /// Everything in the log.
    pub const ALL: Self = Self { from_us: i64::MIN, to_us: i64::MAX, daily_limit: None };
}

impl EventLog {
    /// The events of a range that count, by time, source and id.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events(&self, range: Range) -> Result<Vec<Event>, LogError> {
        Ok(self.get_events_apart(range).await?.counted)
    }

    /// The events of a range, those that count apart from those in quarantine.
    ///
    /// The first events of an actor's day count, by their own time and id: whichever came first, and
    /// whatever the segments are, every oracle decides alike.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events_apart(&self, range: Range) -> Result<Events, LogError> {
        // The limit counts from the start of a day, which the range may not.
        let mut events = self.read(start_of_day(range.from_us), range.to_us).await?;
        events.sort_by(|a, b| {
            (a.at_us, &a.source, &a.external_id).cmp(&(b.at_us, &b.source, &b.external_id))
        });
        let mut apart = Events::default();
        let mut days: BTreeMap<(i64, String, String), u32> = BTreeMap::new();
        for event in events {
            let mut counts = true;
            if let Some(limit) = range.daily_limit {
                let day = start_of_day(event.at_us);
                let place =
                    days.entry((day, event.source.clone(), event.actor.clone())).or_default();
                *place += 1;
                counts = *place <= limit;
            }
            if event.at_us < range.from_us {
                continue;
            }
            if counts {
                apart.counted.push(event);
            } else {
                apart.quarantined.push(event);
            }
        }
        Ok(apart)
    }

    /// The segments of a source, or of all, with an event in a range of times, UTC microseconds; their
    /// files are intact.
    pub(super) async fn segments_of(
        &self,
        source: Option<&str>,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Segment>, LogError> {
        let mut segments = self.store.get_segments(source).await?;
        segments.retain(|segment| segment.first_at_us < to_us && segment.last_at_us >= from_us);
        self.check(segments.clone()).await?;
        Ok(segments)
    }

    async fn read(&self, from_us: i64, to_us: i64) -> Result<Vec<Event>, LogError> {
        let segments = self.segments_of(None, from_us, to_us).await?;
        let folder = self.folder.clone();
        self.blocking(move || {
            let mut events = Vec::new();
            for segment in segments {
                for rows in read_rows(&folder, &segment.content_hash)? {
                    let rows = rows?;
                    let times = integers(&rows, 2).values();
                    for (row, at_us) in times.iter().enumerate() {
                        if (from_us..to_us).contains(at_us) {
                            events.push(event(&rows, row)?);
                        }
                    }
                }
            }
            Ok(events)
        })
        .await
    }
}

/// Midnight before a time, UTC microseconds.
fn start_of_day(at_us: i64) -> i64 {
    at_us.checked_sub(at_us.rem_euclid(DAY_US)).unwrap_or(i64::MIN)
}

fn event(columns: &RecordBatch, row: usize) -> Result<Event, LogError> {
    let source = text(columns, 0).value(row);
    let external_id = text(columns, 1).value(row);
    let properties = serde_json::from_str(text(columns, 6).value(row)).map_err(|error| {
        let problem = format!("event {external_id} of {source}: its properties: {error}");
        ParquetError::General(problem)
    })?;
    Ok(Event {
        source: source.to_owned(),
        external_id: external_id.to_owned(),
        at_us: integers(columns, 2).value(row),
        name: text(columns, 4).value(row).to_owned(),
        actor: text(columns, 5).value(row).to_owned(),
        properties,
    })
}
