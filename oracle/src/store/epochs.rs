//! The tables of epochs, pool budgets and allocations.

use std::collections::BTreeMap;

use sqlx::Row;
use system_token_attestation::Hash;

use super::{Store, StoreError, from_sql, to_sql};
use crate::epoch::ClosedEpoch;
use crate::hex::hex;
use crate::policy::RuleBook;

/// What one member's contributions added up to over all epochs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSum {
    /// The member's index.
    pub member_index: u32,
    /// The id under which the source knows the member.
    pub external_id: String,
    /// Contributions that counted.
    pub contributions: u64,
    /// Points, millionths.
    pub micro_points: u64,
    /// STK, base units.
    pub amount: u64,
}

/// Totals over all epochs, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Epochs closed.
    pub epochs: u64,
    /// Σ budgets.
    pub budget: u64,
    /// Σ allocations.
    pub allocated: u64,
    /// What the last epoch left to later ones.
    pub carried: u64,
}

impl Store {
    /// Writes an epoch that was closed over a bundle, with its pools and allocations.
    ///
    /// # Errors
    /// [`StoreError`] when the epoch is there already or the database fails; then nothing is
    /// written.
    pub async fn put_epoch(
        &self,
        rules: &RuleBook,
        closed: &ClosedEpoch,
        bundle_hash: &Hash,
    ) -> Result<(), StoreError> {
        let epoch = to_sql(closed.epoch)?;
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO epochs (epoch, ended_at_us, policy_version, budget, leaf_count, \
             cumulative_total, root, bundle_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(epoch)
        .bind(closed.ended_at_us)
        .bind(i64::from(rules.version))
        .bind(to_sql(closed.budget)?)
        .bind(i64::from(closed.tree.leaf_count()))
        .bind(to_sql(closed.tree.cumulative_total())?)
        .bind(hex(&closed.tree.root()))
        .bind(hex(bundle_hash))
        .execute(&mut *transaction)
        .await?;
        for (i, (rule, pool)) in rules.pools.iter().zip(&closed.pools).enumerate() {
            sqlx::query(
                "INSERT INTO pool_budgets (epoch, pool, share, carried_in, carried_out) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(epoch)
            .bind(&rule.name)
            .bind(to_sql(pool.share)?)
            .bind(to_sql(pool.carried_in)?)
            .bind(to_sql(pool.carried_out)?)
            .execute(&mut *transaction)
            .await?;
            let counts = contributions_in(rules, closed, &rule.name);
            for (member, micro_points) in &closed.weights.pools[i].points {
                let amount = pool.amounts.get(member).copied().unwrap_or_default();
                sqlx::query(
                    "INSERT INTO allocations (epoch, pool, member_index, contributions, \
                     micro_points, amount) VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(epoch)
                .bind(&rule.name)
                .bind(i64::from(*member))
                .bind(to_sql(counts.get(member).copied().unwrap_or_default())?)
                .bind(to_sql(*micro_points)?)
                .bind(to_sql(amount)?)
                .execute(&mut *transaction)
                .await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets an epoch whose bundle was set aside.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is changed.
    pub async fn delete_epoch(&self, epoch: u64) -> Result<(), StoreError> {
        let epoch = to_sql(epoch)?;
        let mut transaction = self.pool.begin().await?;
        for table in [
            "DELETE FROM allocations WHERE epoch = $1",
            "DELETE FROM pool_budgets WHERE epoch = $1",
            "DELETE FROM epochs WHERE epoch = $1",
        ] {
            sqlx::query(table).bind(epoch).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Whether an epoch was written.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn has_epoch(&self, epoch: u64) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) FROM epochs WHERE epoch = $1")
            .bind(to_sql(epoch)?)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get::<i64, _>(0)? > 0)
    }

    /// The members who earned most over all epochs, the first `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_top_members(&self, limit: u32) -> Result<Vec<MemberSum>, StoreError> {
        let rows = sqlx::query(
            "SELECT m.member_index, m.external_id, \
             CAST(SUM(a.contributions) AS BIGINT) AS contributions, \
             CAST(SUM(a.micro_points) AS BIGINT) AS micro_points, \
             CAST(SUM(a.amount) AS BIGINT) AS amount \
             FROM allocations a JOIN members m ON m.member_index = a.member_index \
             GROUP BY m.member_index, m.external_id \
             ORDER BY 5 DESC, m.member_index LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MemberSum {
                    member_index: u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default(),
                    external_id: row.try_get(1)?,
                    contributions: from_sql(row.try_get(2)?),
                    micro_points: from_sql(row.try_get(3)?),
                    amount: from_sql(row.try_get(4)?),
                })
            })
            .collect()
    }

    /// Totals over all epochs.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_sums(&self) -> Result<Sums, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM epochs), \
             (SELECT CAST(COALESCE(SUM(budget), 0) AS BIGINT) FROM epochs), \
             (SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM allocations), \
             (SELECT CAST(COALESCE(SUM(carried_out), 0) AS BIGINT) FROM pool_budgets \
              WHERE epoch = (SELECT MAX(epoch) FROM epochs))",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Sums {
            epochs: from_sql(row.try_get(0)?),
            budget: from_sql(row.try_get(1)?),
            allocated: from_sql(row.try_get(2)?),
            carried: from_sql(row.try_get(3)?),
        })
    }
}

/// How many contributions of each member counted in a pool.
fn contributions_in(rules: &RuleBook, closed: &ClosedEpoch, pool: &str) -> BTreeMap<u32, u64> {
    let mut counts = BTreeMap::new();
    for contribution in &closed.weights.contributions {
        if contribution.counted > 0 && rules.kinds[usize::from(contribution.kind)].pool == pool {
            *counts.entry(contribution.member).or_default() += 1;
        }
    }
    counts
}
