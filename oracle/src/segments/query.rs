//! SQL over the log: DataFusion reads the segments, integers and built-in functions only, so that
//! the same query gives every oracle the same bits.

use std::sync::Arc;

use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::batch::schema;
use super::file::rows_path;
use super::{EventLog, LogError};

impl EventLog {
    /// A session with the table `events`: every segment with an event in a range of times, UTC
    /// microseconds.
    ///
    /// # Errors
    /// [`LogError`] when the manifest or a segment cannot be read.
    pub async fn session(&self, from_us: i64, to_us: i64) -> Result<SessionContext, LogError> {
        let settings = SessionConfig::new()
            .set_bool("datafusion.execution.parquet.schema_force_view_types", false);
        let session = SessionContext::new_with_config(settings);
        let mut urls = Vec::new();
        for segment in self.segments_of(from_us, to_us).await? {
            let path = rows_path(&self.folder, &segment.content_hash);
            let path = std::path::absolute(path).map_err(|error| self.io(error))?;
            urls.push(ListingTableUrl::parse(path.to_string_lossy())?);
        }
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
