//! Events that PostHog pushes, and that are pulled from it too, are one event each.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use system_token_oracle::ingest::Event;

use super::double::{Project, uuid};
use crate::served::{Served, TOKEN};
use crate::webhooks::{now_seconds, posthog_at};

const PUSHES: &str = "[[source]]\nname = \"product\"\nkind = \"posthog_webhook\"\n\
    secret_env = \"TEST_STANDARD_SECRET\"\nevents_of = \"posthog\"\n\n\
    [[source]]\nname = \"app\"\nkind = \"capture\"\ntoken_env = \"TEST_TOKEN\"\n\
    events_of = \"posthog\"\n";

/// A webhook's body: the number of the uuid and the time.
fn pushed(number: u32, timestamp: &str) -> String {
    let event = json!({"uuid": uuid(number), "event": "opened", "distinct_id": "anna",
        "timestamp": timestamp, "properties": {"number": number}});
    json!({ "event": event }).to_string()
}

/// What PostHog has: the number of the uuid and the time as ClickHouse has it.
async fn add(project: &Project, number: u32, time: &str) {
    let columns = "uuid, event, distinct_id, properties, timestamp, created_at";
    let row = format!(
        "'{}', 'opened', 'anna', '{{\"number\":{number}}}', toDateTime64('{time}', 6, 'UTC'), \
         toDateTime64('{time}', 6, 'UTC')",
        uuid(number)
    );
    project.sql(&format!("INSERT INTO {{table}} ({columns}) SELECT {row}")).await;
}

fn run(folder: &Path, key: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
    command.args(arguments).current_dir(folder).env("POSTHOG_KEY", key);
    command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG").env("NO_PROXY", "127.0.0.1");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn numbers(events: &[Event]) -> Vec<u64> {
    assert!(events.iter().all(|event| event.source == "posthog"));
    let mut numbers: Vec<_> = events.iter().map(|event| event.count("number").unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn an_event_that_comes_by_two_ways_is_there_once() {
    // Given what PostHog has, once with microseconds, which its webhook does not send
    let project = Project::new().await;
    add(&project, 1, "2018-03-01 00:00:01.123000").await;
    add(&project, 2, "2018-03-01 00:00:02.123456").await;
    add(&project, 3, "2018-03-01 00:00:03.000000").await;
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/policies/contribution.toml");
    let posthog = project.toml("events = [\"opened\"]");
    let sources = format!(
        "policy = {policy:?}\n[[source]]\nname = \"posthog\"\nkind = \"posthog_query\"\n\
         {posthog}\n{PUSHES}"
    );
    let mut served = Served::start_with(&sources, None);
    let status = |served: &Served| {
        let printed = run(served.folder.path(), &project.key, &["status", "--output", "json"]);
        serde_json::from_str::<Value>(&printed).unwrap()
    };
    // When two are pushed, and one that PostHog gets later, and one that is no event
    for body in [
        pushed(1, "2018-03-01T00:00:01.123Z"),
        pushed(2, "2018-03-01T00:00:02.123Z"),
        pushed(4, "2018-03-01T00:00:04Z"),
        pushed(5, "yesterday"),
    ] {
        assert_eq!(posthog_at(&served, now_seconds(), &body).await, 200);
    }
    assert_eq!(numbers(&served.stop_and_read().await), [1, 2, 4]);
    // Then what is pulled is new only where nothing was pushed
    let folder = served.folder.path().to_owned();
    let ingest = || run(&folder, &project.key, &["ingest", "--once"]);
    assert_eq!(ingest(), "posthog: 3 read, 1 new, 2 repeated, 0 rejected, up to date\n");
    add(&project, 4, "2018-03-01 00:00:04.000000").await;
    assert!(ingest().contains(" 0 new, "));
    // And what is pushed after it was pulled is a repeat, by a client with a clock of its own too
    served.crash_and_restart();
    let late = pushed(3, "2018-03-01T00:00:03.000Z");
    assert_eq!(posthog_at(&served, now_seconds(), &late).await, 200);
    let captured = json!({"api_key": TOKEN, "event": "opened", "distinct_id": "anna",
        "uuid": uuid(2), "timestamp": "2018-03-01T00:00:31.9Z"});
    let content_type = ("content-type", "application/json");
    assert_eq!(served.status("/e/", &[content_type], &captured.to_string()).await, 200);
    assert_eq!(numbers(&served.stop_and_read().await), [1, 2, 3, 4]);
    // Each source still says how it is itself: the cursor of what is pulled is as it was
    let status = status(&served);
    let [posthog, product, app] = [0, 1, 2].map(|n| &status["sources"][n]);
    assert_eq!((&posthog["appended"], &posthog["rejected"]), (&json!(4), &json!(0)));
    assert_eq!((&product["events_of"], &product["rejected"]), (&json!("posthog"), &json!(1)));
    assert_eq!((&product["read"], &app["read"]), (&json!(1), &json!(0)));
    for pushes in [product, app] {
        assert!(pushes["lag_seconds"].as_i64().unwrap() < 600, "{pushes}");
    }
    assert!(ingest().contains(" 0 new, "));
    // And no epoch waits for the second way
    assert_eq!(status["epoch"]["waiting"], json!([]), "{}", status["epoch"]);
}

#[tokio::test]
async fn what_the_source_does_not_ask_for_does_not_spoil_its_count() {
    // Given a week of which PostHog's project is asked for one name only
    let project = Project::new().await;
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/policies/contribution.toml");
    let posthog = project.toml("events = [\"opened\"]\noverlap_seconds = 0");
    let sources = format!(
        "policy = {policy:?}\n[[source]]\nname = \"posthog\"\nkind = \"posthog_query\"\n\
         {posthog}\n{PUSHES}"
    );
    // Where nothing was ever read, its epochs wait for that project, and not for its second ways
    let unread = tempfile::tempdir().unwrap();
    std::fs::write(unread.path().join("oracle.toml"), &sources).unwrap();
    let printed = run(unread.path(), &project.key, &["status", "--output", "json"]);
    let waiting = serde_json::from_str::<Value>(&printed).unwrap()["epoch"]["waiting"].clone();
    let waiting: Vec<_> = waiting.as_array().unwrap().iter().map(|waits| &waits[0]).collect();
    assert_eq!(waiting, [&json!("posthog")]);
    let mut served = Served::start_with(&sources, None);
    let epoch = |served: &Served| {
        let printed = run(served.folder.path(), &project.key, &["status", "--output", "json"]);
        serde_json::from_str::<Value>(&printed).unwrap()["epoch"].clone()
    };
    let ended_at_us = epoch(&served)["ended_at_us"].as_i64().unwrap();
    let middle = jiff::Timestamp::from_microsecond(ended_at_us - 86_400_000_000).unwrap();
    // When the webhook brings events of every name
    for number in 1..=50 {
        let body = pushed(number, &middle.to_string()).replace("opened", "closed");
        assert_eq!(posthog_at(&served, now_seconds(), &body).await, 200);
    }
    assert_eq!(served.stop_and_read().await.len(), 50);
    // Then the counts agree
    run(served.folder.path(), &project.key, &["ingest", "--once"]);
    assert_eq!(epoch(&served)["ready"], true, "{}", epoch(&served));
}
