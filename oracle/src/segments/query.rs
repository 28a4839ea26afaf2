//! SQL over the log, by DataFusion: it reads, and never writes.

use std::sync::Arc;

use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext, col, lit};
use url::Url;

use super::batch::schema;
use super::file::rows_path;
use super::{EventLog, LogError};
use crate::store::Segment;

/// Memory of one query; what needs more goes to temporary files.
const MEMORY_BYTES: usize = 1 << 30;

/// The table that queries see: the segments' rows, with their time as a time.
const EVENTS: &str = "SELECT source, external_id, \
    arrow_cast(at_us, 'Timestamp(Microsecond, Some(\"UTC\"))') AS at, at_us, received_at_us, \
    name, actor, properties FROM segment_rows";

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The query is wrong, or asks for more than there is room for.
    #[error("the query failed: {0}. The table is events: docs/ingest.md lists its columns")]
    Query(#[from] Box<DataFusionError>),
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        Self::Query(Box::new(error))
    }
}

impl EventLog {
    /// Runs a query over the table `events`: every event that counts, each once. Properties are JSON
    /// text; `properties->>'title'` and the functions `json_get_…` read it.
    ///
    /// # Errors
    /// [`QueryError`] when a segment is damaged, or the query is no query: whatever would change
    /// something is refused. What fails later fails in the stream.
    pub async fn query(&self, sql: &str) -> Result<SendableRecordBatchStream, QueryError> {
        let segments = self.segments_of(None, i64::MIN, i64::MAX).await?;
        let context = self.session(&segments)?;
        context.register_table("events", context.sql(EVENTS).await?.into_view())?;
        let reads_only = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let answer = context.sql_with_options(sql, reads_only).await?;
        Ok(answer.execute_stream().await?)
    }

    /// How many events of a source and of some names, of all when there are none, happened in a range of
    /// times, UTC microseconds.
    ///
    /// # Errors
    /// [`QueryError`] when a segment is damaged or cannot be read.
    pub async fn count_events(
        &self,
        source: &str,
        names: &[String],
        from_us: i64,
        to_us: i64,
    ) -> Result<u64, QueryError> {
        let segments = self.segments_of(Some(source), from_us, to_us).await?;
        let events = self.session(&segments)?.table("segment_rows").await?;
        let in_range = col("at_us").gt_eq(lit(from_us)).and(col("at_us").lt(lit(to_us)));
        let events = events.filter(in_range)?;
        let named = names.iter().map(|name| lit(name.as_str())).collect();
        let events = match names {
            [] => events,
            _ => events.filter(col("name").in_list(named, false))?,
        };
        Ok(events.count().await? as u64)
    }

    /// A session that sees segments, and nothing else of the disk.
    fn session(&self, segments: &[Segment]) -> Result<SessionContext, QueryError> {
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_BYTES, 1.0).build_arc()?;
        let mut context = SessionContext::new_with_config_rt(SessionConfig::new(), runtime);
        datafusion_functions_json::register_all(&mut context)?;
        let folder = self.folder.canonicalize().map_err(|error| self.io(error))?;
        let files = segments.iter().map(|segment| {
            let file = Url::from_file_path(rows_path(&folder, &segment.content_hash));
            ListingTableUrl::try_new(file.expect("the folder's path is absolute"), None)
        });
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
        let config = ListingTableConfig::new_with_multi_paths(files)
            .with_listing_options(options)
            .with_schema(schema());
        context.register_table("segment_rows", Arc::new(ListingTable::try_new(config)?))?;
        Ok(context)
    }
}
