//! The outbox: every transaction before it is sent, and what became of it.

use sqlx::{Any, Row, Transaction};

use super::{Store, StoreError, from_sql, to_sql};

const TABLE: &str = "outbox";

/// A transaction that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its first signature, base58.
    pub signature: String,
    /// The mint of the distribution it is for, base58.
    pub mint: String,
    /// The epoch it is for.
    pub epoch: u64,
    /// What it is for.
    pub purpose: String,
    /// Who pays, base58.
    pub payer: String,
    /// The transaction as it is sent, base64.
    pub wire: String,
    /// The last block that can hold it.
    pub last_valid_block_height: u64,
    /// Compute units that it consumed when it was tried.
    pub compute_units: u64,
    /// What it pays when it lands, lamports.
    pub fee_lamports: u64,
    /// Rent that it leaves in accounts at most, lamports.
    pub deposit_lamports: u64,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It landed and succeeded.
    Succeeded,
    /// It landed and failed, for this reason.
    Failed(String),
    /// It never landed, and cannot any more.
    Expired,
}

/// What an epoch's transactions may take, lamports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// All of them, fees and rent.
    pub epoch_lamports: u64,
    /// Those of one purpose, and which.
    pub of_purpose: (&'static str, u64),
}

/// Whether a transaction may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It may.
    Yes,
    /// Another process holds the lease.
    LeaseLost,
    /// The epoch's budget would be exceeded.
    OverBudget {
        /// What was spent, or may still be, lamports.
        spent: u64,
    },
    /// The budget of its purpose would be exceeded.
    OverPurpose {
        /// What was spent on it, or may still be, lamports.
        spent: u64,
    },
}

/// What an epoch's transactions took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxSums {
    /// Transactions that landed.
    pub landed: u64,
    /// Transactions on their way.
    pub open: u64,
    /// Transactions that never landed.
    pub expired: u64,
    /// Fees and rent of those that landed and of those that may, lamports.
    pub lamports: u64,
}

impl Store {
    /// Writes a signed transaction, before it is sent: when the holder has the lease and the epoch can
    /// afford it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then it must not be sent.
    pub async fn put_signed(
        &self,
        entry: &OutboxEntry,
        allowance: &Allowance,
        holder: &str,
        now_us: i64,
    ) -> Result<Entered, StoreError> {
        let mut transaction = self.pool.begin().await?;
        // This row is changed first, so what follows happens once at a time.
        let held = sqlx::query(
            "UPDATE leases SET holder = holder WHERE name = $1 AND holder = $2 AND expires_at_us > $3",
        );
        let held = held.bind(&entry.mint).bind(holder).bind(now_us);
        if held.execute(&mut *transaction).await?.rows_affected() != 1 {
            return Ok(Entered::LeaseLost);
        }
        let cost = entry.fee_lamports.saturating_add(entry.deposit_lamports);
        let spent = cost_of(&mut transaction, entry, None).await?;
        if spent.saturating_add(cost) > allowance.epoch_lamports {
            return Ok(Entered::OverBudget { spent });
        }
        let (purpose, lamports) = allowance.of_purpose;
        if entry.purpose == purpose {
            let spent = cost_of(&mut transaction, entry, Some(purpose)).await?;
            if spent.saturating_add(cost) > lamports {
                return Ok(Entered::OverPurpose { spent });
            }
        }
        insert(&mut transaction, entry, now_us).await?;
        transaction.commit().await?;
        Ok(Entered::Yes)
    }

    /// Writes what became of a transaction. What is settled stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settle_signed(
        &self,
        signature: &str,
        settlement: &Settlement,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let (state, error) = match settlement {
            Settlement::Succeeded => ("succeeded", None),
            Settlement::Failed(error) => ("failed", Some(error.as_str())),
            Settlement::Expired => ("expired", None),
        };
        sqlx::query(
            "UPDATE outbox SET state = $2, error = $3, settled_at_us = $4, \
             cost_lamports = CASE $2 WHEN 'expired' THEN 0 WHEN 'failed' THEN fee_lamports \
             ELSE cost_lamports END WHERE signature = $1 AND state = 'signed'",
        )
        .bind(signature)
        .bind(state)
        .bind(error)
        .bind(now_us)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The transactions of a distribution that are on their way, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_open_transactions(&self, mint: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT signature, mint, epoch, purpose, payer, wire, last_valid_block_height, \
             compute_units, fee_lamports, deposit_lamports FROM outbox \
             WHERE mint = $1 AND state = 'signed' ORDER BY signed_at_us, signature",
        );
        let rows = rows.bind(mint).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let number = |column: usize| row.try_get(column).map(from_sql);
                Ok(OutboxEntry {
                    signature: row.try_get(0)?,
                    mint: row.try_get(1)?,
                    epoch: number(2)?,
                    purpose: row.try_get(3)?,
                    payer: row.try_get(4)?,
                    wire: row.try_get(5)?,
                    last_valid_block_height: number(6)?,
                    compute_units: number(7)?,
                    fee_lamports: number(8)?,
                    deposit_lamports: number(9)?,
                })
            })
            .collect()
    }

    /// What an epoch's transactions took so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_outbox_sums(&self, mint: &str, epoch: u64) -> Result<OutboxSums, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(CASE WHEN state IN ('succeeded', 'failed') THEN 1 END), \
             COUNT(CASE WHEN state = 'signed' THEN 1 END), \
             COUNT(CASE WHEN state = 'expired' THEN 1 END), \
             CAST(COALESCE(SUM(cost_lamports), 0) AS BIGINT) FROM outbox \
             WHERE mint = $1 AND epoch = $2",
        );
        let row = row.bind(mint).bind(to_sql(epoch)?).fetch_one(&self.pool).await?;
        let number = |column: usize| row.try_get(column).map(from_sql);
        Ok(OutboxSums {
            landed: number(0)?,
            open: number(1)?,
            expired: number(2)?,
            lamports: number(3)?,
        })
    }
}

/// What an epoch's transactions took, or may still take: all of them, or those of one purpose.
async fn cost_of(
    transaction: &mut Transaction<'_, Any>,
    entry: &OutboxEntry,
    purpose: Option<&str>,
) -> Result<u64, StoreError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(cost_lamports), 0) AS BIGINT) FROM outbox \
         WHERE mint = $1 AND epoch = $2 AND ($3 = '' OR purpose = $3)",
    )
    .bind(&entry.mint)
    .bind(to_sql(entry.epoch)?)
    .bind(purpose.unwrap_or_default())
    .fetch_one(&mut **transaction)
    .await?;
    let lamports: i64 = row.try_get(0)?;
    u64::try_from(lamports).map_err(|_| StoreError::Row {
        table: TABLE,
        problem: format!("its costs add up to {lamports}"),
    })
}

/// The same transaction again, signed with the same blockhash, is on its way again: it lands once.
async fn insert(
    transaction: &mut Transaction<'_, Any>,
    entry: &OutboxEntry,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO outbox (signature, mint, epoch, purpose, payer, wire, last_valid_block_height, \
         compute_units, fee_lamports, deposit_lamports, cost_lamports, state, signed_at_us) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'signed', $12) \
         ON CONFLICT (signature) DO UPDATE SET state = 'signed', error = NULL, settled_at_us = NULL, \
         cost_lamports = excluded.cost_lamports",
    )
    .bind(&entry.signature)
    .bind(&entry.mint)
    .bind(to_sql(entry.epoch)?)
    .bind(&entry.purpose)
    .bind(&entry.payer)
    .bind(&entry.wire)
    .bind(to_sql(entry.last_valid_block_height)?)
    .bind(to_sql(entry.compute_units)?)
    .bind(to_sql(entry.fee_lamports)?)
    .bind(to_sql(entry.deposit_lamports)?)
    .bind(to_sql(entry.fee_lamports.saturating_add(entry.deposit_lamports))?)
    .bind(now_us)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
