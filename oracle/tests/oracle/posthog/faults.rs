//! What PostHog and the network can do wrong: nothing is lost, nothing doubled, and it is said.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use system_token_oracle::config::PosthogQuerySettings;
use system_token_oracle::ingest::posthog::Patience;
use system_token_oracle::ingest::pull::{PullError, PullSource};
use system_token_oracle::segments::Range;

use super::double::{PATIENCE, Project, read_to_end, source};
use crate::log::{NOW_US, TestLog};
use crate::real_export;

/// What a pull says that fails for good.
async fn fix(project: &Project, key: &str) -> String {
    let log = TestLog::new().await;
    match project.source_with_key(key, "").pull(&log.log).await.unwrap_err() {
        PullError::Fix(problem) => problem,
        other => panic!("not to be fixed: {other}"),
    }
}

/// What a pull says that may do again later.
async fn later(project: &Project, log: &TestLog) -> (String, Option<Duration>) {
    match project.source("").pull(&log.log).await.unwrap_err() {
        PullError::Later { problem, wait } => (problem, wait),
        other => panic!("not later: {other}"),
    }
}

/// A project with three events.
async fn small() -> Project {
    let project = Project::new().await;
    project.add(&[(1, 1, 1), (2, 2, 2), (3, 3, 3)]).await;
    project
}

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
}

#[tokio::test]
async fn a_key_that_may_not_is_told_what_it_lacks_and_never_shown() {
    let (project, other) = (Project::new().await, Project::new().await);
    let unknown = fix(&project, "phx_nobodys").await;
    says(&unknown, &["does not know the key in POSTHOG_KEY", "(401)", "`query:read`"]);
    assert!(!unknown.contains("phx_nobodys"), "{unknown}");
    let without = fix(&project, &format!("{}_without_scope", project.key)).await;
    says(&without, &["(403)", "missing required scope 'query:read'", "Give the key the scope"]);
    let foreign = fix(&project, &other.key).await;
    says(&foreign, &["(403)", "access to the project"]);
    // Nor is it in what is printed to find faults
    assert!(!format!("{:?}", project.source("")).contains(&project.key));
}

#[tokio::test]
async fn what_is_configured_wrong_is_named() {
    let project = Project::new().await;
    let with = |from: &str, to: &str| {
        let text = project.toml("").replace(from, to);
        let settings: PosthogQuerySettings = toml::from_str(&text).unwrap();
        source(settings, &project.key, PATIENCE)
    };
    let number = format!("project_id = \"{}\"", project.id);
    let log = TestLog::new().await;
    let missing = with(&number, "project_id = \"999999\"").unwrap().pull(&log.log).await;
    says(&missing.unwrap_err().to_string(), &["no project 999999", "(404)", "eu.posthog.com"]);
    let word = with(&number, "project_id = \"my project\"").unwrap_err().to_string();
    says(&word, &["project_id is `my project`", "no number"]);
    let gopher = with("http://", "gopher://").unwrap_err().to_string();
    says(&gopher, &["host is `gopher://", "https://eu.posthog.com"]);
}

#[tokio::test]
async fn every_refusal_has_its_message_and_moves_no_cursor() {
    let project = small().await;
    let moved = json!({ "status": 301, "body": {} });
    let page = json!({ "status": 200, "body": "<html>sign in</html>" });
    let told = json!({ "replace": { "error": "Unable to resolve field: uuid" } });
    let expected: [(Value, &[&str]); 6] = [
        (json!({ "status": 400 }), &["refuses the query (400)", "Syntax error"]),
        (json!({ "status": 402 }), &["(402)", "quota", "plan"]),
        (json!({ "status": 418, "body": {} }), &["refuses the request (418"]),
        (moved, &["redirects", "(301)", "set host"]),
        (page, &["is not PostHog's Query API", "is host right?"]),
        (told, &["refuses the query", "Unable to resolve field: uuid"]),
    ];
    for (fault, words) in expected {
        project.faults(&[fault]).await;
        says(&fix(&project, &project.key).await, words);
    }
    let log = TestLog::new().await;
    project.faults(&[json!({ "status": 400 })]).await;
    assert!(project.source("").pull(&log.log).await.is_err());
    assert_eq!(log.log.store().get_cursor("posthog", "").await.unwrap(), None);
    // And when it is fixed, everything comes
    assert_eq!(read_to_end(&project.source(""), &log).await.unwrap().0.appended, 3);
}

#[tokio::test]
async fn a_renamed_column_is_named() {
    let (project, log) = (small().await, TestLog::new().await);
    read_to_end(&project.source(""), &log).await.unwrap();
    project.sql("ALTER TABLE {table} RENAME COLUMN created_at TO ingested_at").await;
    let problem = fix(&project, &project.key).await;
    says(&problem, &["Unable to resolve field: created_at", "PostHog has changed"]);
}

#[tokio::test]
async fn a_row_that_is_no_event_is_rejected_with_what_it_says_and_the_rest_comes() {
    let (project, log) = (small().await, TestLog::new().await);
    let spoil = "ALTER TABLE {table} UPDATE properties = '[1, 2]' \
                 WHERE toString(uuid) LIKE '%2' SETTINGS mutations_sync = 1";
    let nobody = "INSERT INTO {table} (uuid, event, timestamp, created_at, properties) VALUES \
                  ('00000000-0000-0000-0000-000000000001', 'opened', '2018-03-01', '2018-03-01', '{}')";
    project.sql(nobody).await;
    project.sql(spoil).await;
    let (sum, _) = read_to_end(&project.source(""), &log).await.unwrap();
    assert_eq!((sum.appended, sum.rejected), (2, 2));
    let mut kept = log.log.store().get_rejections(Some("posthog"), 10).await.unwrap();
    kept.sort_by(|a, b| a.place.cmp(&b.place));
    assert_eq!(kept[0].reason, "its actor is empty");
    assert!(kept[1].reason.starts_with("its properties are no object"), "{}", kept[1].reason);
    says(&kept[1].raw, &["\"distinct_id\":\"member-2\"", "[1,2]", "2018-03-01"]);
}

#[tokio::test]
async fn what_passes_is_tried_again_and_everything_comes_once() {
    let project = Project::with_export().await;
    let log = TestLog::new().await;
    let faults = [
        json!({ "status": 429 }),
        json!({ "status": 500 }),
        json!({ "status": 503 }),
        json!({}),
        json!({ "close": true }),
        json!({ "status": 429, "headers": { "Retry-After": "0" } }),
        json!({}),
        json!({ "async": 3 }),
        json!({ "close": true }),
        json!({ "async": 1 }),
        json!({ "status": 502, "body": "<html>bad gateway</html>" }),
    ];
    project.faults(&faults).await;
    let (sum, _) = read_to_end(&project.source("page_rows = 5003"), &log).await.unwrap();
    assert_eq!(sum.appended, 22_038);
    assert!(log.log.get_events(Range::ALL).await.unwrap() == real_export::events().await);
    let statuses: Vec<_> = project
        .requests()
        .await
        .iter()
        .map(|request| request["status"].as_u64().unwrap())
        .collect();
    for status in [429, 500, 503, 202, 502] {
        assert!(statuses.contains(&status), "{status} in {statuses:?}");
    }
}

#[tokio::test]
async fn posthog_is_not_asked_again_sooner_than_it_says() {
    let (project, log) = (small().await, TestLog::new().await);
    project.faults(&[json!({ "status": 429, "headers": { "Retry-After": "1" } })]).await;
    project.source("").pull(&log.log).await.unwrap();
    let at = |request: &Value| request["at"].to_string().parse::<f64>().unwrap();
    let requests = project.requests().await;
    let between = Duration::from_secs_f64(at(&requests[1]))
        .saturating_sub(Duration::from_secs_f64(at(&requests[0])));
    assert!(between >= Duration::from_millis(990), "{between:?}");
    // And when that is too long, the pull ends at once and says how long
    project.faults(&[json!({ "status": 429, "headers": { "Retry-After": "3600" } })]).await;
    let asked = requests.len();
    let (problem, wait) = later(&project, &log).await;
    assert_eq!(wait, Some(Duration::from_secs(3_600)));
    says(&problem, &["throttles us (429)"]);
    assert_eq!(project.requests().await.len(), asked + 1);
}

#[tokio::test]
async fn what_does_not_pass_ends_after_so_many_tries_and_later_goes_on() {
    let (project, log) = (small().await, TestLog::new().await);
    project.faults(&vec![json!({ "status": 500 }); 4]).await;
    let (problem, wait) = later(&project, &log).await;
    says(&problem, &["PostHog fails (500"]);
    assert_eq!(wait, None);
    assert_eq!(project.requests().await.len(), 4);
    assert_eq!(log.log.store().get_cursor("posthog", "").await.unwrap(), None);
    assert_eq!(read_to_end(&project.source(""), &log).await.unwrap().0.appended, 3);
}

#[tokio::test]
async fn nobody_at_the_address_is_later() {
    let project = Project::new().await;
    let text = project.toml("").replace(super::double::address(), "http://127.0.0.1:1");
    let nobody = source(toml::from_str(&text).unwrap(), "key", PATIENCE).unwrap();
    let log = TestLog::new().await;
    let problem = nobody.pull(&log.log).await.unwrap_err();
    assert!(matches!(problem, PullError::Later { .. }), "{problem}");
    says(&problem.to_string(), &["cannot be reached", "refused"]);
}

#[tokio::test]
async fn what_takes_too_long_is_asked_for_in_smaller_parts_which_grow_again() {
    for status in [504, 512, 513] {
        let (project, log) = (Project::with_export().await, TestLog::new().await);
        // Given PostHog gives up when a query goes through more than 2,000 rows
        let too_long = json!({ "too_long": { "rows": 2_000, "status": status } });
        project.settings(json!({ "standing": too_long })).await;
        let (sum, pages) = read_to_end(&project.source(""), &log).await.unwrap();
        assert_eq!(sum.appended, 22_038);
        assert!(log.log.get_events(Range::ALL).await.unwrap() == real_export::events().await);
        let requests = project.requests().await;
        let refused = requests.iter().filter(|request| request["status"] == status).count();
        assert!(refused > 0 && refused <= 60, "{refused} of {pages}");
        let last = requests.iter().rev().find(|request| request["status"] == 200).unwrap();
        assert!(last["query"].as_str().unwrap().ends_with("LIMIT 50000"), "{last}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_asked_for_in_smaller_parts() {
    let (project, log) = (Project::with_export().await, TestLog::new().await);
    project.faults(&[json!({ "hang": 3 }), json!({ "hang": 3 })]).await;
    let settings = toml::from_str(&project.toml("")).unwrap();
    let patience = Patience { answer_timeout: Duration::from_secs(2), ..PATIENCE };
    let source = source(settings, &project.key, patience).unwrap();
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 22_038);
}

#[tokio::test]
async fn what_is_too_long_however_small_is_given_up() {
    let (project, log) = (small().await, TestLog::new().await);
    project.settings(json!({ "standing": { "too_long": { "rows": -1, "status": 512 } } })).await;
    let (problem, _) = later(&project, &log).await;
    says(&problem, &["gave up (512", "the smallest question is too much"]);
    assert!(project.requests().await.len() < 40);
}

#[tokio::test]
async fn a_query_in_the_background_that_fails_says_why() {
    let project = small().await;
    project.faults(&[json!({ "async_error": "Unable to resolve field: uuid" })]).await;
    says(&fix(&project, &project.key).await, &["refuses the query", "resolve field: uuid"]);
    // One that never ends is asked for in smaller parts, which end
    let log = TestLog::new().await;
    project.faults(&[json!({ "async": 1_000 })]).await;
    assert_eq!(read_to_end(&project.source(""), &log).await.unwrap().0.appended, 3);
}

#[tokio::test]
async fn the_cache_is_never_believed() {
    let (project, log) = (small().await, TestLog::new().await);
    let source = project.source("");
    read_to_end(&source, &log).await.unwrap();
    // Given a second round is in the cache, and the third asks the same
    read_to_end(&source, &log).await.unwrap();
    project.add(&[(4, 4, 4)]).await;
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 1);
    let requests = project.requests().await;
    assert_eq!(requests[requests.len() - 1]["rows"], 4);
    // And an answer from the cache all the same is none
    read_to_end(&source, &log).await.unwrap();
    project.add(&[(5, 5, 5)]).await;
    project.faults(&[json!({ "stale": true })]).await;
    let (problem, _) = later(&project, &log).await;
    says(&problem, &["from its cache"]);
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 1);
}

#[tokio::test]
async fn a_limit_that_posthog_lowers_without_a_word_loses_nothing() {
    let (project, log) = (Project::with_export().await, TestLog::new().await);
    project.settings(json!({ "standing": { "cap": 1_500 } })).await;
    let (sum, _) = read_to_end(&project.source(""), &log).await.unwrap();
    assert_eq!(sum.appended, 22_038);
}

#[tokio::test]
async fn no_more_than_three_questions_are_asked_at_once() {
    let (project, log) = (small().await, TestLog::new().await);
    project.settings(json!({ "standing": { "slow": 0.1 } })).await;
    let source = project.source("");
    let counts = join_all((0..9).map(|_| source.count(0, NOW_US))).await;
    assert!(counts.into_iter().all(|count| count.unwrap() == Some(3)));
    read_to_end(&source, &log).await.unwrap();
    let state = project.state().await;
    assert_eq!(state["most_at_once"], 3);
    let requests = state["requests"].as_array().unwrap();
    assert!(requests.iter().all(|request| request["status"] == 200), "{requests:?}");
}
