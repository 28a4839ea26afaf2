//! The tables of link codes, challenges and linked wallets.

use solana_address::Address;
use sqlx::{AnyConnection, Row};

use super::members::{change_members, index, parsed, read_members};
use super::{Store, StoreError};
use crate::identity::MemberIndex;

/// How long an expired code or challenge that was never used is kept, microseconds: a day.
const KEEP_EXPIRED_US: i64 = 86_400_000_000;

/// A code that was issued; the code itself is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkCodeState {
    /// Whom its bearer may act as.
    pub member: MemberIndex,
    /// From when on it counts no more, UTC microseconds.
    pub expires_at_us: i64,
    /// Whether it was used.
    pub used: bool,
}

/// What a wallet was asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChallenge {
    /// Makes it the only one of its kind.
    pub nonce: String,
    /// Who asked for it.
    pub member: MemberIndex,
    /// The wallet that is to be linked.
    pub wallet: Address,
    /// The text, byte for byte.
    pub message: String,
    /// When it was made, UTC microseconds.
    pub issued_at_us: i64,
    /// From when on it counts no more, UTC microseconds.
    pub expires_at_us: i64,
    /// Whether it was answered.
    pub used: bool,
}

/// What a wallet signed, kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkProof {
    /// The challenge's nonce.
    pub nonce: String,
    /// The text.
    pub message: String,
    /// The signature, base58.
    pub signature: String,
}

impl Store {
    /// Keeps a new code of a member; its codes and challenges from before that were not used count
    /// no more.
    ///
    /// # Errors
    /// [`StoreError::Identity`] when the member cannot have a wallet of its own, or another
    /// [`StoreError`] when the database fails.
    pub async fn put_link_code(
        &self,
        code_hash: &str,
        member: MemberIndex,
        now_us: i64,
        expires_at_us: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_identity_change().await?;
        read_members(&mut transaction).await?.check_can_link(member)?;
        delete_unused(&mut transaction, member, now_us).await?;
        sqlx::query(
            "INSERT INTO link_codes (code_hash, member_index, issued_at_us, expires_at_us) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(code_hash)
        .bind(i64::from(member))
        .bind(now_us)
        .bind(expires_at_us)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// The state of a code by its hash; `None` for one that was never issued, or is forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_link_code(
        &self,
        code_hash: &str,
    ) -> Result<Option<LinkCodeState>, StoreError> {
        let row = sqlx::query(
            "SELECT member_index, expires_at_us, used_at_us FROM link_codes WHERE code_hash = $1",
        )
        .bind(code_hash)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(LinkCodeState {
                member: index(row.try_get(0)?)?,
                expires_at_us: row.try_get(1)?,
                used: row.try_get::<Option<i64>, _>(2)?.is_some(),
            })
        })
        .transpose()
    }

    /// Uses a code up and keeps the challenge that it was used for; `false`, and nothing is
    /// written, when it was used meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Identity`] when the wallet cannot be linked, and the code is not used up; or
    /// another [`StoreError`] when the database fails.
    pub async fn put_challenge(
        &self,
        code_hash: &str,
        challenge: &StoredChallenge,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin_identity_change().await?;
        read_members(&mut transaction).await?.link(challenge.member, challenge.wallet)?;
        let used = sqlx::query(
            "UPDATE link_codes SET used_at_us = $1 WHERE code_hash = $2 AND used_at_us IS NULL",
        )
        .bind(challenge.issued_at_us)
        .bind(code_hash)
        .execute(&mut *transaction)
        .await?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO link_challenges (nonce, member_index, wallet, message, issued_at_us, \
             expires_at_us) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&challenge.nonce)
        .bind(i64::from(challenge.member))
        .bind(challenge.wallet.to_string())
        .bind(&challenge.message)
        .bind(challenge.issued_at_us)
        .bind(challenge.expires_at_us)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// A challenge by its nonce; `None` for one that was never made, or is forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_challenge(&self, nonce: &str) -> Result<Option<StoredChallenge>, StoreError> {
        let row = sqlx::query(
            "SELECT member_index, wallet, message, issued_at_us, expires_at_us, used_at_us \
             FROM link_challenges WHERE nonce = $1",
        )
        .bind(nonce)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(StoredChallenge {
                nonce: nonce.to_owned(),
                member: index(row.try_get(0)?)?,
                wallet: parsed("link_challenges", row.try_get(1)?)?,
                message: row.try_get(2)?,
                issued_at_us: row.try_get(3)?,
                expires_at_us: row.try_get(4)?,
                used: row.try_get::<Option<i64>, _>(5)?.is_some(),
            })
        })
        .transpose()
    }

    /// Uses a challenge up and links its wallet, in the place of the member's wallet before, with
    /// the verified signature as evidence; `false`, and nothing is written, when it was used
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Identity`] when the wallet cannot be linked any more, or another
    /// [`StoreError`] when the database fails.
    pub async fn put_link(
        &self,
        challenge: &StoredChallenge,
        signature: String,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin_identity_change().await?;
        let used = sqlx::query(
            "UPDATE link_challenges SET used_at_us = $1 WHERE nonce = $2 AND used_at_us IS NULL",
        )
        .bind(now_us)
        .bind(&challenge.nonce)
        .execute(&mut *transaction)
        .await?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        let nonce = challenge.nonce.clone();
        let proof = LinkProof { nonce, message: challenge.message.clone(), signature };
        change_members(&mut transaction, now_us, Some(&proof), |members| {
            members.link(challenge.member, challenge.wallet)
        })
        .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Forgets the codes and challenges that a new code takes the place of, and long expired ones.
async fn delete_unused(
    transaction: &mut AnyConnection,
    member: MemberIndex,
    now_us: i64,
) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM link_codes \
         WHERE used_at_us IS NULL AND (member_index = $1 OR expires_at_us < $2)",
        "DELETE FROM link_challenges \
         WHERE used_at_us IS NULL AND (member_index = $1 OR expires_at_us < $2)",
    ] {
        sqlx::query(statement)
            .bind(i64::from(member))
            .bind(now_us - KEEP_EXPIRED_US)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(())
}
