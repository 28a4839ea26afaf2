//! How many events a source counts itself, and how many the log has.

use sqlx::Row;

use super::{Store, StoreError, from_sql, to_sql};

/// Two counts of one source's events in a range of times.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reconciliation {
    /// The source.
    pub source: String,
    /// The range's first moment, UTC microseconds.
    pub from_us: i64,
    /// The first moment after it.
    pub to_us: i64,
    /// Distinct events by the source's own count.
    pub source_count: u64,
    /// Events in the log.
    pub log_count: u64,
    /// When both were counted, UTC microseconds.
    pub checked_at_us: i64,
}

impl Store {
    /// Keeps two counts, in the place of older ones of the same range.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn put_reconciliation(&self, counts: &Reconciliation) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO reconciliations (source, from_us, to_us, source_count, log_count, \
             checked_at_us) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (source, from_us, to_us) DO UPDATE SET \
             source_count = excluded.source_count, log_count = excluded.log_count, \
             checked_at_us = excluded.checked_at_us",
        )
        .bind(&counts.source)
        .bind(counts.from_us)
        .bind(counts.to_us)
        .bind(to_sql(counts.source_count)?)
        .bind(to_sql(counts.log_count)?)
        .bind(counts.checked_at_us)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The counts of a range, by source.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_reconciliations(
        &self,
        from_us: i64,
        to_us: i64,
    ) -> Result<Vec<Reconciliation>, StoreError> {
        let rows = sqlx::query(
            "SELECT source, from_us, to_us, source_count, log_count, checked_at_us \
             FROM reconciliations WHERE from_us = $1 AND to_us = $2 ORDER BY source",
        )
        .bind(from_us)
        .bind(to_us)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Reconciliation {
                    source: row.try_get(0)?,
                    from_us: row.try_get(1)?,
                    to_us: row.try_get(2)?,
                    source_count: from_sql(row.try_get(3)?),
                    log_count: from_sql(row.try_get(4)?),
                    checked_at_us: row.try_get(5)?,
                })
            })
            .collect()
    }
}
