//! Who acts: of several processes on one database, one at a time.

use sqlx::Row;

use super::{Store, StoreError};

/// A lease as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLease {
    /// Who holds it.
    pub holder: String,
    /// Until when, UTC microseconds.
    pub expires_at_us: i64,
}

impl Store {
    /// Takes or keeps a lease until a time: when nobody else holds it, or the one who does is `gone`.
    /// Otherwise says who holds it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now_us: i64,
        until_us: i64,
        gone: impl Fn(&str) -> bool,
    ) -> Result<Option<StoredLease>, StoreError> {
        let taken = sqlx::query(
            "INSERT INTO leases (name, holder, expires_at_us) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = $2, expires_at_us = $3 \
             WHERE leases.holder = $2 OR leases.expires_at_us <= $4",
        )
        .bind(name)
        .bind(holder)
        .bind(until_us)
        .bind(now_us);
        if taken.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(None);
        }
        let Some(lease) = self.get_lease(name).await? else { return Ok(None) };
        if !gone(&lease.holder) {
            return Ok(Some(lease));
        }
        // From this very holder: another one may have been faster.
        let taken = sqlx::query(
            "UPDATE leases SET holder = $2, expires_at_us = $3 WHERE name = $1 AND holder = $4",
        )
        .bind(name)
        .bind(holder)
        .bind(until_us)
        .bind(&lease.holder);
        let taken = taken.execute(&self.pool).await?.rows_affected() == 1;
        if taken { Ok(None) } else { self.get_lease(name).await }
    }

    /// Gives a lease back; nothing happens when somebody else holds it by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let released = sqlx::query("DELETE FROM leases WHERE name = $1 AND holder = $2");
        released.bind(name).bind(holder).execute(&self.pool).await?;
        Ok(())
    }

    /// A lease, when somebody has it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_lease(&self, name: &str) -> Result<Option<StoredLease>, StoreError> {
        let row = sqlx::query("SELECT holder, expires_at_us FROM leases WHERE name = $1");
        let row = row.bind(name).fetch_optional(&self.pool).await?;
        row.map(|row| Ok(StoredLease { holder: row.try_get(0)?, expires_at_us: row.try_get(1)? }))
            .transpose()
    }
}
