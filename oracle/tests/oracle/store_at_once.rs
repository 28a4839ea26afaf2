//! Who asks a database waits for nobody who changes it, and sees one moment.

use std::sync::mpsc;
use std::time::Duration;

use system_token_oracle::identity::Alias;
use system_token_oracle::store::{InboxEvent, PushedDelivery, Store};
use system_token_test_databases::TestDatabase;
use tokio::sync::oneshot;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_nobody_waits_for_another_ones_transaction() {
    let database = TestDatabase::postgres();
    let store = Store::open(database.url()).await.unwrap();
    // Given a change of the members that has begun and does not end yet
    let (begin, has_begun) = oneshot::channel();
    let (finish, may_finish) = mpsc::channel();
    let changing = tokio::spawn({
        let store = store.clone();
        async move {
            let change = store.update_members(1, move |members| {
                begin.send(()).unwrap();
                tokio::task::block_in_place(|| may_finish.recv().unwrap());
                members.add(Alias::new("club", "anna"))
            });
            change.await.unwrap()
        }
    });
    has_begun.await.unwrap();
    // When others read, and keep a delivery
    let others = async {
        let seen = store.get_members().await.unwrap().len();
        let kept = store.put_delivery("club", PushedDelivery::default(), 1).await.unwrap();
        (seen, kept, store.get_source_counts().await.unwrap().len())
    };
    let others = tokio::time::timeout(Duration::from_secs(20), others).await;
    finish.send(()).unwrap();
    // Then they need not wait until it ends
    assert_eq!(others.expect("they wait for nobody"), (0, 0, 1));
    assert_eq!(changing.await.unwrap(), 0);
    assert_eq!(store.get_members().await.unwrap().len(), 1);
}

#[tokio::test]
async fn members_are_read_as_they_are_at_one_moment() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        let (changed, mut is_changed) = oneshot::channel();
        let changing = async {
            for n in 0..200 {
                let change = store.update_members(1, move |members| {
                    let member = members.add(Alias::new("club", n.to_string()))?;
                    members.add_alias(member, Alias::new("bot", n.to_string()))
                });
                change.await.unwrap();
            }
            changed.send(()).unwrap();
        };
        let reading = async {
            let mut reads = 0;
            while is_changed.try_recv().is_err() {
                let members = store.get_members().await.unwrap();
                assert!(members.iter().all(|(_, member)| member.aliases.len() == 2));
                reads += 1;
            }
            reads
        };
        let ((), reads) = tokio::join!(changing, reading);
        assert!(reads > 1, "{reads}");
        assert_eq!(store.get_members().await.unwrap().len(), 200);
    }
}

#[tokio::test]
async fn the_same_events_delivered_at_once_in_another_order_are_kept_once() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        let event = |n: u32| InboxEvent {
            external_id: n.to_string(),
            at_us: 1,
            name: "opened".into(),
            actor: "anna".into(),
            properties: "{}".into(),
            received_at_us: 2,
        };
        let forward: Vec<_> = (0..100).map(event).collect();
        let backward: Vec<_> = forward.iter().rev().cloned().collect();
        // When two sources and the one whose events these are deliver them, each from another end
        let put = async |source, events_of, events: &[InboxEvent]| {
            let delivery = PushedDelivery { events_of, events, ..PushedDelivery::default() };
            store.put_delivery(source, delivery, 2).await.unwrap()
        };
        let (one, two, three) = tokio::join!(
            put("product", Some("posthog"), &forward),
            put("app", Some("posthog"), &backward),
            put("posthog", None, &backward),
        );
        // Then each is there once, and what was there already is a repeat of the one
        assert_eq!(one + two + three, 100);
        assert_eq!(store.count_inbox("posthog").await.unwrap(), 100);
        assert_eq!(store.count_inbox("product").await.unwrap(), 0);
        let counts = store.get_source_counts().await.unwrap();
        let counts: Vec<_> =
            counts.iter().map(|of| (of.source.as_str(), of.read, of.repeated)).collect();
        assert_eq!(counts, [("app", 0, 0), ("posthog", 200, 200), ("product", 0, 0)]);
    }
}
