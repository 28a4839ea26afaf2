//! What was and is known of one member.

use solana_address::Address;
use sqlx::Row;

use super::members::{index, index_at, parsed};
use super::{Store, StoreError};
use crate::identity::{MemberIndex, Role};

/// What anyone may know of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Where it is paid: to its own wallet, its survivor's or its owner's.
    pub wallet: Option<Address>,
    /// The roles it holds.
    pub roles: Vec<Role>,
    /// The member that it turned out to be.
    pub merged_into: Option<MemberIndex>,
}

/// A role that a member holds or held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleHeld {
    /// The role.
    pub role: Role,
    /// Whose agent the member was; with the role agent alone.
    pub owner: Option<MemberIndex>,
    /// When it was given, UTC microseconds.
    pub granted_at_us: i64,
    /// When it was taken away, UTC microseconds.
    pub revoked_at_us: Option<i64>,
}

/// A wallet that a member is or was paid to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletLinked {
    /// The wallet.
    pub wallet: Address,
    /// What it signed.
    pub message: String,
    /// Its signature, base58.
    pub signature: String,
    /// When it was linked, UTC microseconds.
    pub linked_at_us: i64,
    /// When another took its place, UTC microseconds.
    pub unlinked_at_us: Option<i64>,
}

impl Store {
    /// What anyone may know of a member; `None` when nobody has the index.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_profile(&self, member: MemberIndex) -> Result<Option<Profile>, StoreError> {
        let Some(merged_into) = self.get_merged_into(member).await? else {
            return Ok(None);
        };
        let held = self.get_roles(member).await?;
        let survivor = self.get_survivor(member).await?;
        let owner = self.get_roles(survivor).await?.iter().find_map(current_owner);
        let payee = match owner {
            Some(owner) => self.get_survivor(owner).await?,
            None => survivor,
        };
        let wallets = self.get_wallets(payee).await?;
        let wallet = wallets.iter().find(|linked| linked.unlinked_at_us.is_none());
        let roles = held.iter().filter(|held| held.revoked_at_us.is_none());
        Ok(Some(Profile {
            wallet: wallet.map(|linked| linked.wallet),
            roles: roles.map(|held| held.role).collect(),
            merged_into,
        }))
    }

    /// The roles that a member holds and held, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_roles(&self, member: MemberIndex) -> Result<Vec<RoleHeld>, StoreError> {
        let rows = sqlx::query(
            "SELECT role, owner_index, granted_at_us, revoked_at_us FROM member_roles \
             WHERE member_index = $1 ORDER BY granted_at_us, role",
        )
        .bind(i64::from(member))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RoleHeld {
                    role: parsed("member_roles", row.try_get(0)?)?,
                    owner: index_at(row, 1)?,
                    granted_at_us: row.try_get(2)?,
                    revoked_at_us: row.try_get(3)?,
                })
            })
            .collect()
    }

    /// The wallets that a member is and was paid to, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_wallets(&self, member: MemberIndex) -> Result<Vec<WalletLinked>, StoreError> {
        let rows = sqlx::query(
            "SELECT wallet, message, signature, linked_at_us, unlinked_at_us FROM wallets \
             WHERE member_index = $1 ORDER BY linked_at_us, nonce",
        )
        .bind(i64::from(member))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(WalletLinked {
                    wallet: parsed("wallets", row.try_get(0)?)?,
                    message: row.try_get(1)?,
                    signature: row.try_get(2)?,
                    linked_at_us: row.try_get(3)?,
                    unlinked_at_us: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// Into whom a member was merged; `None` when nobody has the index.
    async fn get_merged_into(
        &self,
        member: MemberIndex,
    ) -> Result<Option<Option<MemberIndex>>, StoreError> {
        let row = sqlx::query("SELECT merged_into FROM members WHERE member_index = $1")
            .bind(i64::from(member))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| row.try_get::<Option<i64>, _>(0)?.map(index).transpose()).transpose()
    }

    /// Who a member is after all merges.
    pub(super) async fn get_survivor(
        &self,
        member: MemberIndex,
    ) -> Result<MemberIndex, StoreError> {
        let mut survivor = member;
        while let Some(Some(into)) = self.get_merged_into(survivor).await? {
            survivor = into;
        }
        Ok(survivor)
    }
}

fn current_owner(held: &RoleHeld) -> Option<MemberIndex> {
    held.owner.filter(|_| held.revoked_at_us.is_none())
}
