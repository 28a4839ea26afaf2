//! What each source delivered, and what was turned away.

use sqlx::Row;
use sqlx::any::AnyRow;

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

/// Something that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRejection {
    /// SHA-256 of source and raw text, hexadecimal.
    pub rejection_id: String,
    /// The source.
    pub source: String,
    /// Where it was: a file and line, or a delivery's id.
    pub place: String,
    /// Why.
    pub reason: String,
    /// What was delivered, without personal data.
    pub raw: String,
    /// When, UTC microseconds.
    pub rejected_at_us: i64,
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

    /// What was turned away and not replayed since, of one source or of all, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejections(
        &self,
        source: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredRejection>, StoreError> {
        let rows = sqlx::query(
            "SELECT rejection_id, source, place, reason, raw, rejected_at_us FROM rejections \
             WHERE replayed_at_us IS NULL AND ($1 = '' OR source = $1) \
             ORDER BY rejected_at_us DESC, rejection_id LIMIT $2",
        )
        .bind(source.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(rejection).collect()
    }

    /// How often each reason turned something away that was not replayed since: source, reason,
    /// count; the most frequent first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejection_reasons(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT source, reason, COUNT(*) FROM rejections WHERE replayed_at_us IS NULL \
             GROUP BY source, reason ORDER BY source, 3 DESC, reason",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, from_sql(row.try_get(2)?))))
            .collect()
    }
}

fn rejection(row: &AnyRow) -> Result<StoredRejection, StoreError> {
    Ok(StoredRejection {
        rejection_id: row.try_get(0)?,
        source: row.try_get(1)?,
        place: row.try_get(2)?,
        reason: row.try_get(3)?,
        raw: row.try_get(4)?,
        rejected_at_us: row.try_get(5)?,
    })
}
