//! Events that were pushed to us and wait for their segment.

use sqlx::Row;

use super::{Store, StoreError, from_sql};

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

impl Store {
    /// Keeps events until they get their segment; one that already waits is not kept twice.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is kept.
    pub async fn put_inbox(&self, source: &str, events: &[InboxEvent]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for event in events {
            sqlx::query(
                "INSERT INTO inbox (source, external_id, at_us, name, actor, properties, \
                 received_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (source, external_id) DO NOTHING",
            )
            .bind(source)
            .bind(&event.external_id)
            .bind(event.at_us)
            .bind(&event.name)
            .bind(&event.actor)
            .bind(&event.properties)
            .bind(event.received_at_us)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
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
