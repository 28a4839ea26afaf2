//! The bytes that an attestation commits to: all members as JSON, one line each.
//!
//! ```text
//! {"index":0,"aliases":[["club","17"]],"roles":["master"],"wallet":null,"merged_into":null,"owner":null}
//! ```
//!
//! Members by index, aliases and roles sorted, no white space: two oracles that know the same write
//! the same bytes.

use serde::Serialize;

use super::{Alias, MemberIndex, Members, Role};

#[derive(Serialize)]
struct Line<'a> {
    index: MemberIndex,
    aliases: Vec<&'a Alias>,
    roles: Vec<Role>,
    wallet: Option<String>,
    merged_into: Option<MemberIndex>,
    owner: Option<MemberIndex>,
}

impl Members {
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
    }
}
