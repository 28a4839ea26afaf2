//! Of a member's day so many events count, whatever the order in which they came.

use std::process::Command;

use serde_json::Value;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::identity::{Alias, Members};
use system_token_oracle::segments::{DailyLimits, Range, Who};

use crate::log::{NOW_US, TestLog};

/// A line of an export: number of the uuid, actor, time.
fn line(number: u32, actor: &str, time: &str) -> String {
    format!(
        "{{\"uuid\":\"00000000-0000-0000-0000-{number:012}\",\"event\":\"post_created\",\
         \"distinct_id\":\"{actor}\",\"timestamp\":\"{time}\"}}\n"
    )
}

/// Ten seconds of one day, in which three people do something in turn.
fn day() -> Vec<String> {
    let actors = ["anna", "anna-at-work", "boris"];
    let line = |n: u32| line(n, actors[n as usize % 3], &format!("2018-01-01T00:00:{:02}Z", n / 3));
    (0..30).map(line).collect()
}

/// Anna under both of her ids.
fn members() -> Members {
    let mut members = Members::default();
    let anna = members.add(Alias::new("posthog", "anna")).unwrap();
    let also = members.add(Alias::new("posthog", "anna-at-work")).unwrap();
    members.merge(also, anna).unwrap();
    members
}

#[tokio::test]
async fn every_order_of_delivery_leaves_the_same_events_in_quarantine() {
    let limits = DailyLimits { general: Some(7), ..DailyLimits::default() };
    let mut found = Vec::new();
    for rotated in [0, 11, 29] {
        let log = TestLog::new().await;
        let mut lines = day();
        lines.rotate_left(rotated);
        for lines in lines.chunks(4).rev() {
            log.import(lines.concat()).await;
        }
        found.push(log.log.get_events_apart(Range::ALL, &limits, &members()).await.unwrap());
    }
    assert!(found[0] == found[1] && found[1] == found[2]);
    // Of both of Anna's ids together the first seven count, and of Boris, who is no member, seven
    let of = |actors: &[&str]| {
        found[0].counted.iter().filter(|event| actors.contains(&event.actor.as_str())).count()
    };
    assert_eq!((of(&["anna", "anna-at-work"]), of(&["boris"])), (7, 7));
    let last = found[0].counted.iter().rfind(|event| event.actor.starts_with("anna")).unwrap();
    assert_eq!((last.at_us, last.actor.as_str()), (1_514_764_803_000_000, "anna"));
    let waiting = &found[0].quarantined;
    assert_eq!(waiting.len(), 13 + 3);
    assert_eq!(waiting.iter().filter(|found| found.who == Who::Member(0)).count(), 13);
    assert!(
        waiting.iter().all(|found| found.limit == 7 && found.day_us() == 1_514_764_800_000_000)
    );
}

#[tokio::test]
async fn a_range_that_begins_within_a_day_counts_from_midnight() {
    let log = TestLog::new().await;
    log.import(day().concat()).await;
    let limits = DailyLimits { general: Some(7), ..DailyLimits::default() };
    let range = Range { from_us: 1_514_764_806_000_000, to_us: NOW_US };
    let apart = log.log.get_events_apart(range, &limits, &Members::default()).await.unwrap();
    // Of each of three actors the seventh, at second 6, and then no more
    assert_eq!((apart.counted.len(), apart.quarantined.len()), (3, 9));
    assert!(apart.counted.iter().all(|event| event.at_us == range.from_us));
}

#[test]
fn the_status_and_a_list_say_whose_events_wait_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let config = "integrity = { max_events_per_day = 2 }\n\n[[source]]\nname = \"posthog\"\n\
        kind = \"files\"\nlocation = \"none\"\n\n[[source]]\nname = \"app\"\n\
        kind = \"files\"\nlocation = \"none\"\nintegrity = { max_events_per_day = 4 }\n";
    std::fs::write(folder.path().join("oracle.toml"), config).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        command.args(arguments).current_dir(folder.path());
        let output = command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // Given five events of yesterday in each source, and a member with both ids
    let yesterday = jiff::Timestamp::from_microsecond(SystemClock.now_us() - 86_400_000_000);
    let day = yesterday.unwrap().strftime("%Y-%m-%d").to_string();
    let lines: Vec<_> = (0..5).map(|n| line(n, "anna", &format!("{day}T00:00:0{n}Z"))).collect();
    std::fs::write(folder.path().join("export.jsonl"), lines.concat()).unwrap();
    let members = "member,source,external_id,roles\nanna,posthog,anna,\n";
    std::fs::write(folder.path().join("members.csv"), members).unwrap();
    run(&["import", "export.jsonl"]);
    run(&["import", "--source", "app", "export.jsonl"]);
    run(&["members", "import", "members.csv"]);
    // Then each source keeps to its own limit
    let status: Value = serde_json::from_str(&run(&["status", "--output", "json"])).unwrap();
    let quarantined: Vec<_> =
        (0..2).map(|n| status["sources"][n]["quarantined"].as_u64().unwrap()).collect();
    assert_eq!(quarantined, [3, 1]);
    let text = run(&["status"]);
    let why =
        "in quarantine: past the limit of 4 events of one member on one UTC day, in this source";
    assert!(text.contains(why), "{text}");
    // And the list says whose they are
    let listed = run(&["quarantine"]);
    let expected = format!(
        "{day}  member 0  posthog: 3 events past the limit of 2 a day\n\
         {day}  app:anna  app: 1 events past the limit of 4 a day\n"
    );
    assert_eq!(listed, expected);
    let json = run(&["quarantine", "--output", "json"]);
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&first["member"], &first["past_the_limit"]), (&0.into(), &3.into()));
    assert!(run(&["quarantine", "--days", "0"]).starts_with("No event of the last 0 days"));
}
