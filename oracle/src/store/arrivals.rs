//! What arrives from the sources: one transaction for a segment, its source's cursor, its
//! rejections and its counts.

use sqlx::{AnyConnection, Row};

use super::rejections::put_rejection;
use super::replays::put_replay;
use super::segments::insert;
use super::{Replay, Segment, Store, StoreError, from_sql, to_sql};
use crate::segments::{Advance, Receipt, Rejection};

/// A batch that is on the disk and asks to count.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// The source.
    pub source: &'a str,
    /// Its new events, if there are any.
    pub segment: Option<Segment>,
    /// How far it brings the source.
    pub advance: Option<&'a Advance>,
    /// Ids of the events that it takes out of the inbox.
    pub drained: &'a [String],
    /// Its counts.
    pub receipt: Receipt,
    /// What the source had delivered when the log was searched for repeats.
    pub seen: Seen,
    /// What it makes of rejections, when its events were rejected before. Then its counts say what
    /// becomes of these events, and nothing was delivered.
    pub replay: Option<&'a Replay>,
}

/// How much a source had delivered at a moment: every delivery raises the first number, and every
/// replay lowers the second one alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// All that it delivered.
    pub read: u64,
    /// What of it is turned away.
    pub rejected: u64,
}

/// What became of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrivalOutcome {
    /// It counts.
    Written,
    /// The cursor is not where the batch began; nothing was written.
    CursorMoved,
    /// The source delivered more meanwhile, which the batch may repeat; nothing was written.
    LogMoved,
    /// What it replays was replayed by somebody else meanwhile; nothing was written.
    ReplayMoved,
}

/// How far a stream of a source was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Which of the source's streams; empty where there is only one.
    pub stream: String,
    /// The position, in the source's own words.
    pub position: String,
    /// All that the source will say about times before this one was read, UTC microseconds.
    pub synced_until_us: i64,
    /// When it moved last, UTC microseconds.
    pub moved_at_us: i64,
}

impl Cursor {
    /// All that a source will say about times before this one is in the log, by all of its cursors. Those
    /// of single files say less: each knows of its own file.
    pub fn synced_until_us(cursors: &[Self]) -> Option<i64> {
        let whole = cursors.iter().find(|cursor| cursor.stream.is_empty());
        whole.map(|cursor| cursor.synced_until_us)
    }
}

impl Store {
    /// Writes what arrived, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is written.
    pub async fn put_arrival(
        &self,
        arrival: &Arrival<'_>,
        rejections: &[Rejection],
        now_us: i64,
    ) -> Result<ArrivalOutcome, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // First, as it waits for whoever writes for the same source. A cursor that moves over nothing
        // is no delivery.
        let (receipt, seen) = (&arrival.receipt, Some(arrival.seen));
        if let Some(replay) = arrival.replay {
            let outcome = put_replay(&mut transaction, arrival, replay, now_us).await?;
            if outcome != ArrivalOutcome::Written {
                return Ok(outcome);
            }
        } else if receipt.read > 0
            && !add_counts(&mut transaction, arrival.source, receipt, now_us, seen).await?
        {
            return Ok(ArrivalOutcome::LogMoved);
        }
        if let Some(advance) = arrival.advance
            && !move_cursor(&mut transaction, arrival.source, advance, now_us).await?
        {
            return Ok(ArrivalOutcome::CursorMoved);
        }
        if let Some(segment) = &arrival.segment {
            insert(&mut transaction, segment).await?;
        }
        for rejection in rejections {
            put_rejection(&mut transaction, arrival.source, rejection, now_us).await?;
        }
        for external_id in arrival.drained {
            sqlx::query("DELETE FROM inbox WHERE source = $1 AND external_id = $2")
                .bind(arrival.source)
                .bind(external_id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(ArrivalOutcome::Written)
    }

    /// What a source has delivered so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_seen(&self, source: &str) -> Result<Seen, StoreError> {
        let row =
            sqlx::query("SELECT read_count, rejected_count FROM source_counts WHERE source = $1")
                .bind(source)
                .fetch_optional(&self.pool)
                .await?;
        row.map_or(Ok(Seen::default()), |row| {
            Ok(Seen { read: from_sql(row.try_get(0)?), rejected: from_sql(row.try_get(1)?) })
        })
    }

    /// How far a stream of a source was read; `None` before its first batch.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_cursor(
        &self,
        source: &str,
        stream: &str,
    ) -> Result<Option<Cursor>, StoreError> {
        let cursors = self.get_cursors(source).await?;
        Ok(cursors.into_iter().find(|cursor| cursor.stream == stream))
    }

    /// How far each stream of a source was read, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_cursors(&self, source: &str) -> Result<Vec<Cursor>, StoreError> {
        let rows = sqlx::query(
            "SELECT stream, position, synced_until_us, moved_at_us FROM cursors \
             WHERE source = $1 ORDER BY stream",
        )
        .bind(source)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Cursor {
                    stream: row.try_get(0)?,
                    position: row.try_get(1)?,
                    synced_until_us: row.try_get(2)?,
                    moved_at_us: row.try_get(3)?,
                })
            })
            .collect()
    }
}

async fn move_cursor(
    transaction: &mut AnyConnection,
    source: &str,
    advance: &Advance,
    now_us: i64,
) -> Result<bool, StoreError> {
    let moved = match &advance.from {
        None => {
            sqlx::query(
                "INSERT INTO cursors (source, stream, position, synced_until_us, moved_at_us) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (source, stream) DO NOTHING",
            )
            .bind(source)
            .bind(&advance.stream)
            .bind(&advance.to)
            .bind(advance.synced_until_us)
            .bind(now_us)
            .execute(transaction)
            .await?
        }
        Some(from) => {
            sqlx::query(
                "UPDATE cursors SET position = $1, synced_until_us = $2, moved_at_us = $3 \
                 WHERE source = $4 AND stream = $5 AND position = $6",
            )
            .bind(&advance.to)
            .bind(advance.synced_until_us)
            .bind(now_us)
            .bind(source)
            .bind(&advance.stream)
            .bind(from)
            .execute(transaction)
            .await?
        }
    };
    Ok(moved.rows_affected() == 1)
}

/// Adds the counts, unless the source delivered more than was seen when the log was searched.
pub(super) async fn add_counts(
    transaction: &mut AnyConnection,
    source: &str,
    receipt: &Receipt,
    now_us: i64,
    seen: Option<Seen>,
) -> Result<bool, StoreError> {
    let counted = sqlx::query(
        "INSERT INTO source_counts (source, read_count, appended_count, repeated_count, \
         rejected_count, delivered_at_us) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (source) DO UPDATE SET \
         read_count = source_counts.read_count + excluded.read_count, \
         appended_count = source_counts.appended_count + excluded.appended_count, \
         repeated_count = source_counts.repeated_count + excluded.repeated_count, \
         rejected_count = source_counts.rejected_count + excluded.rejected_count, \
         delivered_at_us = excluded.delivered_at_us \
         WHERE $7 < 0 OR (source_counts.read_count = $7 AND source_counts.rejected_count = $8)",
    )
    .bind(source)
    .bind(to_sql(receipt.read)?)
    .bind(to_sql(receipt.appended)?)
    .bind(to_sql(receipt.repeated)?)
    .bind(to_sql(receipt.rejected)?)
    .bind(now_us)
    .bind(seen.map_or(Ok(-1), |seen| to_sql(seen.read))?)
    .bind(to_sql(seen.unwrap_or_default().rejected)?)
    .execute(transaction)
    .await?;
    Ok(counted.rows_affected() == 1)
}
