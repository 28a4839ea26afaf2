//! `stk-oracle members list` and `show`.

use std::fmt::Write as _;

use anyhow::Context;
use serde_json::{Value, json};

use super::super::{Opened, time};
use super::{Answer, Directory};
use crate::identity::{Alias, Member, MemberIndex, Members};
use crate::store::{RoleHeld, WalletLinked};

/// Everybody, one line each.
pub(super) async fn list(opened: &Opened) -> anyhow::Result<Answer> {
    let Directory { members, .. } = Directory::read(opened).await?;
    let mut text = String::new();
    for (index, member) in members.iter() {
        let name = member.aliases.first().map(Alias::to_string).unwrap_or_default();
        let _ = writeln!(text, "{index:>6}  {name:<32} {}", standing(&members, index, member));
    }
    if members.is_empty() {
        text += "There is no member yet.\n";
    }
    let json = members.iter().map(|(index, member)| object(&members, index, member)).collect();
    Ok(Answer { text: text.trim_end().to_owned(), json: Value::Array(json) })
}

/// One member, its past too.
pub(super) async fn show(opened: &Opened, named: &str) -> anyhow::Result<Answer> {
    let directory = Directory::read(opened).await?;
    let index = directory.find(named)?;
    let members = &directory.members;
    let member = members.get(index).context("a member that was found")?;
    let store = opened.log.store();
    let (roles, wallets) = (store.get_roles(index).await?, store.get_wallets(index).await?);
    let mut text = format!("member {index}: {}\n", standing(members, index, member));
    for (other, known) in known_as(members, index) {
        let through = if other == index { String::new() } else { format!(" as member {other}") };
        for alias in &known.aliases {
            let _ = writeln!(text, "known as {alias}{through}");
        }
    }
    for held in &roles {
        let owner = held.owner.map(|owner| format!(" of member {owner}")).unwrap_or_default();
        let span = span(held.granted_at_us, held.revoked_at_us);
        let _ = writeln!(text, "{}{owner} {span}", held.role);
    }
    for linked in &wallets {
        let span = span(linked.linked_at_us, linked.unlinked_at_us);
        let _ = writeln!(text, "wallet {} {span}", linked.wallet);
    }
    let mut json = object(members, index, member);
    let aliases: Vec<_> = known_as(members, index).flat_map(|(_, known)| &known.aliases).collect();
    json["known_as"] = json!(aliases);
    json["role_history"] = roles.iter().map(role_object).collect();
    json["wallet_history"] = wallets.iter().map(wallet_object).collect();
    Ok(Answer { text: text.trim_end().to_owned(), json })
}

/// A member and everybody who was merged into it.
fn known_as(members: &Members, index: MemberIndex) -> impl Iterator<Item = (MemberIndex, &Member)> {
    members.iter().filter(move |(other, _)| *other == index || members.survivor(*other) == index)
}

fn standing(members: &Members, index: MemberIndex, member: &Member) -> String {
    let mut parts: Vec<_> = member.roles.iter().map(ToString::to_string).collect();
    if let Some(into) = member.merged_into {
        parts.push(format!("merged into member {into}"));
    }
    if let Some(owner) = member.owner {
        parts.push(format!("owned by member {owner}"));
    }
    parts.push(match members.wallet(index) {
        Some(wallet) => format!("paid to {wallet}"),
        None => "no wallet yet".to_owned(),
    });
    parts.join(", ")
}

fn object(members: &Members, index: MemberIndex, member: &Member) -> Value {
    json!({
        "member": index,
        "aliases": member.aliases,
        "roles": member.roles,
        "wallet": member.wallet.map(|wallet| wallet.to_string()),
        "paid_to": members.wallet(index).map(|wallet| wallet.to_string()),
        "merged_into": member.merged_into,
        "owner": member.owner,
    })
}

fn role_object(held: &RoleHeld) -> Value {
    json!({
        "role": held.role,
        "owner": held.owner,
        "granted_at": time(held.granted_at_us),
        "revoked_at": held.revoked_at_us.map(time),
    })
}

fn wallet_object(linked: &WalletLinked) -> Value {
    json!({
        "wallet": linked.wallet.to_string(),
        "linked_at": time(linked.linked_at_us),
        "unlinked_at": linked.unlinked_at_us.map(time),
        "message": linked.message,
        "signature": linked.signature,
    })
}

fn span(from_us: i64, to_us: Option<i64>) -> String {
    match to_us {
        Some(to_us) => format!("from {} to {}", time(from_us), time(to_us)),
        None => format!("since {}", time(from_us)),
    }
}
