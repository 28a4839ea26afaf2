//! Hypothesis behind a double that pages and fails as it does.

use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use system_token_oracle::config::{HypothesisSettings, Secret};
use system_token_oracle::ingest::hypothesis::Hypothesis;
use system_token_oracle::ingest::pull::{PullError, PullSource, Pulled};
use system_token_oracle::ingest::{Integrity, PersonalData, parse_time_us};
use system_token_oracle::segments::{Range, Receipt};

use crate::log::{NOW_US, TestLog};

/// Annotations, and answers that come before the next one.
#[derive(Default)]
struct Double {
    annotations: Mutex<Vec<Value>>,
    faults: Mutex<Vec<u16>>,
}

#[derive(Deserialize)]
struct Search {
    group: String,
    sort: String,
    order: String,
    limit: usize,
    search_after: String,
}

async fn search(
    State(double): State<Arc<Double>>,
    headers: HeaderMap,
    Query(search): Query<Search>,
) -> Response {
    if let Some(fault) = double.faults.lock().unwrap().pop() {
        return StatusCode::from_u16(fault).unwrap().into_response();
    }
    if headers.get("authorization").is_none_or(|token| token != "Bearer token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!((&*search.group, &*search.sort, &*search.order), ("g", "updated", "asc"));
    assert!(search.limit <= 200);
    let mut rows = double.annotations.lock().unwrap().clone();
    rows.retain(|row| row["updated"].as_str().unwrap() > &*search.search_after);
    rows.sort_by_key(|row| row["updated"].as_str().unwrap().to_owned());
    rows.truncate(search.limit);
    Json(json!({"total": rows.len(), "rows": rows})).into_response()
}

fn annotation(id: usize, second: usize) -> Value {
    let at = format!("2026-02-01T05:{:02}:{:02}.000000+00:00", second / 60, second % 60);
    json!({"id": format!("a{id}"), "created": at, "updated": at, "user": "acct:anna@hypothes.is",
        "uri": "https://club.example/guide", "text": "private words", "tags": ["anna@example.org"],
        "group": "g", "target": [{"selector": [{"exact": "private words"}]}]})
}

async fn start(double: &Arc<Double>, token: &str) -> Hypothesis {
    let router = Router::new().route("/api/search", get(search)).with_state(double.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = HypothesisSettings { host, token_env: String::new(), group: "g".to_owned() };
    let personal_data = PersonalData::default();
    let token = Secret::new(token);
    Hypothesis::new("notes", settings, token, Integrity::default(), personal_data).unwrap()
}

async fn pull_all(source: &Hypothesis, log: &TestLog) -> Receipt {
    let mut sum = Receipt::default();
    for _ in 0..20 {
        let Pulled { receipt, caught_up } = source.pull(&log.log).await.unwrap();
        sum.read += receipt.read;
        sum.appended += receipt.appended;
        sum.rejected += receipt.rejected;
        if caught_up {
            return sum;
        }
    }
    panic!("it never ends: {sum:?}");
}

#[tokio::test]
async fn a_wrong_token_is_ours_to_fix_and_a_fault_is_tried_again() {
    let (log, double) = (TestLog::new().await, Arc::new(Double::default()));
    let wrong = start(&double, "another").await;
    let error = wrong.pull(&log.log).await.unwrap_err();
    assert!(matches!(&error, PullError::Fix(said) if said.contains("token")), "{error}");
    assert!(!error.to_string().contains("another"));
    let source = start(&double, "token").await;
    *double.faults.lock().unwrap() = vec![503, 429];
    assert!(source.pull(&log.log).await.unwrap().caught_up);
    *double.faults.lock().unwrap() = vec![500; 5];
    assert!(matches!(source.pull(&log.log).await, Err(PullError::Later { .. })));
    assert_eq!(log.log.get_events(Range::ALL).await.unwrap(), []);
}

#[tokio::test]
async fn pages_lose_nothing_at_their_borders_and_changes_are_not_new_events() {
    let (log, double) = (TestLog::new().await, Arc::new(Double::default()));
    let source = start(&double, "token").await;
    // Given 500 annotations, seven of one moment across the border of the first page
    *double.annotations.lock().unwrap() = (0..500)
        .map(|id| annotation(id, if (195..202).contains(&id) { 195 } else { id }))
        .collect();
    let sum = pull_all(&source, &log).await;
    assert_eq!((sum.appended, sum.rejected), (500, 0));
    // When one is changed, one replied to, and one came that nobody can read
    let mut changed = annotation(7, 7);
    changed["updated"] = "2026-02-01T06:00:00.000000+00:00".into();
    let mut reply = annotation(500, 3_000);
    reply["user"] = "acct:boris@hypothes.is".into();
    reply["references"] = json!(["a1", "a7"]);
    let unreadable = json!({"id": "bad", "updated": "2026-02-01T06:00:01.000000+00:00"});
    {
        let mut annotations = double.annotations.lock().unwrap();
        annotations[7] = changed;
        annotations.extend([reply, unreadable]);
    }
    let sum = pull_all(&source, &log).await;
    assert_eq!((sum.appended, sum.rejected), (1, 1));
    // Then the reply is one to the other's annotation, and no word of anybody is kept
    let events = log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(events.len(), 501);
    let reply = events.iter().find(|event| event.external_id == "a500").unwrap();
    assert_eq!((reply.name.as_str(), reply.actor.as_str()), ("annotation_replied", "boris"));
    assert_eq!((reply.text("target"), reply.text("target_author")), (Some("a7"), Some("anna")));
    let said = format!("{events:?}");
    assert!(!said.contains("private words") && !said.contains("example.org"));
    // And what is long settled is not asked for again
    assert_eq!(pull_all(&source, &log).await, Receipt::default());
    let cursor = log.log.store().get_cursor("notes", "").await.unwrap().unwrap();
    assert_eq!(cursor.synced_until_us, NOW_US - 60_000_000);
}

#[tokio::test]
async fn what_shows_up_late_is_found_within_a_minute() {
    let (log, double) = (TestLog::new().await, Arc::new(Double::default()));
    let source = start(&double, "token").await;
    let (late, early) = (annotation(1, 10), annotation(2, 11));
    let now_us = parse_time_us(early["created"].as_str().unwrap()).unwrap() + 1_000_000;
    log.clock.set(now_us);
    double.annotations.lock().unwrap().push(early);
    assert_eq!(pull_all(&source, &log).await.appended, 1);
    // Given an annotation that was made before one that was read already
    double.annotations.lock().unwrap().push(late);
    assert_eq!(pull_all(&source, &log).await.appended, 1);
    let cursor = log.log.store().get_cursor("notes", "").await.unwrap().unwrap();
    assert_eq!(cursor.synced_until_us, now_us - 60_000_000);
}
