//! Writes what is different between two moments of the members.

use sqlx::AnyConnection;

use super::{LinkProof, StoreError};
use crate::identity::{Alias, Member, MemberIndex, Members, Role};

/// Writes the difference; `proof` is the signed message of the wallet that is linked.
pub(super) async fn put_changes(
    connection: &mut AnyConnection,
    before: &Members,
    after: &Members,
    proof: Option<&LinkProof>,
    now_us: i64,
) -> Result<(), StoreError> {
    let nobody = Member::default();
    let known = |index| before.get(index).unwrap_or(&nobody);
    let changed: Vec<_> =
        after.iter().filter(|(index, member)| before.get(*index) != Some(*member)).collect();
    for (index, member) in &changed {
        if before.get(*index).is_none() {
            insert_member(connection, *index, member, now_us).await?;
        }
        for alias in member.aliases.iter().skip(known(*index).aliases.len()) {
            insert_alias(connection, *index, alias, now_us).await?;
        }
    }
    // Before anything is linked: a wallet may go from one member to another.
    for (index, member) in &changed {
        let (old, new) = (known(*index), *member);
        if old.wallet.is_some() && old.wallet != new.wallet {
            unlink(connection, *index, now_us).await?;
        }
        put_roles(connection, *index, old, new, now_us).await?;
        if let Some(into) = new.merged_into.filter(|_| old.merged_into.is_none()) {
            update_merged(connection, *index, into, now_us).await?;
        }
    }
    for (index, member) in &changed {
        if member.wallet != known(*index).wallet {
            link(connection, *index, member, proof, now_us).await?;
        }
    }
    Ok(())
}

async fn insert_member(
    connection: &mut AnyConnection,
    index: MemberIndex,
    member: &Member,
    now_us: i64,
) -> Result<(), StoreError> {
    let Some(first) = member.aliases.first() else {
        let problem = format!("member {index} is known under no id");
        return Err(StoreError::Row { table: "members", problem });
    };
    sqlx::query(
        "INSERT INTO members (member_index, source, external_id, seen_at_us) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(i64::from(index))
    .bind(&first.source)
    .bind(&first.external_id)
    .bind(now_us)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_alias(
    connection: &mut AnyConnection,
    index: MemberIndex,
    alias: &Alias,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO aliases (source, external_id, member_index, added_at_us) \
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&alias.source)
    .bind(&alias.external_id)
    .bind(i64::from(index))
    .bind(now_us)
    .execute(connection)
    .await?;
    Ok(())
}

async fn put_roles(
    connection: &mut AnyConnection,
    index: MemberIndex,
    old: &Member,
    new: &Member,
    now_us: i64,
) -> Result<(), StoreError> {
    let other_owner = |role: &Role| *role == Role::Agent && old.owner != new.owner;
    for role in &old.roles {
        if !new.roles.contains(role) || other_owner(role) {
            sqlx::query(
                "UPDATE member_roles SET revoked_at_us = $1 \
                 WHERE member_index = $2 AND role = $3 AND revoked_at_us IS NULL",
            )
            .bind(now_us)
            .bind(i64::from(index))
            .bind(role.name())
            .execute(&mut *connection)
            .await?;
        }
    }
    for role in &new.roles {
        if !old.roles.contains(role) || other_owner(role) {
            let owner = new.owner.filter(|_| *role == Role::Agent);
            // Taken away and given again in one microsecond, it was never away.
            sqlx::query(
                "INSERT INTO member_roles (member_index, role, owner_index, granted_at_us) \
                 VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (member_index, role, granted_at_us) DO UPDATE \
                 SET owner_index = excluded.owner_index, revoked_at_us = NULL",
            )
            .bind(i64::from(index))
            .bind(role.name())
            .bind(owner.map(i64::from))
            .bind(now_us)
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

async fn update_merged(
    connection: &mut AnyConnection,
    from: MemberIndex,
    into: MemberIndex,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE members SET merged_into = $1, merged_at_us = $2 WHERE member_index = $3")
        .bind(i64::from(into))
        .bind(now_us)
        .bind(i64::from(from))
        .execute(connection)
        .await?;
    Ok(())
}

async fn unlink(
    connection: &mut AnyConnection,
    index: MemberIndex,
    now_us: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE wallets SET unlinked_at_us = $1 \
         WHERE member_index = $2 AND unlinked_at_us IS NULL",
    )
    .bind(now_us)
    .bind(i64::from(index))
    .execute(connection)
    .await?;
    Ok(())
}

/// Links a wallet with what it signed: now, or when it was linked to the member that was merged.
async fn link(
    connection: &mut AnyConnection,
    index: MemberIndex,
    member: &Member,
    proof: Option<&LinkProof>,
    now_us: i64,
) -> Result<(), StoreError> {
    let Some(wallet) = member.wallet.map(|wallet| wallet.to_string()) else {
        return Ok(());
    };
    let linked = match proof {
        Some(proof) => sqlx::query(
            "INSERT INTO wallets (member_index, nonce, wallet, message, signature, linked_at_us) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(i64::from(index))
        .bind(&proof.nonce)
        .bind(&wallet)
        .bind(&proof.message)
        .bind(&proof.signature)
        .bind(now_us)
        .execute(connection)
        .await?,
        None => sqlx::query(
            "INSERT INTO wallets (member_index, nonce, wallet, message, signature, linked_at_us) \
             SELECT CAST($1 AS BIGINT), nonce, wallet, message, signature, CAST($2 AS BIGINT) \
             FROM wallets WHERE wallet = $3 ORDER BY unlinked_at_us DESC, linked_at_us DESC LIMIT 1",
        )
        .bind(i64::from(index))
        .bind(now_us)
        .bind(&wallet)
        .execute(connection)
        .await?,
    };
    match linked.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Row {
            table: "wallets",
            problem: format!("nothing that the wallet {wallet} signed is there"),
        }),
    }
}
