//! Which address lookup tables are whose page's.

use solana_address::Address;
use sqlx::Row;

use super::{Store, StoreError};

const TABLE: &str = "lookup_tables";

impl Store {
    /// Keeps the address of a page's lookup table.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn put_lookup_table(
        &self,
        mint: &Address,
        page_index: u32,
        address: &Address,
        now_us: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO lookup_tables (address, mint, page_index, created_at_us) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (address) DO NOTHING",
        )
        .bind(address.to_string())
        .bind(mint.to_string())
        .bind(i64::from(page_index))
        .bind(now_us)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets a lookup table that is not on chain.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn delete_lookup_table(&self, address: &Address) -> Result<(), StoreError> {
        let deleted = sqlx::query("DELETE FROM lookup_tables WHERE address = $1");
        deleted.bind(address.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// The lookup tables of a mint's pages, the newest of each page last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_lookup_tables(
        &self,
        mint: &Address,
    ) -> Result<Vec<(u32, Address)>, StoreError> {
        let rows = sqlx::query(
            "SELECT page_index, address FROM lookup_tables WHERE mint = $1 \
             ORDER BY page_index, created_at_us, address",
        )
        .bind(mint.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let corrupt = |problem: String| StoreError::Row { table: TABLE, problem };
                let (page, address): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
                let page = u32::try_from(page);
                let page = page.map_err(|_| corrupt("a page has no index".to_owned()))?;
                let parsed = address.parse();
                Ok((page, parsed.map_err(|_| corrupt(format!("`{address}` is no address")))?))
            })
            .collect()
    }
}
