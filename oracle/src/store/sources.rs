//! What each source delivered.

use sqlx::Row;

use super::{Store, StoreError, from_sql};

/// Sums over all that a source ever delivered.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SourceCounts {
    /// The source.
    pub source: String,
    /// What it delivered.
    pub read: u64,
    /// New events.
    pub appended: u64,
    /// Events that had been delivered before.
    pub repeated: u64,
    /// What was turned away.
    pub rejected: u64,
    /// When it delivered last, UTC microseconds.
    pub delivered_at_us: i64,
}

impl Store {
    /// The counts of every source that ever delivered, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_source_counts(&self) -> Result<Vec<SourceCounts>, StoreError> {
        let rows = sqlx::query(
            "SELECT source, read_count, appended_count, repeated_count, rejected_count, \
             delivered_at_us FROM source_counts ORDER BY source",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SourceCounts {
                    source: row.try_get(0)?,
                    read: from_sql(row.try_get(1)?),
                    appended: from_sql(row.try_get(2)?),
                    repeated: from_sql(row.try_get(3)?),
                    rejected: from_sql(row.try_get(4)?),
                    delivered_at_us: row.try_get(5)?,
                })
            })
            .collect()
    }
}
