//! The table of members.

use super::{Store, StoreError};
use crate::identity::Members;

impl Store {
    /// Writes all members; a known one's token account is replaced.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is written.
    pub async fn put_members(&self, members: &Members) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for (index, member) in members.iter() {
            sqlx::query(
                "INSERT INTO members (member_index, external_id, token_account) \
                 VALUES ($1, $2, $3) \
                 ON CONFLICT (member_index) DO UPDATE SET token_account = excluded.token_account",
            )
            .bind(i64::from(index))
            .bind(&member.external_id)
            .bind(member.token_account.map(|account| account.to_string()))
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}
