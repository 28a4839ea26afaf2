//! What is pulled is what is there: every event once, whatever its neighbours.

use system_token_oracle::ingest::pull::{PullError, PullSource};
use system_token_oracle::segments::{LogError, Range};

use super::double::{PATIENCE, Project, read_to_end, receipt, source, time, uuid};
use crate::log::{NOW_US, TestLog};
use crate::real_export;

const HOUR_US: i64 = 3_600_000_000;

/// The numbers of the events in a log, in order.
async fn numbers(log: &TestLog) -> Vec<u64> {
    let events = log.log.get_events(Range::ALL).await.unwrap();
    let mut numbers: Vec<_> = events.iter().map(|event| event.count("number").unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn the_real_export_comes_whole_though_a_month_of_it_has_one_created_at() {
    // Given the export, of which PostHog took in each month at one moment: ties over whole pages
    let (project, log) = (Project::with_export().await, TestLog::new().await);
    let months = "ALTER TABLE {table} UPDATE created_at = toStartOfMonth(created_at) WHERE true \
                  SETTINGS mutations_sync = 1";
    project.sql(months).await;
    // When it is pulled in pages that are smaller than that
    let source = project.source("page_rows = 501");
    let (sum, pages) = read_to_end(&source, &log).await.unwrap();
    // Then it is what the file has, to the microsecond and the letter
    assert_eq!((sum.appended, sum.rejected), (22_038, 0));
    assert!(pages > 40, "{pages}");
    let pulled = log.log.get_events(Range::ALL).await.unwrap();
    assert!(pulled == real_export::events().await);
    // And the source counts the same
    assert_eq!(source.count(i64::MIN, i64::MAX).await.unwrap(), Some(22_038));
    // And reading once more brings nothing new
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 0);
}

#[tokio::test]
async fn the_projects_timezone_changes_nothing() {
    let mut logs = Vec::new();
    for timezone in ["America/St_Johns", "UTC", "Pacific/Kiritimati"] {
        let (project, log) = (Project::in_timezone(timezone).await, TestLog::new().await);
        project.add(&[(1, 0, 60), (2, 7_200, 7_201), (3, 86_399, 86_399)]).await;
        // Pages of one row, so that the cursor crosses the timezone each time
        let source = project.source("page_rows = 1");
        assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 3, "{timezone}");
        logs.push(log.log.get_events(Range::ALL).await.unwrap());
        assert_eq!(source.count(0, NOW_US).await.unwrap(), Some(3));
    }
    assert_eq!(logs[0][0].at_us, 1_519_862_400_000_000);
    assert!(logs[0] == logs[1] && logs[1] == logs[2]);
}

#[tokio::test]
async fn a_late_event_is_found_within_the_overlap_and_counted_beyond_it() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    project.add(&[(1, 0, 10), (2, 50_000, 50_000)]).await;
    let source = project.source("overlap_seconds = 3600");
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 2);
    // Given one that appears half an hour behind the newest, and happened long before
    project.add(&[(3, 5, 48_200)]).await;
    assert_eq!(read_to_end(&source, &log).await.unwrap().0, receipt(2, 1, 1, 0));
    // Given one that appears two hours behind: it is not found, and the count tells
    project.add(&[(4, 6, 42_800)]).await;
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 0);
    assert_eq!(numbers(&log).await, [1, 2, 3]);
    assert_eq!(source.count(0, NOW_US).await.unwrap(), Some(4));
    // And a longer overlap finds it
    let patient = project.source("overlap_seconds = 10800");
    assert_eq!(read_to_end(&patient, &log).await.unwrap().0.appended, 1);
}

#[tokio::test]
async fn what_comes_while_a_round_goes_on_is_found() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    let rows: Vec<_> = (10..40).map(|n| (n, n, n)).collect();
    project.add(&rows).await;
    let source = project.source("page_rows = 10");
    // When rows appear before, at and after the place that is being read
    source.pull(&log.log).await.unwrap();
    project.add(&[(1, 1, 1), (2, 20, 20), (41, 60, 60)]).await;
    read_to_end(&source, &log).await.unwrap();
    read_to_end(&source, &log).await.unwrap();
    let expected: Vec<u64> = [1, 2].into_iter().chain(10..40).chain([41]).collect();
    assert_eq!(numbers(&log).await, expected);
}

#[tokio::test]
async fn the_same_uuid_twice_is_one_event_and_for_another_event_it_is_named() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    // Given PostHog has not collapsed a repeat, and a client used an id on two days
    project.add(&[(1, 5, 5), (1, 5, 5), (1, 5, 90), (2, 6, 6), (2, 80_000, 80_000)]).await;
    let source = project.source("page_rows = 2");
    let (sum, _) = read_to_end(&source, &log).await.unwrap();
    assert_eq!((sum.appended, sum.rejected), (2, 1));
    assert_eq!(numbers(&log).await, [1, 2]);
    let kept = log.log.store().get_rejections(Some("posthog"), 10).await.unwrap();
    assert_eq!(kept[0].place, uuid(2));
    assert_eq!(source.count(0, NOW_US).await.unwrap(), Some(2));
}

#[tokio::test]
async fn only_the_events_that_are_asked_for_come_and_other_settings_read_anew() {
    let (project, log) = (Project::with_export().await, TestLog::new().await);
    let names = "events = [\"pull_merged\", \"it's; DROP TABLE events\"]";
    let source = project.source(names);
    let (sum, _) = read_to_end(&source, &log).await.unwrap();
    let merged = log.log.get_events(Range::ALL).await.unwrap();
    assert!(sum.appended > 700 && merged.iter().all(|event| event.name == "pull_merged"));
    assert_eq!(source.count(0, NOW_US).await.unwrap(), Some(sum.appended));
    // When all are asked for, what was before the cursor comes too
    let all = project.source("");
    assert_eq!(read_to_end(&all, &log).await.unwrap().0.appended, 22_038 - sum.appended);
    assert!(log.log.get_events(Range::ALL).await.unwrap() == real_export::events().await);
}

#[tokio::test]
async fn what_happened_before_the_start_is_not_asked_for() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    project.add(&[(1, 3_599, 9_000), (2, 3_600, 9_001)]).await;
    let text = project.toml("").replace("2017-01-01T00:00:00Z", &time(3_600));
    let source = source(toml::from_str(&text).unwrap(), &project.key, PATIENCE).unwrap();
    assert_eq!(read_to_end(&source, &log).await.unwrap().0, receipt(1, 1, 0, 0));
    assert_eq!(source.count(0, NOW_US).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_source_is_synced_until_an_overlap_before_its_round_and_no_sooner() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    let synced = async || {
        let cursor = log.log.store().get_cursor("posthog", "").await.unwrap();
        cursor.unwrap().synced_until_us
    };
    project.add(&[(1, 1, 1), (2, 2, 2), (3, 3, 3)]).await;
    let source = project.source("page_rows = 1\noverlap_seconds = 7200");
    // While the first round goes on, nothing is certain that was before it
    source.pull(&log.log).await.unwrap();
    let start_us = 1_483_228_800_000_000;
    assert_eq!(synced().await, start_us);
    read_to_end(&source, &log).await.unwrap();
    assert_eq!(synced().await, NOW_US - 2 * HOUR_US);
    // And while the second goes on, what the first one said holds
    log.clock.set(NOW_US + HOUR_US);
    source.pull(&log.log).await.unwrap();
    assert_eq!(synced().await, NOW_US - 2 * HOUR_US);
    read_to_end(&source, &log).await.unwrap();
    assert_eq!(synced().await, NOW_US - HOUR_US);
    // When other events are asked for, nothing of it holds
    let other = project.source("page_rows = 1\nevents = [\"comment_created\"]");
    other.pull(&log.log).await.unwrap();
    assert_eq!(synced().await, start_us);
}

#[tokio::test]
async fn an_empty_project_is_soon_read() {
    let (project, log) = (Project::new().await, TestLog::new().await);
    let source = project.source("");
    let (sum, pages) = read_to_end(&source, &log).await.unwrap();
    assert_eq!(sum, receipt(0, 0, 0, 0));
    assert!(pages < 10, "{pages}");
    // And from then on by one request a round
    assert_eq!(read_to_end(&source, &log).await.unwrap().1, 1);
    project.add(&[(1, 1, 1)]).await;
    assert_eq!(read_to_end(&source, &log).await.unwrap().0.appended, 1);
}

#[tokio::test]
async fn two_readers_of_one_source_double_nothing() {
    let (project, log) = (Project::with_export().await, TestLog::new().await);
    let source = project.source("page_rows = 3001");
    let reader = async || {
        let mut moved = 0;
        loop {
            match source.pull(&log.log).await {
                Ok(pulled) if pulled.caught_up => break moved,
                Ok(_) => {}
                Err(PullError::Log(LogError::CursorMoved { .. })) => moved += 1,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let (first, second) = tokio::join!(reader(), reader());
    assert!(first + second > 0, "they never met");
    assert!(log.log.get_events(Range::ALL).await.unwrap() == real_export::events().await);
    let counts = log.log.store().get_source_counts().await.unwrap();
    assert_eq!(counts[0].appended, 22_038);
}
