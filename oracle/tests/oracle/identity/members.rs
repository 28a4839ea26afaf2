//! What may change about members, and what is refused.

use serde_json::json;
use system_token_oracle::identity::{Alias, IdentityError as E, Members, Role};
use system_token_oracle::store::{Store, StoreError};

use super::{event, members_of_club};
use crate::log::NOW_US;
use crate::rule_books::{self, START_US, VERSION_1, policy};
use system_token_test_databases::TestDatabase;

#[test]
fn an_id_is_one_members_and_ids_of_two_sources_are_two() {
    let mut members = members_of_club(&["17", "18"]);
    let alias = Alias::new("club", "18");
    let taken = E::AliasTaken { alias: alias.clone(), member: 1 };
    assert_eq!(members.add_alias(0, alias), Err(taken));
    assert_eq!(members.find("telegram", "17"), None);
    assert_eq!(members.add_alias(0, Alias::new("telegram", "18")), Ok(true));
    assert_eq!(members.add_alias(0, Alias::new("telegram", "18")), Ok(false));
    assert_eq!((members.find("telegram", "18"), members.find("club", "18")), (Some(0), Some(1)));
}

#[test]
fn people_get_an_index_when_they_are_first_seen_whatever_the_source() {
    let act = |second, source, actor| event(second, source, actor, "post_created", json!({}));
    let mut members = members_of_club(&["a"]);
    members.observe(&[act(1, "club", "b"), act(2, "club", "a"), act(3, "bot", "b")]).unwrap();
    members.observe(&[act(4, "bot", "b"), act(5, "bot", "c")]).unwrap();
    let found = [("club", "a"), ("club", "b"), ("bot", "b"), ("bot", "c")]
        .map(|(source, id)| members.find(source, id));
    assert_eq!(found, [Some(0), Some(1), Some(2), Some(3)]);
    assert_eq!(members.len(), 4);
}

#[test]
fn a_wallet_is_one_members_at_a_time() {
    let mut members = members_of_club(&["a", "b"]);
    let (first, second) = ([1; 32].into(), [2; 32].into());
    assert_eq!(members.link(2, first), Err(E::NoMember(2)));
    assert_eq!(members.link(0, first), Ok(true));
    assert_eq!(members.link(0, first), Ok(false));
    assert_eq!(members.link(1, first), Err(E::WalletTaken(first)));
    // When the member links another wallet, the first one is free
    assert_eq!(members.link(0, second), Ok(true));
    assert_eq!(members.link(1, first), Ok(true));
    assert_eq!((members.wallet(0), members.wallet(1)), (Some(second), Some(first)));
}

#[test]
fn merges_that_make_no_sense_are_refused() {
    let mut members = members_of_club(&["a", "b", "c", "d", "agent"]);
    members.set_owner(4, 3).unwrap();
    assert_eq!(members.merge(0, 0), Err(E::MergeWithItself(0)));
    assert_eq!(members.merge(0, 9), Err(E::NoMember(9)));
    assert_eq!(members.merge(9, 0), Err(E::NoMember(9)));
    assert_eq!(members.merge(4, 0), Err(E::MergeOfDifferent { from: 4, into: 0 }));
    assert_eq!(members.merge(3, 4), Err(E::MergeOfDifferent { from: 3, into: 4 }));
    members.merge(0, 1).unwrap();
    // A cycle, and anything else with the member that is no more
    assert_eq!(members.merge(1, 0), Err(E::Merged { member: 0, into: 1 }));
    assert_eq!(members.merge(0, 2), Err(E::Merged { member: 0, into: 1 }));
    assert_eq!(members.merge(2, 0), Err(E::Merged { member: 0, into: 1 }));
    members.merge(1, 2).unwrap();
    assert_eq!(members.merge(2, 0), Err(E::Merged { member: 0, into: 2 }));
    assert_eq!(members.link(0, [1; 32].into()), Err(E::Merged { member: 0, into: 2 }));
    assert_eq!(members.grant(0, Role::Master), Err(E::Merged { member: 0, into: 2 }));
    assert_eq!(members.set_owner(0, 3), Err(E::Merged { member: 0, into: 2 }));
    assert_eq!(members.add_alias(0, Alias::new("bot", "a")), Err(E::Merged { member: 0, into: 2 }));
    // Its index is given to nobody else
    assert_eq!(members.add(Alias::new("club", "e")), Ok(5));
}

#[test]
fn a_merged_members_ids_roles_and_leaf_are_the_survivors() {
    let mut members = members_of_club(&["a", "b", "c"]);
    members.grant(0, Role::Master).unwrap();
    members.grant(1, Role::Trainee).unwrap();
    members.link(0, [1; 32].into()).unwrap();
    members.link(1, [2; 32].into()).unwrap();
    members.merge(0, 1).unwrap();
    assert_eq!(members.find("club", "a"), Some(1));
    assert_eq!(members.get(1).unwrap().roles, [Role::Trainee, Role::Master].into());
    assert!(members.get(0).unwrap().roles.is_empty());
    assert_eq!(members.wallet(0), Some([2; 32].into()));
    // The wallet that nobody is paid to any more is free; and a survivor without one takes it over
    members.link(2, [1; 32].into()).unwrap();
    let mut members = members_of_club(&["a", "b"]);
    members.link(0, [1; 32].into()).unwrap();
    members.merge(0, 1).unwrap();
    assert_eq!(members.get(0).unwrap().wallet, None);
    assert_eq!(members.get(1).unwrap().wallet, Some([1; 32].into()));
    assert_eq!(members.wallet(0), members.wallet(1));
}

#[test]
fn an_agent_is_paid_to_its_owners_wallet_whatever_becomes_of_the_owner() {
    let mut members = members_of_club(&["agent", "owner", "friend", "other agent"]);
    assert_eq!(members.grant(0, Role::Agent), Err(E::AgentWithoutOwner));
    assert_eq!(members.set_owner(0, 0), Err(E::OwnerOfItself(0)));
    members.link(0, [9; 32].into()).unwrap();
    members.set_owner(0, 1).unwrap();
    assert_eq!(members.get(0).unwrap().roles, [Role::Agent].into());
    assert_eq!(members.set_owner(2, 0), Err(E::OwnerIsAgent(0)));
    assert_eq!(members.set_owner(1, 2), Err(E::AgentOwnsAgent { owner: 1, agent: 0 }));
    let own = E::AgentWallet { member: 0, owner: 1 };
    assert_eq!(members.link(0, [1; 32].into()), Err(own));
    // The wallet that it had before is nobody's now; the owner's is there when it is linked
    assert_eq!(members.wallet(0), None);
    for wallet in [[1; 32], [2; 32]] {
        members.link(1, wallet.into()).unwrap();
        assert_eq!(members.wallet(0), Some(wallet.into()));
    }
    // When the owner turns out to be the friend, the agent is the friend's
    members.link(2, [3; 32].into()).unwrap();
    members.merge(1, 2).unwrap();
    assert_eq!(members.wallet(0), Some([3; 32].into()));
    assert_eq!(members.set_owner(2, 3), Err(E::AgentOwnsAgent { owner: 2, agent: 0 }));
    // Two agents of one owner may be one
    members.set_owner(3, 2).unwrap();
    members.merge(0, 3).unwrap();
    assert_eq!((members.payee(0), members.wallet(0)), (2, Some([3; 32].into())));
    // Who is an agent no more may link a wallet
    assert_eq!(
        members.revoke(3, Role::Master).unwrap_err(),
        E::NoRole { member: 3, role: Role::Master }
    );
    members.revoke(3, Role::Agent).unwrap();
    assert_eq!(members.wallet(3), None);
    members.link(3, [4; 32].into()).unwrap();
}

#[test]
fn engagement_between_two_ids_of_one_member_or_with_ones_agent_is_own_engagement() {
    let policy = policy(VERSION_1);
    let merged = json!({ "artifact": "p", "additions": 10, "deletions": 0 });
    let toward =
        json!({ "target": "p", "target_author": "a", "reaction": "heart", "artifact": "c" });
    let list = [
        event(START_US / 1_000_000 + 1, "git", "a", "pull_merged", merged),
        event(START_US / 1_000_000 + 2, "git", "second", "reaction_added", toward.clone()),
        event(START_US / 1_000_000 + 3, "git", "second", "comment_created", toward),
    ];
    let points =
        |members: &Members| rule_books::sum(&rule_books::weights(&policy, members, &list, 1));
    let mut members = Members::default();
    members.observe(&list).unwrap();
    // Two people: 100 × (1 + 1/(1 + 4)) for the work, and 4 for the words
    assert_eq!(points(&members), 124_000_000);
    let mut agent = members.clone();
    agent.set_owner(1, 0).unwrap();
    assert_eq!(points(&agent), 100_000_000);
    members.merge(1, 0).unwrap();
    assert_eq!(points(&members), 100_000_000);
    // The same id in another source is another person
    let mut elsewhere = list.clone();
    elsewhere[0].source = "club".to_owned();
    let mut members = Members::default();
    members.observe(&elsewhere).unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!(members.find("git", "a"), None);
}

#[tokio::test]
async fn the_store_gives_back_what_was_changed_and_keeps_what_was() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        assert_eq!(store.get_members().await.unwrap(), Members::default());
        let mut expected = members_of_club(&["a", "b", "agent"]);
        store
            .update_members(NOW_US, |members| {
                *members = members_of_club(&["a", "b", "agent"]);
                Ok(())
            })
            .await
            .unwrap();
        type Change = fn(&mut Members) -> Result<(), E>;
        let changes: [Change; 7] = [
            |members| members.add_alias(0, Alias::new("bot", "z")).map(drop),
            |members| members.add_alias(0, Alias::new("bot", "y")).map(drop),
            |members| members.grant(1, Role::Curator).map(drop),
            |members| members.revoke(1, Role::Curator),
            |members| members.set_owner(2, 0),
            |members| members.set_owner(2, 1),
            |members| members.merge(0, 1),
        ];
        for (hour, change) in (1..).zip(changes) {
            change(&mut expected).unwrap();
            store.update_members(NOW_US + hour, change).await.unwrap();
            let found = store.get_members().await.unwrap();
            assert_eq!(found.to_canonical_bytes(), expected.to_canonical_bytes());
        }
        // A change that is refused half way leaves nothing behind
        let refused = store.update_members(NOW_US, |members| {
            members.grant(1, Role::Admin)?;
            members.merge(1, 1)
        });
        let refused = refused.await.unwrap_err();
        assert!(matches!(refused, StoreError::Identity(E::MergeWithItself(1))), "{refused}");
        let found = store.get_members().await.unwrap();
        assert_eq!(found.to_canonical_bytes(), expected.to_canonical_bytes());
        // Roles have their times, and owners
        let curator = store.get_roles(1).await.unwrap()[0];
        assert_eq!((curator.granted_at_us, curator.revoked_at_us), (NOW_US + 3, Some(NOW_US + 4)));
        let agent = store.get_roles(2).await.unwrap();
        let owners: Vec<_> = agent.iter().map(|held| (held.owner, held.revoked_at_us)).collect();
        assert_eq!(owners, [(Some(0), Some(NOW_US + 6)), (Some(1), None)]);
    }
}

#[tokio::test]
async fn two_processes_never_give_one_index_twice() {
    for database in TestDatabase::each() {
        // Given two connections to one database
        let one = Store::open(database.url()).await.unwrap();
        let other = Store::open(database.url()).await.unwrap();
        // When both see people of their own at once
        let observe = async |store: &Store, source: &str| {
            for second in 0..20 {
                let events = [event(second, source, &format!("{second}"), "x", json!({}))];
                store.update_members(NOW_US, |members| members.observe(&events)).await.unwrap();
            }
        };
        tokio::join!(observe(&one, "club"), observe(&other, "bot"));
        // Then everybody has an index of their own
        let members = one.get_members().await.unwrap();
        assert_eq!(members.len(), 40);
        let mut indices: Vec<_> = ["club", "bot"]
            .iter()
            .flat_map(|source| (0..20).map(|id| members.find(source, &id.to_string()).unwrap()))
            .collect();
        indices.sort_unstable();
        assert_eq!(indices, (0..40).collect::<Vec<_>>());
    }
}
