//! The service itself: what it answers, what it keeps when it is stopped or killed.

use std::collections::BTreeSet;
use std::ops::Range;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use system_token_oracle::segments::Range as Times;
use system_token_test_databases::TestDatabase;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::served::{SOURCES, Served, TOKEN};
use crate::webhooks::{discourse, payload};

const JSON: (&str, &str) = ("content-type", "application/json");

fn batch(ids: impl Iterator<Item = u32>) -> String {
    let event = |id: u32| {
        json!({"event": "x", "distinct_id": "a", "timestamp": "2026-02-01T05:00:00Z",
            "uuid": format!("00000000-0000-7000-8000-{id:012}")})
    };
    json!({"api_key": TOKEN, "batch": ids.map(event).collect::<Vec<_>>()}).to_string()
}

#[tokio::test]
async fn it_says_how_it_is_and_what_it_counted() {
    let served = Served::start();
    for path in ["/healthz", "/readyz"] {
        let answer = served.get(path).await;
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap()), (200, "ok\n".into()));
    }
    assert_eq!(served.status("/batch/", &[JSON], &batch(0..3)).await, 200);
    assert_eq!(served.status("/webhooks/club", &[], "{}").await, 401);
    assert_eq!(served.status("/webhooks/nobody", &[], "{}").await, 404);
    let metrics = served.get("/metrics").await.text().await.unwrap();
    for line in [
        r#"stk_deliveries_total{source="app",result="accepted"} 1"#,
        r#"stk_deliveries_total{source="club",result="unauthorized"} 1"#,
        r#"stk_deliveries_total{source="(none)",result="unknown_source"} 1"#,
        r#"stk_pushed_events_total{source="app",result="kept"} 3"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn what_waits_is_moved_into_the_log_while_it_serves_and_the_source_is_synced() {
    let served = Served::start();
    assert_eq!(served.status("/batch/", &[JSON], &batch(0..3)).await, 200);
    let log = served.log().await;
    let moved = async {
        loop {
            // A source that is served and silent is synced too
            let app = log.store().get_cursor("app", "").await.unwrap();
            let silent = log.store().get_cursor("code", "").await.unwrap();
            let events = log.get_events(Times::ALL).await.unwrap();
            if let (Some(app), Some(_), 3) = (app, silent, events.len()) {
                return app;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let cursor = tokio::time::timeout(Duration::from_secs(20), moved).await.unwrap();
    assert!(cursor.synced_until_us < cursor.moved_at_us);
    assert_eq!(log.store().get_inbox_count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_request_that_was_begun_is_answered_before_it_stops() {
    let mut served = Served::start();
    let body = batch(0..1);
    let mut stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).await.unwrap();
    let head =
        format!("POST /batch/ HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..10]).await.unwrap();
    // Given that the service knows of the request: it answers another one that came later
    assert_eq!(served.get("/healthz").await.status().as_u16(), 200);
    // When it is told to stop before the rest comes
    let folder = served.folder.path().to_owned();
    let stopping = std::thread::spawn(move || {
        served.stop();
        served
    });
    let said = async {
        while !std::fs::read_to_string(folder.join("stderr")).unwrap().contains("stopping") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), said).await.unwrap();
    stream.write_all(&body.as_bytes()[10..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // Then its event is in the log
    let served = stopping.join().unwrap();
    assert_eq!(served.log().await.get_events(Times::ALL).await.unwrap().len(), 1);
}

#[tokio::test]
async fn clients_that_dawdle_are_cut_and_keep_nobody_else_waiting() {
    let served = Served::start();
    let address = served.url.strip_prefix("http://").unwrap().to_owned();
    let dawdle = async || {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"POST /batch/ HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
    };
    let dawdling = futures::future::join_all((0..100).map(|_| dawdle()));
    let serving = async {
        for id in 0..5 {
            assert_eq!(served.status("/batch/", &[JSON], &batch(id..id + 1)).await, 200);
        }
    };
    let both = futures::future::join(dawdling, serving);
    tokio::time::timeout(Duration::from_secs(25), both).await.expect("they are cut");
}

#[tokio::test]
async fn what_was_answered_with_200_survives_kill_9_and_is_there_once() {
    let mut served = Served::start();
    let accepted = Mutex::new(BTreeSet::new());
    let accept = |ids: Range<u32>| accepted.lock().unwrap().extend(ids);
    for round in 0..20 {
        // Given batches under way when the process is killed, some answered and some not
        let ids = |batch: u32| (round * 100 + batch * 5)..(round * 100 + batch * 5 + 5);
        let post = async |number: u32| {
            let sent = served.try_post("/batch/", &[JSON], batch(ids(number))).await;
            if sent.is_ok_and(|answer| answer.status().is_success()) {
                accept(ids(number));
            }
        };
        let posting = futures::future::join_all((0..20).map(post));
        let delay = Duration::from_millis(u64::from(round * 5));
        let _ = tokio::time::timeout(delay, posting).await;
        served.crash_and_restart();
        // When a client that got no answer sends again
        assert_eq!(served.status("/batch/", &[JSON], &batch(ids(3))).await, 200);
        accept(ids(3));
    }
    // Then all that was accepted is there, each once
    let events = served.stop_and_read().await;
    let stored: BTreeSet<_> = events.iter().map(|event| event.external_id.clone()).collect();
    assert_eq!(stored.len(), events.len());
    let accepted = accepted.into_inner().unwrap();
    assert!(accepted.len() > 200, "{}", accepted.len());
    for id in accepted {
        assert!(stored.contains(&format!("00000000-0000-7000-8000-{id:012}")), "{id} is lost");
    }
}

#[tokio::test]
async fn a_secret_that_protects_nothing_or_is_missing_stops_it_before_it_listens() {
    let folder = tempfile::tempdir().unwrap();
    let start = |kind: &str, secret: &str| {
        let config = format!("[[source]]\nname = \"x\"\nkind = \"{kind}\"\nsecret_env = \"S\"\n");
        std::fs::write(folder.path().join("oracle.toml"), config).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_stk-oracle"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(folder.path())
            .env("S", secret)
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let long = "0123456789abcdef0123456789abcdef";
    for (kind, secret, problem) in [
        ("discourse", "", "source.x.secret_env: the environment variable S is not set"),
        ("discourse", "short", "source.x.secret_env: the secret is of no use: it can be guessed"),
        ("github", "short", "it can be guessed"),
        ("telegram", long, "Telegram's ids of people are personal data"),
        ("posthog_webhook", "whsec_!!!", "it is not base64"),
        ("posthog_webhook", "whsec_c2hvcnQ=", "its key is shorter than 24 bytes"),
    ] {
        let said = start(kind, secret);
        assert!(said.contains(problem), "{said}");
        assert!(secret.is_empty() || !said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn what_is_pushed_is_in_the_log_whichever_database_it_waited_in() {
    for database in TestDatabase::each() {
        let mut served = Served::start_with(SOURCES, Some(database.url()));
        assert_eq!(served.get("/readyz").await.status().as_u16(), 200);
        let topic = payload!("discourse_topic_created");
        assert_eq!(discourse(&served, "topic_created", topic).await, 200);
        assert_eq!(
            discourse(&served, "post_created", payload!("discourse_post_created")).await,
            200
        );
        // Given many that are sent at once, each three times
        let post = async |batch: std::ops::Range<u32>| {
            assert_eq!(served.status("/batch/", &[JSON], &self::batch(batch)).await, 200);
        };
        let batches = (0..3).flat_map(|_| (0..20).map(|n| n * 10..n * 10 + 15));
        futures::future::join_all(batches.map(post)).await;
        assert_eq!(
            served.status("/batch/", &[JSON], &batch(0..1).replace("\"x\"", "\"\"")).await,
            200
        );
        // When the process is killed and another one drains what waits
        served.crash_and_restart();
        assert_eq!(discourse(&served, "topic_created", topic).await, 200);
        let events = served.stop_and_read().await;
        // Then each is there once, and what was turned away is told
        let of = |source: &str| events.iter().filter(|event| event.source == source).count();
        assert_eq!((of("club"), of("app"), events.len()), (2, 205, 207), "{}", database.url());
        let store = served.log().await.store().clone();
        assert_eq!(store.get_inbox_count().await.unwrap(), 0);
        assert_eq!(
            store.get_rejections(Some("app"), 10).await.unwrap()[0].reason,
            "its event is empty"
        );
        let author = store.get_author("club", "t/412/1").await.unwrap();
        assert_eq!(author.as_deref(), Some("31"));
        assert!(store.get_cursor("code", "").await.unwrap().is_some());
        let counts = store.get_source_counts().await.unwrap();
        let counts = counts.iter().find(|counts| counts.source == "app").unwrap();
        assert_eq!((counts.read, counts.appended, counts.rejected), (901, 205, 1));
    }
}
