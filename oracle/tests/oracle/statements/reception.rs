//! What is taken in is in the log, once, and whose it is.

use std::collections::BTreeSet;

use serde_json::json;
use solana_signer::Signer;
use system_token_oracle::identity::{Alias, Role};
use system_token_oracle::ingest::Event;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::statement::verify_event;
use system_token_oracle::store::Signer as Known;

use super::{CURATOR, MASTER, Office, TRAINEE, assessment, qualification, text, withdrawal};
use crate::identity::town::{SECOND, key, sign};
use crate::log::NOW_US;

/// Moves what waits into a log, and reads it.
async fn logged(office: &Office) -> Vec<Event> {
    let folder = tempfile::tempdir().unwrap();
    let (store, clock) = (office.town.store.clone(), office.town.clock.clone());
    let log = EventLog::open(store, folder.path(), clock).unwrap();
    log.drain_inbox("statements").await.unwrap();
    log.get_events(Range::ALL).await.unwrap()
}

#[tokio::test]
async fn statements_of_each_kind_are_in_the_log_with_their_signatures() {
    for office in Office::each().await {
        let received = office.state(MASTER, assessment("заметка 7")).await.unwrap();
        assert_eq!((received.member, received.event), (0, "artifact_assessed"));
        office.state(CURATOR, qualification(2, 3)).await.unwrap();
        office.state(CURATOR, qualification(0, 0)).await.unwrap();
        let received = office.state(TRAINEE, withdrawal("t/1")).await.unwrap();
        assert_eq!((received.member, received.event), (2, "artifact_withdrawn"));
        let events = logged(&office).await;
        let found: BTreeSet<_> = events
            .iter()
            .map(|event| verify_event(event).unwrap().assertion().event_name())
            .collect();
        let names = ["artifact_assessed", "artifact_withdrawn", "qualification_granted"];
        assert_eq!((events.len(), found), (4, names.into()));
        let members = office.town.store.get_members().await.unwrap();
        for (number, member) in [(MASTER, 0), (CURATOR, 1), (TRAINEE, 2)] {
            let wallet = key(number).pubkey().to_string();
            assert_eq!(members.find("statements", &wallet), Some(member));
            assert!(events.iter().any(|event| event.actor == wallet));
        }
    }
}

#[tokio::test]
async fn a_statement_that_is_sent_again_is_one_event_wherever_it_is_by_then() {
    for office in Office::each().await {
        let text = text(&key(MASTER), assessment("t/1"), NOW_US);
        let signature = sign(&key(MASTER), &text);
        let send = async || office.reception.receive(&text, &signature).await.unwrap();
        let first = send().await;
        // While it waits
        assert_eq!(send().await, first);
        assert_eq!(office.waiting().await, 1);
        let folder = tempfile::tempdir().unwrap();
        let (store, clock) = (office.town.store.clone(), office.town.clock.clone());
        let log = EventLog::open(store, folder.path(), clock).unwrap();
        log.drain_inbox("statements").await.unwrap();
        // And when it is in the log
        office.town.clock.set(NOW_US + SECOND);
        assert_eq!(send().await, first);
        let receipt = log.drain_inbox("statements").await.unwrap();
        assert_eq!((receipt.read, receipt.repeated, receipt.rejected), (1, 1, 0));
        let events = log.get_events(Range::ALL).await.unwrap();
        assert_eq!((events.len(), &events[0].external_id), (1, &first.id));
    }
}

#[tokio::test]
async fn of_two_that_are_sent_at_once_by_a_wallet_that_never_signed_both_are_kept() {
    for office in Office::each().await {
        let (one, two) = tokio::join!(
            office.state(MASTER, assessment("t/1")),
            office.state(MASTER, assessment("t/2"))
        );
        one.unwrap();
        two.unwrap();
        assert_eq!(office.waiting().await, 2);
    }
}

#[tokio::test]
async fn who_signed_stays_who_it_was_when_wallets_are_linked_anew() {
    for office in Office::each().await {
        let first = key(MASTER).pubkey().to_string();
        office.state(MASTER, assessment("t/1")).await.unwrap();
        // When the master links another wallet and signs with it
        office.town.link(0, &key(9)).await.unwrap();
        office.state(9, assessment("t/2")).await.unwrap();
        let find = async |wallet: &str| {
            office.town.store.get_members().await.unwrap().find("statements", wallet)
        };
        assert_eq!(find(&first).await, Some(0));
        assert_eq!(find(&key(9).pubkey().to_string()).await, Some(0));
        // And another member links the first one: it is paid there, and cannot sign with it
        office.town.link(2, &key(MASTER)).await.unwrap();
        let refused = office.state(MASTER, withdrawal("t/3")).await.unwrap_err().to_string();
        let expected =
            format!("the wallet {first} has signed statements as member 0: link another one");
        assert_eq!(refused, expected);
        assert_eq!(find(&first).await, Some(0));
        // A wallet that never signed may come and go
        office.town.link(2, &key(8)).await.unwrap();
        office.town.link(1, &key(TRAINEE)).await.unwrap();
        office.state(TRAINEE, qualification(2, 1)).await.unwrap();
        assert_eq!(find(&key(TRAINEE).pubkey().to_string()).await, Some(1));
    }
}

#[tokio::test]
async fn what_a_member_signed_is_the_survivors_after_a_merge() {
    for office in Office::each().await {
        office.state(MASTER, assessment("t/1")).await.unwrap();
        let merge = office.town.store.update_members(NOW_US, |members| members.merge(0, 2));
        merge.await.unwrap();
        let wallet = key(MASTER).pubkey();
        let members = office.town.store.get_members().await.unwrap();
        assert_eq!(members.find("statements", &wallet.to_string()), Some(2));
        // The roles are the survivor's, and the wallet too once it links it
        office.state(TRAINEE, assessment("t/2")).await.unwrap();
        office.town.link(2, &key(MASTER)).await.unwrap();
        office.state(MASTER, assessment("t/3")).await.unwrap();
        let known = office.town.store.get_signer(&wallet).await.unwrap().unwrap();
        let Known { member, mut roles, signed_as } = known;
        roles.sort();
        assert_eq!((member, signed_as), (2, Some(2)));
        assert_eq!(roles, [Role::Trainee, Role::Master]);
    }
}

#[tokio::test]
async fn a_wallet_in_an_event_makes_no_member() {
    let office = Office::new().await;
    let mut members = office.town.store.get_members().await.unwrap();
    let before = members.clone();
    let event = super::signed(7, assessment("t/1")).to_event();
    members.observe(&[event]).unwrap();
    assert_eq!(members, before);
    assert_eq!(members.find("statements", &key(7).pubkey().to_string()), None);
    // The alias is among what an epoch's bundle commits to
    members.let_sign(0, key(MASTER).pubkey()).unwrap();
    let bytes = String::from_utf8(members.to_canonical_bytes()).unwrap();
    let alias = json!(["statements", key(MASTER).pubkey().to_string()]).to_string();
    assert!(bytes.contains(&alias), "{bytes}");
    let expected = Alias::new("statements", key(MASTER).pubkey().to_string());
    assert_eq!(members.get(0).unwrap().aliases.last(), Some(&expected));
}
