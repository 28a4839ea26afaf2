//! Events that were pushed to us and wait for their segment.

use sqlx::{AnyConnection, Row};

use super::arrivals::add_counts;
use super::rejections::put_rejection;
use super::{Store, StoreError, from_sql};
use crate::segments::{Receipt, Rejection};

/// An event of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEvent {
    /// The source's id of the event.
    pub external_id: String,
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// What happened.
    pub name: String,
    /// The source's id of who did it.
    pub actor: String,
    /// The text of a JSON object.
    pub properties: String,
    /// When it came, UTC microseconds.
    pub received_at_us: i64,
}

/// What a delivery brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct PushedDelivery<'a> {
    /// The source whose events these are, where it is not the one that delivers them.
    pub events_of: Option<&'a str>,
    /// Its events.
    pub events: &'a [InboxEvent],
    /// What in it was turned away, as far as it is kept.
    pub rejections: &'a [Rejection],
    /// How much in it was turned away.
    pub rejected: u64,
    /// Artifacts that it names, each with its author.
    pub authors: &'a [(String, String)],
}

impl Store {
    /// Keeps what a delivery brought until its events get their segment; an event that already waits
    /// is not kept twice. Tells how many were new to the inbox.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is kept.
    pub async fn put_delivery(
        &self,
        source: &str,
        delivery: PushedDelivery<'_>,
        now_us: i64,
    ) -> Result<u64, StoreError> {
        let PushedDelivery { events_of, events, rejections, rejected, authors } = delivery;
        let filed_under = events_of.unwrap_or(source);
        let mut transaction = self.pool.begin().await?;
        // First, as it waits for whoever writes for the same sources; and it keeps when they delivered.
        for source in [filed_under, source] {
            add_counts(&mut transaction, source, &Receipt::default(), now_us, None).await?;
        }
        let mut kept = 0;
        for event in events {
            let inserted = sqlx::query(
                "INSERT INTO inbox (source, external_id, at_us, name, actor, properties, \
                 received_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (source, external_id) DO NOTHING",
            )
            .bind(filed_under)
            .bind(&event.external_id)
            .bind(event.at_us)
            .bind(&event.name)
            .bind(&event.actor)
            .bind(&event.properties)
            .bind(event.received_at_us)
            .execute(&mut *transaction)
            .await?;
            kept += inserted.rows_affected();
        }
        for (artifact, author) in authors {
            put_author(&mut transaction, filed_under, artifact, author, now_us).await?;
        }
        // What waits is counted when it gets its segment.
        let repeated = events.len() as u64 - kept;
        let repeated = Receipt { read: repeated, repeated, ..Receipt::default() };
        let rejected = Receipt { read: rejected, rejected, ..Receipt::default() };
        for (source, receipt) in [(filed_under, repeated), (source, rejected)] {
            if receipt.read > 0 {
                add_counts(&mut transaction, source, &receipt, now_us, None).await?;
            }
        }
        for rejection in rejections {
            put_rejection(&mut transaction, source, rejection, now_us).await?;
        }
        transaction.commit().await?;
        Ok(kept)
    }

    /// Who made an artifact; `None` when no delivery said so.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_author(
        &self,
        source: &str,
        artifact: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT author FROM artifacts WHERE source = $1 AND artifact = $2")
            .bind(source)
            .bind(artifact)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// How many events wait, of all sources.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, so this also tells whether it answers.
    pub async fn get_inbox_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) FROM inbox").fetch_one(&self.pool).await?;
        Ok(from_sql(row.try_get(0)?))
    }

    /// The events of a source that wait, the oldest `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_inbox(&self, source: &str, limit: u32) -> Result<Vec<InboxEvent>, StoreError> {
        let rows = sqlx::query(
            "SELECT external_id, at_us, name, actor, properties, received_at_us FROM inbox \
             WHERE source = $1 ORDER BY received_at_us, external_id LIMIT $2",
        )
        .bind(source)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(InboxEvent {
                    external_id: row.try_get(0)?,
                    at_us: row.try_get(1)?,
                    name: row.try_get(2)?,
                    actor: row.try_get(3)?,
                    properties: row.try_get(4)?,
                    received_at_us: row.try_get(5)?,
                })
            })
            .collect()
    }

    /// How many events of a source wait.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count_inbox(&self, source: &str) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) FROM inbox WHERE source = $1")
            .bind(source)
            .fetch_one(&self.pool)
            .await?;
        Ok(from_sql(row.try_get(0)?))
    }

    /// The sources that have events waiting.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_inbox_sources(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT source FROM inbox ORDER BY source")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

/// Keeps who made an artifact; the first to say so is believed.
pub(super) async fn put_author(
    transaction: &mut AnyConnection,
    source: &str,
    artifact: &str,
    author: &str,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO artifacts (source, artifact, author, seen_at_us) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (source, artifact) DO NOTHING",
    )
    .bind(source)
    .bind(artifact)
    .bind(author)
    .bind(now_us)
    .execute(transaction)
    .await?;
    Ok(())
}
