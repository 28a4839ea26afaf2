//! The manifest of the event log.

use std::collections::HashSet;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, from_sql, to_sql};

/// A segment of the event log: a Parquet file of one source's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// SHA-256 of the file, hexadecimal; its name.
    pub content_hash: String,
    /// The source of all its events.
    pub source: String,
    /// Events in it.
    pub row_count: u64,
    /// Size of the file.
    pub bytes: u64,
    /// When its earliest event happened, UTC microseconds.
    pub first_at_us: i64,
    /// When its latest event happened, UTC microseconds.
    pub last_at_us: i64,
    /// When it became part of the log, UTC microseconds.
    pub committed_at_us: i64,
}

impl Store {
    /// The segments that count, of one source or of all, by the time they were committed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_segments(&self, source: Option<&str>) -> Result<Vec<Segment>, StoreError> {
        let rows = sqlx::query(
            "SELECT content_hash, source, row_count, bytes, first_at_us, last_at_us, \
             committed_at_us FROM segments \
             WHERE retired_at_us IS NULL AND ($1 = '' OR source = $1) \
             ORDER BY committed_at_us, content_hash",
        )
        .bind(source.unwrap_or_default())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(segment).collect()
    }

    /// The content hashes of segments whose files are needed: those that count, and those that were
    /// retired at a time or later, UTC microseconds, which somebody may still be reading.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_needed_segments(
        &self,
        retired_from_us: i64,
    ) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT content_hash FROM segments \
             WHERE retired_at_us IS NULL OR retired_at_us >= $1",
        )
        .bind(retired_from_us)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Puts one segment in the place of several, which are retired; `false`, and nothing has changed,
    /// when one of them is retired already.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing has changed.
    pub async fn replace_segments(
        &self,
        retired: &[Segment],
        merged: &Segment,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        for segment in retired {
            let retired = sqlx::query(
                "UPDATE segments SET retired_at_us = $1 \
                 WHERE content_hash = $2 AND retired_at_us IS NULL",
            )
            .bind(now_us)
            .bind(&segment.content_hash)
            .execute(&mut *transaction)
            .await?;
            if retired.rows_affected() != 1 {
                return Ok(false);
            }
        }
        insert(&mut transaction, merged).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

pub(super) async fn insert(
    transaction: &mut sqlx::AnyConnection,
    segment: &Segment,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO segments (content_hash, source, row_count, bytes, first_at_us, last_at_us, \
         committed_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&segment.content_hash)
    .bind(&segment.source)
    .bind(to_sql(segment.row_count)?)
    .bind(to_sql(segment.bytes)?)
    .bind(segment.first_at_us)
    .bind(segment.last_at_us)
    .bind(segment.committed_at_us)
    .execute(transaction)
    .await?;
    Ok(())
}

fn segment(row: &AnyRow) -> Result<Segment, StoreError> {
    Ok(Segment {
        content_hash: row.try_get(0)?,
        source: row.try_get(1)?,
        row_count: from_sql(row.try_get(2)?),
        bytes: from_sql(row.try_get(3)?),
        first_at_us: row.try_get(4)?,
        last_at_us: row.try_get(5)?,
        committed_at_us: row.try_get(6)?,
    })
}
