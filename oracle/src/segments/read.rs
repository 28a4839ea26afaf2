//! Reads the log by SQL: DataFusion over the segments, integers and built-in functions only.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt;

use super::batch::{integers, schema, text};
use super::file::rows_path;
use super::{EventLog, LogError};
use crate::ingest::Event;

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

impl Range {
    /// Everything in the log.
    pub const ALL: Self = Self { from_us: i64::MIN, to_us: i64::MAX, daily_limit: None };
}

impl EventLog {
    /// The events of a range by time, source and id.
    ///
    /// # Errors
    /// [`LogError`] when a segment cannot be read.
    pub async fn get_events(&self, range: Range) -> Result<Vec<Event>, LogError> {
        let session = self.session(range).await?;
        let limit = range.daily_limit.map_or(i64::MAX, i64::from);
        let sql = format!(
            "SELECT source, external_id, at_us, received_at_us, name, actor, properties FROM \
             (SELECT *, ROW_NUMBER() OVER (PARTITION BY source, actor, at_us / {DAY_US} \
              ORDER BY at_us, external_id) AS place FROM events) \
             WHERE place <= {limit} AND at_us >= {} AND at_us < {} \
             ORDER BY at_us, source, external_id",
            range.from_us, range.to_us,
        );
        let mut rows = session.sql(&sql).await?.execute_stream().await?;
        let mut events = Vec::new();
        while let Some(columns) = rows.try_next().await? {
            for row in 0..columns.num_rows() {
                events.push(event(&columns, row)?);
            }
        }
        Ok(events)
    }

    /// A session with the table `events`: every segment with a day of the range in it.
    ///
    /// # Errors
    /// [`LogError`] when the manifest or a segment cannot be read.
    pub async fn session(&self, range: Range) -> Result<SessionContext, LogError> {
        let settings = SessionConfig::new()
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let session = SessionContext::new_with_config(settings);
        let from_us = range.from_us.saturating_sub(DAY_US);
        let to_us = range.to_us.saturating_add(DAY_US);
        let mut segments = self.store.get_segments(None).await?;
        segments.retain(|segment| segment.first_at_us < to_us && segment.last_at_us >= from_us);
        let mut urls = Vec::new();
        for segment in &segments {
            let path = rows_path(&self.folder, &segment.content_hash);
            let path = std::path::absolute(path).map_err(|error| self.io(error))?;
            urls.push(ListingTableUrl::parse(path.to_string_lossy())?);
        }
        self.check(segments).await?;
        if urls.is_empty() {
            let nothing = MemTable::try_new(schema(), vec![vec![]])?;
            session.register_table("events", Arc::new(nothing))?;
            return Ok(session);
        }
        let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
        let table = ListingTableConfig::new_with_multi_paths(urls)
            .with_listing_options(options)
            .with_schema(schema());
        session.register_table("events", Arc::new(ListingTable::try_new(table)?))?;
        Ok(session)
    }
}

fn event(columns: &RecordBatch, row: usize) -> Result<Event, LogError> {
    let source = text(columns, 0).value(row);
    let external_id = text(columns, 1).value(row);
    let properties: BTreeMap<_, _> =
        serde_json::from_str(text(columns, 6).value(row)).map_err(|error| LogError::Event {
            source_name: source.to_owned(),
            external_id: external_id.to_owned(),
            problem: error.to_string(),
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
