//! Whatever happens to members, their indices are dense and stay theirs, and everybody is paid to one
//! wallet at most.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use system_token_oracle::identity::{Alias, MemberIndex, Members, Role};

use super::event;

/// Something that is asked for; it may be refused.
#[derive(Clone, Debug)]
enum Change {
    Observe(Vec<(&'static str, u8)>),
    Alias(MemberIndex, u8),
    Link(MemberIndex, u8),
    Sign(MemberIndex, u8),
    Merge(MemberIndex, MemberIndex),
    Owner(MemberIndex, MemberIndex),
    Grant(MemberIndex, Role),
    Revoke(MemberIndex, Role),
}

fn change() -> impl Strategy<Value = Change> {
    let member = || 0u32..12;
    let role = || select(Role::ALL.to_vec());
    let actor = (select(vec!["club", "bot"]), 0u8..8);
    prop_oneof![
        prop::collection::vec(actor, 1..4).prop_map(Change::Observe),
        (member(), 0u8..8).prop_map(|(member, id)| Change::Alias(member, id)),
        (member(), 1u8..6).prop_map(|(member, wallet)| Change::Link(member, wallet)),
        (member(), 1u8..6).prop_map(|(member, wallet)| Change::Sign(member, wallet)),
        (member(), member()).prop_map(|(from, into)| Change::Merge(from, into)),
        (member(), member()).prop_map(|(agent, owner)| Change::Owner(agent, owner)),
        (member(), role()).prop_map(|(member, role)| Change::Grant(member, role)),
        (member(), role()).prop_map(|(member, role)| Change::Revoke(member, role)),
    ]
}

fn apply(members: &mut Members, change: &Change) -> bool {
    match change {
        Change::Observe(actors) => {
            let events: Vec<_> = actors
                .iter()
                .map(|(source, id)| event(0, source, &id.to_string(), "x", json!({})))
                .collect();
            members.observe(&events).is_ok()
        }
        Change::Alias(member, id) => {
            members.add_alias(*member, Alias::new("lms", id.to_string())).is_ok()
        }
        Change::Link(member, wallet) => members.link(*member, [*wallet; 32].into()).is_ok(),
        Change::Sign(member, wallet) => members.let_sign(*member, [*wallet; 32].into()).is_ok(),
        Change::Merge(from, into) => members.merge(*from, *into).is_ok(),
        Change::Owner(agent, owner) => members.set_owner(*agent, *owner).is_ok(),
        Change::Grant(member, role) => members.grant(*member, *role).is_ok(),
        Change::Revoke(member, role) => members.revoke(*member, *role).is_ok(),
    }
}

fn check(before: &Members, after: &Members) {
    assert!(after.len() >= before.len());
    for (index, member) in before.iter() {
        let now = after.get(index).unwrap();
        // Ids are kept, and where they lead only follows merges.
        assert_eq!(now.aliases[..member.aliases.len()], member.aliases);
        if member.merged_into.is_some() {
            assert_eq!(now.merged_into, member.merged_into);
        }
    }
    let mut wallets = std::collections::BTreeSet::new();
    for (index, member) in after.iter() {
        for alias in &member.aliases {
            let found = after.find(&alias.source, &alias.external_id);
            assert_eq!(found, Some(after.survivor(index)));
        }
        let payee = after.get(after.payee(index)).unwrap();
        assert_eq!((payee.merged_into, payee.owner), (None, None), "member {index}");
        assert!(member.wallet.is_none_or(|wallet| wallets.insert(wallet)), "member {index}");
        assert_eq!(member.owner.is_some(), member.roles.contains(&Role::Agent));
        if member.merged_into.is_some() || member.owner.is_some() {
            assert_eq!(member.wallet, None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn indices_are_dense_and_stable(changes in prop::collection::vec(change(), 1..60)) {
        let mut members = Members::default();
        for change in &changes {
            let before = members.clone();
            let done = apply(&mut members, change);
            check(&before, &members);
            // What is refused changes nothing
            prop_assert!(done || before == members, "{change:?}");
        }
    }
}
