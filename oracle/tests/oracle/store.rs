//! Every query of the store, on SQLite and on PostgreSQL.

use solana_address::Address;
use system_token_oracle::segments::{Advance, RawForm, Receipt, Rejection};
use system_token_oracle::store::{
    Arrival, ArrivalOutcome, InboxEvent, PushedDelivery, Reconciliation, Seen, Segment, Store,
};
use system_token_test_databases::TestDatabase;

/// An empty store on each kind of database.
async fn stores() -> Vec<(TestDatabase, Store)> {
    let mut stores = Vec::new();
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        stores.push((database, store));
    }
    stores
}

fn segment(name: &str, source: &str, committed_at_us: i64) -> Segment {
    Segment {
        content_hash: name.repeat(64),
        source: source.to_owned(),
        row_count: 3,
        bytes: 1 << 40,
        first_at_us: -1,
        last_at_us: 9,
        committed_at_us,
    }
}

fn advance(from: Option<&str>, to: &str) -> Advance {
    Advance {
        stream: String::new(),
        from: from.map(str::to_owned),
        to: to.to_owned(),
        synced_until_us: 5,
    }
}

fn rejection(raw: &str) -> Rejection {
    Rejection {
        place: "a.jsonl:3".into(),
        reason: "its id is empty".into(),
        raw: raw.into(),
        form: RawForm::Row,
    }
}

/// What a source has delivered after one such arrival.
const SEEN: Seen = Seen { read: 6, rejected: 1 };

/// What brings a segment, and moves the cursor.
fn arrival<'a>(segment: Segment, advance: &'a Advance) -> Arrival<'a> {
    let receipt = Receipt { read: 6, appended: 3, repeated: 2, rejected: 1 };
    Arrival {
        source: "club",
        segment: Some(segment),
        advance: Some(advance),
        drained: &[],
        receipt,
        seen: Seen::default(),
        replay: None,
    }
}

#[tokio::test]
async fn opening_again_finds_what_was_written() {
    for (database, store) in stores().await {
        let first = advance(None, "1");
        let arrival = arrival(segment("a", "club", 1), &first);
        let outcome = store.put_arrival(&arrival, &[], 1).await.unwrap();
        assert_eq!(outcome, ArrivalOutcome::Written);
        drop(store);
        let again = Store::open(database.url()).await.unwrap();
        let segments = again.get_segments(Some("club")).await.unwrap();
        assert_eq!(segments, [segment("a", "club", 1)], "{}", database.url());
    }
}

#[tokio::test]
async fn an_arrival_counts_once_and_only_from_where_the_cursor_stands() {
    for (database, store) in stores().await {
        let (first, second) = (advance(None, "1"), advance(Some("1"), "2"));
        let put = async |name, advance, now_us| {
            let seen = store.get_seen("club").await.unwrap();
            let arrival = Arrival { seen, ..arrival(segment(name, "club", now_us), advance) };
            store.put_arrival(&arrival, &[rejection("x\0y")], now_us).await.unwrap()
        };
        // When the same batches come again, from where the cursor no longer stands
        let moved =
            [put("a", &first, 1).await, put("b", &first, 2).await, put("c", &second, 3).await];
        let (written, moved_before) = (ArrivalOutcome::Written, ArrivalOutcome::CursorMoved);
        assert_eq!(moved, [written, moved_before, written], "{}", database.url());
        assert_eq!(put("d", &second, 4).await, moved_before);
        // When the log was searched before another batch came
        let third = advance(Some("2"), "3");
        let stale = Arrival { seen: SEEN, ..arrival(segment("e", "club", 5), &third) };
        let outcome = store.put_arrival(&stale, &[], 5).await.unwrap();
        assert_eq!(outcome, ArrivalOutcome::LogMoved);
        // Then only the first of each counts
        let names: Vec<_> = store
            .get_segments(None)
            .await
            .unwrap()
            .into_iter()
            .map(|segment| segment.content_hash[..1].to_owned())
            .collect();
        assert_eq!(names, ["a", "c"]);
        let cursor = store.get_cursor("club", "").await.unwrap().unwrap();
        assert_eq!(
            (cursor.position.as_str(), cursor.synced_until_us, cursor.moved_at_us),
            ("2", 5, 3)
        );
        assert_eq!(store.get_cursor("club", "other").await.unwrap(), None);
        let counts = store.get_source_counts().await.unwrap();
        assert_eq!(counts.len(), 1);
        let counts = &counts[0];
        assert_eq!((counts.read, counts.appended, counts.repeated, counts.rejected), (12, 6, 4, 2));
        assert_eq!(counts.delivered_at_us, 3);
        // And what was turned away twice is there once, with nothing that text cannot hold
        let kept = store.get_rejections(Some("club"), 10).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].raw.as_str(), kept[0].rejected_at_us), ("x\u{fffd}y", 1));
        assert_eq!(store.get_rejections(Some("elsewhere"), 10).await.unwrap(), []);
        let reasons = store.get_rejection_reasons().await.unwrap();
        assert_eq!(reasons, [("club".to_owned(), "its id is empty".to_owned(), 1)]);
    }
}

#[tokio::test]
async fn a_segment_that_is_there_already_leaves_everything_as_it_was() {
    for (_database, store) in stores().await {
        let (first, second) = (advance(None, "1"), advance(Some("1"), "2"));
        store.put_arrival(&arrival(segment("a", "club", 1), &first), &[], 1).await.unwrap();
        let again = Arrival { seen: SEEN, ..arrival(segment("a", "club", 1), &second) };
        assert!(store.put_arrival(&again, &[rejection("x")], 2).await.is_err());
        assert_eq!(store.get_cursor("club", "").await.unwrap().unwrap().position, "1");
        assert_eq!(store.get_rejections(None, 10).await.unwrap(), []);
        assert_eq!(store.get_source_counts().await.unwrap()[0].read, 6);
    }
}

#[tokio::test]
async fn merged_segments_no_longer_count_and_are_needed_for_a_while() {
    for (_database, store) in stores().await {
        let (first, second) = (advance(None, "1"), advance(Some("1"), "2"));
        let [a, b, c] = ["a", "b", "c"].map(|name| segment(name, "club", 1));
        store.put_arrival(&arrival(a.clone(), &first), &[], 1).await.unwrap();
        let next = Arrival { seen: SEEN, ..arrival(b.clone(), &second) };
        assert_eq!(store.put_arrival(&next, &[], 1).await.unwrap(), ArrivalOutcome::Written);
        assert!(store.replace_segments(&[a.clone(), b.clone()], &c, 7).await.unwrap());
        assert_eq!(store.get_segments(Some("club")).await.unwrap(), std::slice::from_ref(&c));
        // Who merges what was merged meanwhile changes nothing
        assert!(!store.replace_segments(&[a, b], &segment("d", "club", 1), 8).await.unwrap());
        assert_eq!(store.get_segments(Some("club")).await.unwrap(), std::slice::from_ref(&c));
        let needed = store.get_needed_segments(7).await.unwrap();
        assert_eq!(needed.len(), 3);
        let needed = store.get_needed_segments(8).await.unwrap();
        assert_eq!(needed, [c.content_hash].into());
    }
}

#[tokio::test]
async fn the_inbox_keeps_an_event_once_until_it_has_its_segment() {
    for (_database, store) in stores().await {
        let event = |id: &str, received_at_us| InboxEvent {
            external_id: id.to_owned(),
            at_us: 1,
            name: "post_created".into(),
            actor: "анна".into(),
            properties: r#"{"x":1}"#.into(),
            received_at_us,
        };
        for (source, events, kept) in [
            ("club", &[event("1", 3), event("2", 2)][..], 2),
            ("club", &[event("1", 9)], 0),
            ("bot", &[event("1", 4)], 1),
        ] {
            let delivery = PushedDelivery { events, ..PushedDelivery::default() };
            assert_eq!(store.put_delivery(source, delivery, 9).await.unwrap(), kept);
        }
        assert_eq!(store.get_inbox_count().await.unwrap(), 3);
        assert_eq!(store.get_inbox_sources().await.unwrap(), ["bot", "club"]);
        let waiting = store.get_inbox("club", 10).await.unwrap();
        assert_eq!(waiting, [event("2", 2), event("1", 3)]);
        assert_eq!(store.get_inbox("club", 1).await.unwrap(), [event("2", 2)]);
        assert_eq!(store.count_inbox("club").await.unwrap(), 2);
        assert_eq!(store.count_inbox("nobody").await.unwrap(), 0);
        // When one of them gets its segment
        let drained = ["2".to_owned()];
        let receipt = Receipt { read: 1, appended: 1, ..Receipt::default() };
        let segment = Some(segment("a", "club", 1));
        let arrival = Arrival {
            source: "club",
            segment,
            advance: None,
            drained: &drained,
            receipt,
            seen: store.get_seen("club").await.unwrap(),
            replay: None,
        };
        let outcome = store.put_arrival(&arrival, &[], 5).await.unwrap();
        assert_eq!(outcome, ArrivalOutcome::Written);
        // Then the others wait on
        assert_eq!(store.get_inbox("club", 10).await.unwrap(), [event("1", 3)]);
        assert_eq!(store.get_inbox("bot", 10).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_delivery_is_kept_with_what_was_turned_away_and_who_made_what() {
    for (_database, store) in stores().await {
        let rejection = rejection("{}");
        let authors = |author: &str| vec![("t/1/1".to_owned(), author.to_owned())];
        for author in ["anna", "an impostor"] {
            let delivery = PushedDelivery {
                events_of: None,
                events: &[],
                rejections: std::slice::from_ref(&rejection),
                rejected: 3,
                authors: &authors(author),
            };
            assert_eq!(store.put_delivery("club", delivery, 5).await.unwrap(), 0);
        }
        // The first to say so is believed, of this source alone
        let author = store.get_author("club", "t/1/1").await.unwrap();
        assert_eq!(author.as_deref(), Some("anna"));
        assert_eq!(store.get_author("bot", "t/1/1").await.unwrap(), None);
        assert_eq!(store.get_rejections(Some("club"), 10).await.unwrap().len(), 1);
        let counts = store.get_source_counts().await.unwrap();
        assert_eq!((counts[0].read, counts[0].appended, counts[0].rejected), (6, 0, 6));
    }
}

#[tokio::test]
async fn what_comes_by_another_way_is_the_sources_and_what_is_turned_away_the_ways() {
    for (_database, store) in stores().await {
        let event = InboxEvent {
            external_id: "1".into(),
            at_us: 1,
            name: "opened".into(),
            actor: "anna".into(),
            properties: "{}".into(),
            received_at_us: 3,
        };
        let delivery = PushedDelivery {
            events_of: Some("posthog"),
            events: std::slice::from_ref(&event),
            rejections: &[rejection("{}")],
            rejected: 1,
            authors: &[("page".to_owned(), "anna".to_owned())],
        };
        assert_eq!(store.put_delivery("product", delivery, 3).await.unwrap(), 1);
        assert_eq!(store.put_delivery("product", delivery, 4).await.unwrap(), 0);
        assert_eq!(store.get_inbox_sources().await.unwrap(), ["posthog"]);
        assert_eq!(store.get_inbox("posthog", 10).await.unwrap(), [event]);
        assert_eq!(store.get_author("posthog", "page").await.unwrap().as_deref(), Some("anna"));
        assert_eq!(store.get_rejections(Some("posthog"), 10).await.unwrap(), []);
        assert_eq!(store.get_rejections(Some("product"), 10).await.unwrap().len(), 1);
        let counts = store.get_source_counts().await.unwrap();
        let counts: Vec<_> = counts
            .iter()
            .map(|of| (of.source.as_str(), of.read, of.repeated, of.rejected, of.delivered_at_us))
            .collect();
        assert_eq!(counts, [("posthog", 1, 1, 0, 4), ("product", 2, 0, 2, 4)]);
    }
}

#[tokio::test]
async fn the_newest_counts_of_a_range_stand_and_those_of_other_ranges_stay() {
    for (_database, store) in stores().await {
        let counts = |source: &str, to_us, source_count| Reconciliation {
            source: source.to_owned(),
            from_us: -1,
            to_us,
            source_count,
            log_count: 1 << 40,
            checked_at_us: i64::try_from(source_count).unwrap(),
        };
        assert_eq!(store.get_reconciliations(-1, 7).await.unwrap(), []);
        for put in [counts("b", 7, 1), counts("a", 7, 2), counts("a", 8, 3), counts("b", 7, 4)] {
            store.put_reconciliation(&put).await.unwrap();
        }
        let found = store.get_reconciliations(-1, 7).await.unwrap();
        assert_eq!(found, [counts("a", 7, 2), counts("b", 7, 4)]);
        assert_eq!(store.get_reconciliations(-1, 8).await.unwrap(), [counts("a", 8, 3)]);
        assert_eq!(store.get_reconciliations(0, 7).await.unwrap(), []);
        // What SQL's integers cannot hold is refused
        assert!(store.put_reconciliation(&counts("a", 7, 5)).await.is_ok());
        let huge = Reconciliation { log_count: u64::MAX, ..counts("a", 7, 6) };
        assert!(store.put_reconciliation(&huge).await.is_err());
        assert_eq!(store.get_reconciliations(-1, 7).await.unwrap()[0], counts("a", 7, 5));
    }
}

#[tokio::test]
async fn a_pages_lookup_tables_come_back_the_newest_last() {
    for (_database, store) in stores().await {
        let (mint, other) = (Address::from([1; 32]), Address::from([2; 32]));
        let table = |seed: u8| Address::from([seed; 32]);
        for (mint, page, table, at_us) in [
            (mint, 1, table(9), 5),
            (mint, 0, table(8), 7),
            (mint, 0, table(7), 6),
            // The same again stays as it is
            (mint, 0, table(8), 1),
            (other, 0, table(6), 1),
        ] {
            store.put_lookup_table(&mint, page, &table, at_us).await.unwrap();
        }
        let found = store.get_lookup_tables(&mint).await.unwrap();
        assert_eq!(found, [(0, table(7)), (0, table(8)), (1, table(9))]);
        assert_eq!(store.get_lookup_tables(&table(3)).await.unwrap(), []);
    }
}
