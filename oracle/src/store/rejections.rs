//! What was turned away, until it is replayed.

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Store, StoreError, from_sql};
use crate::hex::hex;
use crate::segments::{RawForm, Rejection};

/// Something that was turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRejection {
    /// SHA-256 of source, form and raw text, hexadecimal.
    pub rejection_id: String,
    /// The source.
    pub source: String,
    /// Where it was first: a file and line, or a delivery's id.
    pub place: String,
    /// Why, as it was said last.
    pub reason: String,
    /// What the raw text is.
    pub form: RawForm,
    /// What was delivered, without personal data.
    pub raw: String,
    /// How often it was turned away since it was replayed last.
    pub times: u64,
    /// When it was first, UTC microseconds.
    pub rejected_at_us: i64,
    /// When it was replayed, UTC microseconds.
    pub replayed_at_us: Option<i64>,
}

/// Which rejections are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RejectionFilter<'a> {
    /// Those of one source.
    pub source: Option<&'a str>,
    /// Those whose reason has these words in it.
    pub reason: Option<&'a str>,
    /// Those that were replayed too.
    pub replayed_too: bool,
}

impl Store {
    /// What was turned away and not replayed since, of one source or of all, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejections(
        &self,
        source: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredRejection>, StoreError> {
        self.find_rejections(RejectionFilter { source, ..RejectionFilter::default() }, limit).await
    }

    /// What was turned away, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_rejections(
        &self,
        filter: RejectionFilter<'_>,
        limit: u32,
    ) -> Result<Vec<StoredRejection>, StoreError> {
        // REPLACE, because LIKE is not the same on all databases.
        let rows = sqlx::query(
            "SELECT rejection_id, source, place, reason, form, raw, times, rejected_at_us, \
             replayed_at_us FROM rejections \
             WHERE ($1 = '' OR source = $1) AND ($2 = '' OR REPLACE(reason, $2, '') <> reason) \
             AND ($3 = 1 OR replayed_at_us IS NULL) \
             ORDER BY rejected_at_us DESC, rejection_id LIMIT $4",
        )
        .bind(filter.source.unwrap_or_default())
        .bind(filter.reason.unwrap_or_default())
        .bind(i64::from(filter.replayed_too))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(rejection).collect()
    }

    /// What was turned away and not replayed since, the oldest first, after a time and id.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejections_after(
        &self,
        source: &str,
        reason: Option<&str>,
        after: (i64, &str),
        limit: u32,
    ) -> Result<Vec<StoredRejection>, StoreError> {
        let rows = sqlx::query(
            "SELECT rejection_id, source, place, reason, form, raw, times, rejected_at_us, \
             replayed_at_us FROM rejections \
             WHERE source = $1 AND ($2 = '' OR REPLACE(reason, $2, '') <> reason) \
             AND replayed_at_us IS NULL \
             AND (rejected_at_us > $3 OR (rejected_at_us = $3 AND rejection_id > $4)) \
             ORDER BY rejected_at_us, rejection_id LIMIT $5",
        )
        .bind(source)
        .bind(reason.unwrap_or_default())
        .bind(after.0)
        .bind(after.1)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(rejection).collect()
    }

    /// The rejections whose id starts so, two of them at most; replayed ones too.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejections_by_id(
        &self,
        start: &str,
    ) -> Result<Vec<StoredRejection>, StoreError> {
        let rows = sqlx::query(
            "SELECT rejection_id, source, place, reason, form, raw, times, rejected_at_us, \
             replayed_at_us FROM rejections \
             WHERE SUBSTR(rejection_id, 1, LENGTH($1)) = $1 ORDER BY rejection_id LIMIT 2",
        )
        .bind(start)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(rejection).collect()
    }

    /// The sources of which something was turned away and not replayed since, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_rejected_sources(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT source FROM rejections WHERE replayed_at_us IS NULL ORDER BY source",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
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
    let form: String = row.try_get(4)?;
    let form = RawForm::parse(&form).ok_or_else(|| StoreError::Row {
        table: "rejections",
        problem: format!("`{form}` is no form of what was delivered"),
    })?;
    Ok(StoredRejection {
        rejection_id: row.try_get(0)?,
        source: row.try_get(1)?,
        place: row.try_get(2)?,
        reason: row.try_get(3)?,
        form,
        raw: row.try_get(5)?,
        times: from_sql(row.try_get(6)?),
        rejected_at_us: row.try_get(7)?,
        replayed_at_us: row.try_get(8)?,
    })
}

/// Keeps what was turned away. What is there already is counted once more; if it was replayed since,
/// it is there anew.
pub(super) async fn put_rejection(
    transaction: &mut AnyConnection,
    source: &str,
    rejection: &Rejection,
    now_us: i64,
) -> Result<(), StoreError> {
    let form = rejection.form.name();
    let id = Sha256::new()
        .chain_update(source)
        .chain_update([0])
        .chain_update(form)
        .chain_update([0])
        .chain_update(&rejection.raw);
    // Text of PostgreSQL cannot hold a NUL.
    let raw = rejection.raw.replace('\0', "\u{fffd}");
    sqlx::query(
        "INSERT INTO rejections (rejection_id, source, place, reason, form, raw, times, \
         rejected_at_us) VALUES ($1, $2, $3, $4, $5, $6, 1, $7) \
         ON CONFLICT (rejection_id) DO UPDATE SET reason = excluded.reason, \
         times = CASE WHEN rejections.replayed_at_us IS NULL THEN rejections.times + 1 ELSE 1 END, \
         replayed_at_us = NULL",
    )
    .bind(hex(&id.finalize()))
    .bind(source)
    .bind(&rejection.place)
    .bind(&rejection.reason)
    .bind(form)
    .bind(raw)
    .bind(now_us)
    .execute(transaction)
    .await?;
    Ok(())
}
