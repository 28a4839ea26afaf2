//! Reads the members, and takes every change of them through one transaction.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Row, Transaction};

use super::member_changes::put_changes;
use super::{LinkProof, Store, StoreError, see_one_moment};
use crate::identity::{Alias, IdentityError, Member, MemberIndex, Members};

impl Store {
    /// All members.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn get_members(&self) -> Result<Members, StoreError> {
        let mut transaction = self.pool.begin().await?;
        see_one_moment(&mut transaction).await?;
        let members = read_members(&mut transaction).await?;
        transaction.commit().await?;
        Ok(members)
    }

    /// Changes members, one change after the other whoever makes it; gives what the change gives.
    ///
    /// # Errors
    /// [`StoreError::Identity`] when the change is refused, or another [`StoreError`] when the
    /// database fails; then nothing is written.
    pub async fn update_members<T>(
        &self,
        now_us: i64,
        change: impl FnOnce(&mut Members) -> Result<T, IdentityError>,
    ) -> Result<T, StoreError> {
        let mut transaction = self.begin_identity_change().await?;
        let changed = change_members(&mut transaction, now_us, None, change).await?;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Writes members into a database that has none; what linked their wallets is not known again.
    ///
    /// # Errors
    /// [`StoreError`] when the database has members, or fails; then nothing is written.
    pub async fn restore_members(&self, members: &Members, now_us: i64) -> Result<(), StoreError> {
        let mut transaction = self.begin_identity_change().await?;
        let before = read_members(&mut transaction).await?;
        if !before.is_empty() {
            return Err(corrupt("it has members already".to_owned()));
        }
        let lost = LinkProof {
            nonce: "restored".to_owned(),
            message: "restored from a bundle".to_owned(),
            signature: String::new(),
        };
        put_changes(&mut transaction, &before, members, Some(&lost), now_us).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Begins a transaction in which no other changes an identity.
    pub(super) async fn begin_identity_change(
        &self,
    ) -> Result<Transaction<'static, Any>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("UPDATE identity_changes SET change_count = change_count + 1")
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }
}

/// Reads the members, changes them, and writes what is different.
pub(super) async fn change_members<T>(
    transaction: &mut AnyConnection,
    now_us: i64,
    proof: Option<&LinkProof>,
    change: impl FnOnce(&mut Members) -> Result<T, IdentityError>,
) -> Result<T, StoreError> {
    let before = read_members(transaction).await?;
    let mut after = before.clone();
    let changed = change(&mut after)?;
    put_changes(transaction, &before, &after, proof, now_us).await?;
    Ok(changed)
}

/// The members as they are inside a transaction.
pub(super) async fn read_members(connection: &mut AnyConnection) -> Result<Members, StoreError> {
    let mut members = Vec::new();
    let rows = sqlx::query(
        "SELECT member_index, source, external_id, merged_into FROM members ORDER BY member_index",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (row, expected) in rows.iter().zip(0..) {
        if index(row.try_get(0)?)? != expected {
            return Err(corrupt(format!("member {expected} is missing")));
        }
        members.push(Member {
            aliases: vec![Alias::new(row.try_get::<String, _>(1)?, row.try_get::<String, _>(2)?)],
            merged_into: row.try_get::<Option<i64>, _>(3)?.map(index).transpose()?,
            ..Member::default()
        });
    }
    for (member, mut aliases) in read_aliases(connection).await? {
        let known = &mut member_mut(&mut members, member)?.aliases;
        aliases.retain(|alias| *alias != known[0]);
        aliases.sort();
        known.extend(aliases);
    }
    let rows = sqlx::query(
        "SELECT member_index, role, owner_index FROM member_roles WHERE revoked_at_us IS NULL",
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let member = member_mut(&mut members, index(row.try_get(0)?)?)?;
        member.roles.insert(parsed("member_roles", row.try_get(1)?)?);
        if let Some(owner) = row.try_get::<Option<i64>, _>(2)? {
            member.owner = Some(index(owner)?);
        }
    }
    let rows = sqlx::query("SELECT member_index, wallet FROM wallets WHERE unlinked_at_us IS NULL")
        .fetch_all(&mut *connection)
        .await?;
    for row in &rows {
        let member = member_mut(&mut members, index(row.try_get(0)?)?)?;
        member.wallet = Some(parsed("wallets", row.try_get(1)?)?);
    }
    Ok(Members::restore(members))
}

async fn read_aliases(
    connection: &mut AnyConnection,
) -> Result<BTreeMap<MemberIndex, Vec<Alias>>, StoreError> {
    let rows = sqlx::query("SELECT member_index, source, external_id FROM aliases")
        .fetch_all(connection)
        .await?;
    let mut aliases = BTreeMap::<_, Vec<_>>::new();
    for row in &rows {
        let alias = Alias::new(row.try_get::<String, _>(1)?, row.try_get::<String, _>(2)?);
        aliases.entry(index(row.try_get(0)?)?).or_default().push(alias);
    }
    Ok(aliases)
}

/// A member's index out of a column.
pub(super) fn index(value: i64) -> Result<MemberIndex, StoreError> {
    MemberIndex::try_from(value).map_err(|_| corrupt(format!("{value} is no member's index")))
}

/// The index in a row's column, where there is one.
pub(super) fn index_at(row: &AnyRow, column: usize) -> Result<Option<MemberIndex>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?.map(index).transpose()
}

/// What a column's text stands for.
pub(super) fn parsed<T: std::str::FromStr>(
    table: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Row { table, problem: format!("`{text}`") })
}

fn member_mut(members: &mut [Member], index: MemberIndex) -> Result<&mut Member, StoreError> {
    members.get_mut(index as usize).ok_or_else(|| corrupt(format!("there is no member {index}")))
}

fn corrupt(problem: String) -> StoreError {
    StoreError::Row { table: "members", problem }
}
