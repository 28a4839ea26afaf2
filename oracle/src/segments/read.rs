//! Reads the log: the events of a range of times, and which of them wait in quarantine.

use arrow::array::RecordBatch;
use parquet::errors::ParquetError;

use super::batch::{integers, text};
use super::file::read_rows;
use super::quarantine::{DailyLimits, Events, split, start_of_day};
use super::{EventLog, LogError};
use crate::identity::Members;
use crate::ingest::Event;
use crate::store::Segment;

/// Which events are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first moment, UTC microseconds.
    pub from_us: i64,
    /// The first moment that is too late.
    pub to_us: i64,
}

impl Range {
    /// Everything in the log.
    pub const ALL: Self = Self { from_us: i64::MIN, to_us: i64::MAX };
}

impl EventLog {
    /// The events of a range, by time, source and id; those in quarantine among them.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events(&self, range: Range) -> Result<Vec<Event>, LogError> {
        self.read(None, range).await
    }

    /// The events of a range that one source delivered, by time and id.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events_of(&self, source: &str, range: Range) -> Result<Vec<Event>, LogError> {
        self.read(Some(source), range).await
    }

    /// The events of a range, those that count apart from those in quarantine.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events_apart(
        &self,
        range: Range,
        limits: &DailyLimits,
        members: &Members,
    ) -> Result<Events, LogError> {
        // A limit counts from the start of a day, which the range may not.
        let whole_days = Range { from_us: start_of_day(range.from_us), ..range };
        let events = self.get_events(whole_days).await?;
        let mut apart = split(events, limits, |event| members.find(&event.source, &event.actor));
        apart.counted.retain(|event| event.at_us >= range.from_us);
        apart.quarantined.retain(|quarantined| quarantined.event.at_us >= range.from_us);
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

    async fn read(&self, source: Option<&str>, range: Range) -> Result<Vec<Event>, LogError> {
        let Range { from_us, to_us } = range;
        let segments = self.segments_of(source, from_us, to_us).await?;
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
            events.sort_by(Event::cmp_by_time);
            Ok(events)
        })
        .await
    }
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
