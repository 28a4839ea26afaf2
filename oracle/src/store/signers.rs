//! Whose a wallet is that signs a statement.

use solana_address::Address;
use sqlx::Row;

use super::members::index;
use super::{Store, StoreError};
use crate::identity::{MemberIndex, Role};
use crate::statement;

/// The member that a wallet is linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The member.
    pub member: MemberIndex,
    /// The roles it holds.
    pub roles: Vec<Role>,
    /// The member whose statements the wallet has signed; `None` when it has signed none.
    pub signed_as: Option<MemberIndex>,
}

impl Store {
    /// Whose a wallet is; `None` when it is linked to nobody.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_signer(&self, wallet: &Address) -> Result<Option<Signer>, StoreError> {
        let wallet = wallet.to_string();
        let row = sqlx::query(
            "SELECT member_index FROM wallets WHERE wallet = $1 AND unlinked_at_us IS NULL",
        )
        .bind(&wallet)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let member = index(row.try_get(0)?)?;
        let held = self.get_roles(member).await?;
        let row =
            sqlx::query("SELECT member_index FROM aliases WHERE source = $1 AND external_id = $2")
                .bind(statement::SOURCE)
                .bind(&wallet)
                .fetch_optional(&self.pool)
                .await?;
        let signed_as = match row {
            Some(row) => Some(self.get_survivor(index(row.try_get(0)?)?).await?),
            None => None,
        };
        let roles = held.iter().filter(|held| held.revoked_at_us.is_none());
        Ok(Some(Signer { member, roles: roles.map(|held| held.role).collect(), signed_as }))
    }
}
