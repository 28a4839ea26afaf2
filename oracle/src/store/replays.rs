//! What becomes of rejections that are replayed, in the transaction that adds their events.

use sqlx::{AnyConnection, Row};

use super::inbox::put_author;
use super::{Arrival, ArrivalOutcome, StoreError, from_sql, to_sql};

/// What an arrival makes of rejections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// The source that delivered them: the arrival's, or a second way of its events.
    pub delivered_by: String,
    /// Ids of those whose events are in the log with it.
    pub replayed: Vec<String>,
    /// Ids of the others, each with why it is refused now.
    pub refused: Vec<(String, String)>,
    /// Artifacts that its events name, each with its author.
    pub authors: Vec<(String, String)>,
}

/// Marks what is replayed, and moves its counts from the rejected to the appended and the repeated: as
/// if each delivery of it had been taken when it came.
pub(super) async fn put_replay(
    transaction: &mut AnyConnection,
    arrival: &Arrival<'_>,
    replay: &Replay,
    now_us: i64,
) -> Result<ArrivalOutcome, StoreError> {
    // First, as it waits for whoever writes for the same source.
    if !is_unmoved(transaction, arrival, now_us).await? {
        return Ok(ArrivalOutcome::LogMoved);
    }
    let mut times = 0;
    for id in &replay.replayed {
        let marked = sqlx::query(
            "UPDATE rejections SET replayed_at_us = $1 \
             WHERE rejection_id = $2 AND replayed_at_us IS NULL RETURNING times",
        )
        .bind(now_us)
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(marked) = marked else {
            return Ok(ArrivalOutcome::ReplayMoved);
        };
        times += from_sql(marked.try_get(0)?);
    }
    for (id, reason) in &replay.refused {
        sqlx::query(
            "UPDATE rejections SET reason = $1 WHERE rejection_id = $2 AND replayed_at_us IS NULL",
        )
        .bind(reason)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    }
    for (artifact, author) in &replay.authors {
        put_author(transaction, arrival.source, artifact, author, now_us).await?;
    }
    move_counts(transaction, arrival, &replay.delivered_by, times).await?;
    Ok(ArrivalOutcome::Written)
}

/// Counts so many deliveries as the arrival's instead of as rejected.
async fn move_counts(
    transaction: &mut AnyConnection,
    arrival: &Arrival<'_>,
    delivered_by: &str,
    times: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE source_counts SET read_count = read_count - $1, \
         rejected_count = rejected_count - $1 WHERE source = $2",
    )
    .bind(to_sql(times)?)
    .bind(delivered_by)
    .execute(&mut *transaction)
    .await?;
    let appended = arrival.receipt.appended;
    sqlx::query(
        "UPDATE source_counts SET read_count = read_count + $1, \
         appended_count = appended_count + $2, repeated_count = repeated_count + $3 \
         WHERE source = $4",
    )
    .bind(to_sql(times)?)
    .bind(to_sql(appended)?)
    .bind(to_sql(times.saturating_sub(appended))?)
    .bind(arrival.source)
    .execute(transaction)
    .await?;
    Ok(())
}

/// Whether the source delivered nothing since the log was searched; until the transaction ends, it
/// cannot.
async fn is_unmoved(
    transaction: &mut AnyConnection,
    arrival: &Arrival<'_>,
    now_us: i64,
) -> Result<bool, StoreError> {
    // A source may have had nothing but what its second way was refused.
    sqlx::query(
        "INSERT INTO source_counts (source, read_count, appended_count, repeated_count, \
         rejected_count, delivered_at_us) VALUES ($1, 0, 0, 0, 0, $2) \
         ON CONFLICT (source) DO NOTHING",
    )
    .bind(arrival.source)
    .bind(now_us)
    .execute(&mut *transaction)
    .await?;
    let held = sqlx::query(
        "UPDATE source_counts SET read_count = read_count \
         WHERE source = $1 AND read_count = $2 AND rejected_count = $3",
    )
    .bind(arrival.source)
    .bind(to_sql(arrival.seen.read)?)
    .bind(to_sql(arrival.seen.rejected)?)
    .execute(transaction)
    .await?;
    Ok(held.rows_affected() == 1)
}
