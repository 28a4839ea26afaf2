//! The bytes that an attestation commits to: all members as JSON, one line each.
//!
//! ```text
//! {"index":0,"aliases":[["club","17"]],"roles":["master"],"wallet":null,"merged_into":null,"owner":null}
//! ```
//!
//! Members by index, aliases and roles sorted, no white space: two oracles that know the same write
//! the same bytes.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use solana_address::Address;

use super::{Alias, Member, MemberIndex, Members, Role};

#[derive(Serialize)]
struct Line<'a> {
    index: MemberIndex,
    aliases: Vec<&'a Alias>,
    roles: Vec<Role>,
    wallet: Option<String>,
    merged_into: Option<MemberIndex>,
    owner: Option<MemberIndex>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedLine {
    index: MemberIndex,
    aliases: Vec<(String, String)>,
    roles: BTreeSet<Role>,
    wallet: Option<String>,
    merged_into: Option<MemberIndex>,
    owner: Option<MemberIndex>,
}

/// Why a text is no snapshot of members.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct SnapshotError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl Members {
    /// Reads the bytes that [`Members::to_canonical_bytes`] writes, whoever sends them.
    ///
    /// # Errors
    /// [`SnapshotError`] when they are none, or of members as there can be none: two with one id or one
    /// wallet, a merge or an ownership without end.
    pub fn from_canonical_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut members: Vec<Member> = Vec::new();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        for (line, text) in (1..).zip(lines) {
            let problem = |problem: String| SnapshotError { line, problem };
            let read: OwnedLine =
                serde_json::from_slice(text).map_err(|error| problem(error.to_string()))?;
            if read.index as usize != members.len() {
                return Err(problem(format!("it is of member {}, out of turn", read.index)));
            }
            members.push(read.into_member().map_err(problem)?);
        }
        for (place, member) in members.iter().enumerate() {
            let problem = check(&members, member, place);
            problem.map_err(|problem| SnapshotError { line: place + 1, problem })?;
        }
        check_unique(&members)?;
        Ok(Self::restore(members))
    }

    /// The members' bytes for hashing and comparing.
    ///
    /// # Panics
    /// Never: members are text and numbers.
    pub fn to_canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, member) in self.iter() {
            let mut aliases: Vec<_> = member.aliases.iter().collect();
            aliases.sort();
            let line = Line {
                index,
                aliases,
                roles: member.roles.iter().copied().collect(),
                wallet: member.wallet.map(|wallet| wallet.to_string()),
                merged_into: member.merged_into,
                owner: member.owner,
            };
            serde_json::to_writer(&mut bytes, &line).expect("members are plain data");
            bytes.push(b'\n');
        }
        bytes
    }
}

impl OwnedLine {
    fn into_member(self) -> Result<Member, String> {
        let wallet = self.wallet.map(|wallet| {
            wallet.parse::<Address>().map_err(|_| format!("`{wallet}` is no wallet's address"))
        });
        let aliases = self.aliases.into_iter();
        Ok(Member {
            aliases: aliases.map(|(source, id)| Alias::new(source, id)).collect(),
            roles: self.roles,
            wallet: wallet.transpose()?,
            merged_into: self.merged_into,
            owner: self.owner,
        })
    }
}

/// Checks that a member is as merges and ownership leave one.
fn check(members: &[Member], member: &Member, place: usize) -> Result<(), String> {
    let find = |index: MemberIndex| {
        members.get(index as usize).ok_or_else(|| format!("there is no member {index}"))
    };
    if member.merged_into.is_some()
        && (member.wallet.is_some() || member.owner.is_some() || !member.roles.is_empty())
    {
        return Err("who was merged has no wallet, no role and no owner".to_owned());
    }
    let (mut survivor, mut steps) = (member, 0);
    while let Some(into) = survivor.merged_into {
        survivor = find(into)?;
        steps += 1;
        if steps > members.len() {
            return Err("it was merged without end".to_owned());
        }
    }
    if member.owner.is_some() != member.roles.contains(&Role::Agent) {
        return Err("an agent has an owner, and nobody else has".to_owned());
    }
    let Some(owner) = member.owner else { return Ok(()) };
    if member.wallet.is_some() {
        return Err("an agent has no wallet".to_owned());
    }
    // Merges end, as every member's are checked; those of an owner are followed as far.
    let (mut owner, mut steps) = (owner, 0);
    while let Some(into) = find(owner)?.merged_into.filter(|_| steps <= members.len()) {
        owner = into;
        steps += 1;
    }
    if owner as usize == place || find(owner)?.owner.is_some() {
        return Err("an agent's owner is no agent".to_owned());
    }
    Ok(())
}

/// Checks that no id and no wallet is two members'.
fn check_unique(members: &[Member]) -> Result<(), SnapshotError> {
    let (mut aliases, mut wallets) = (HashSet::new(), HashSet::new());
    for (line, member) in (1..).zip(members) {
        if member.aliases.is_empty() {
            return Err(SnapshotError { line, problem: "it has no id".to_owned() });
        }
        if let Some(alias) = member.aliases.iter().find(|alias| !aliases.insert(*alias)) {
            return Err(SnapshotError { line, problem: format!("{alias} is somebody's already") });
        }
        if let Some(wallet) = member.wallet.filter(|wallet| !wallets.insert(*wallet)) {
            return Err(SnapshotError { line, problem: format!("{wallet} is somebody's already") });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snapshot_is_these_bytes() {
        let mut members = Members::default();
        for (source, external_id) in [("club", "b\"1"), ("lms", "z"), ("bot", "x")] {
            members.add(Alias::new(source, external_id)).unwrap();
        }
        members.add_alias(0, Alias::new("bot", "b")).unwrap();
        members.grant(0, Role::Curator).unwrap();
        members.grant(0, Role::Master).unwrap();
        members.link(0, [7; 32].into()).unwrap();
        members.merge(1, 0).unwrap();
        members.set_owner(2, 0).unwrap();
        let expected = r#"{"index":0,"aliases":[["bot","b"],["club","b\"1"]],"roles":["master","curator"],"wallet":"US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx","merged_into":null,"owner":null}
{"index":1,"aliases":[["lms","z"]],"roles":[],"wallet":null,"merged_into":0,"owner":null}
{"index":2,"aliases":[["bot","x"]],"roles":["agent"],"wallet":null,"merged_into":null,"owner":0}
"#;
        assert_eq!(String::from_utf8(members.to_canonical_bytes()).unwrap(), expected);
        let read = Members::from_canonical_bytes(expected.as_bytes()).unwrap();
        assert_eq!(read.to_canonical_bytes(), expected.as_bytes());
        assert_eq!(read.find("lms", "z"), Some(0));
        assert_eq!(read.wallet(2), Some([7; 32].into()));
    }

    /// A snapshot's line.
    fn line(index: u32, id: &str, rest: &str) -> String {
        let rest = match rest {
            "" => r#""roles":[],"wallet":null,"merged_into":null,"owner":null"#,
            rest => rest,
        };
        format!("{{\"index\":{index},\"aliases\":[[\"club\",\"{id}\"]],{rest}}}\n")
    }

    #[test]
    fn what_nobody_can_be_is_refused() {
        let wallet = r#""roles":[],"wallet":"US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx","merged_into":null,"owner":null"#;
        let merged =
            |into: u32| format!(r#""roles":[],"wallet":null,"merged_into":{into},"owner":null"#);
        let owned = |owner: u32| {
            format!(r#""roles":["agent"],"wallet":null,"merged_into":null,"owner":{owner}"#)
        };
        for (lines, at, problem) in [
            (vec![line(1, "a", "")], 1, "out of turn"),
            (vec!["{}\n".to_owned()], 1, "missing field"),
            (vec![line(0, "a", ""), line(1, "a", "")], 2, "somebody's already"),
            (vec![line(0, "a", wallet), line(1, "b", wallet)], 2, "somebody's already"),
            (vec![line(0, "a", &merged(0))], 1, "without end"),
            (vec![line(0, "a", &merged(1)), line(1, "b", &merged(0))], 1, "without end"),
            (vec![line(0, "a", &merged(7))], 1, "there is no member 7"),
            (vec![line(0, "a", &owned(0))], 1, "is no agent"),
            (vec![line(0, "a", &owned(1)), line(1, "b", &owned(0))], 1, "is no agent"),
            (vec![line(0, "a", &owned(9))], 1, "there is no member 9"),
            (
                vec![line(0, "a", &wallet.replace("null,\"owner", "1,\"owner")), line(1, "b", "")],
                1,
                "who was merged",
            ),
            (vec![line(0, "a", &wallet.replace("[]", "[\"agent\"]"))], 1, "has an owner"),
            (vec![line(0, "a", &wallet.replace("US5", "0O5"))], 1, "no wallet's address"),
        ] {
            let error = Members::from_canonical_bytes(lines.concat().as_bytes()).unwrap_err();
            assert!(error.line == at && error.problem.contains(problem), "{error} not {problem}");
        }
        // Nobody yet is a snapshot too
        assert!(Members::from_canonical_bytes(b"").unwrap().is_empty());
    }
}
