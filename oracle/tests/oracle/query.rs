//! SQL over the log says what the log's own reading says, and changes nothing.

use std::collections::BTreeMap;
use std::process::Command;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use arrow::util::pretty::pretty_format_batches;
use futures::TryStreamExt;
use system_token_oracle::segments::{EventLog, Range};

use crate::log::TestLog;
use crate::real_export::EXPORT;

async fn ask(log: &EventLog, sql: &str) -> Result<Vec<RecordBatch>, String> {
    let answer = log.query(sql).await.map_err(|error| error.to_string())?;
    answer.try_collect().await.map_err(|error| error.to_string())
}

/// The numbers of an answer's first column, by the text of its second.
fn by_text(answer: &[RecordBatch]) -> BTreeMap<String, i64> {
    let rows = answer.iter().flat_map(|rows| {
        let numbers = rows.column(0).as_primitive::<Int64Type>().values().to_vec();
        let names = rows.column(1).as_string::<i32>().iter().map(|name| name.unwrap().to_owned());
        names.zip(numbers).collect::<Vec<_>>()
    });
    rows.collect()
}

async fn count(log: &EventLog) -> i64 {
    let answer = ask(log, "SELECT count(*), 'all' FROM events").await.unwrap();
    by_text(&answer)["all"]
}

#[tokio::test]
async fn an_answer_is_what_the_logs_own_reading_gives() {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    let events = log.log.get_events(Range::ALL).await.unwrap();

    let answer = ask(&log.log, "SELECT count(*), name FROM events GROUP BY name").await.unwrap();
    let mut expected = BTreeMap::new();
    for event in &events {
        *expected.entry(event.name.clone()).or_insert(0) += 1;
    }
    assert_eq!(by_text(&answer), expected);

    // Properties are read as JSON
    let answer = "SELECT count(*), properties->>'verdict' AS verdict FROM events \
                  WHERE name = 'review_submitted' GROUP BY verdict";
    let answer = by_text(&ask(&log.log, answer).await.unwrap());
    let verdicts = events.iter().filter(|event| event.name == "review_submitted");
    let mut expected = BTreeMap::new();
    for event in verdicts {
        let verdict = event.properties["verdict"].as_str().unwrap();
        *expected.entry(verdict.to_owned()).or_insert(0) += 1;
    }
    assert!(expected.len() > 1);
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn times_are_times() {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    let sql = "SELECT min(at) AS first, max(at) AS last FROM events \
               WHERE at >= TIMESTAMP '2018-03-01T00:00:00Z' AND at < TIMESTAMP '2018-04-01T00:00:00Z'";
    let table = pretty_format_batches(&ask(&log.log, sql).await.unwrap()).unwrap().to_string();
    let row = table.lines().nth(3).unwrap();
    assert!(row.starts_with("| 2018-03-01T") && row.contains(" | 2018-03-31T"), "{table}");
}

#[tokio::test]
async fn a_source_is_counted_within_a_range() {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    let events = log.log.get_events(Range::ALL).await.unwrap();
    let (from_us, to_us) = (events[1_000].at_us, events[9_000].at_us);
    let within: Vec<_> =
        events.iter().filter(|event| (from_us..to_us).contains(&event.at_us)).collect();
    let count = async |source, names: &[&str], from_us, to_us| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        log.log.count_events(source, &names, from_us, to_us).await.unwrap() as usize
    };
    assert_eq!(count("posthog", &[], from_us, to_us).await, within.len());
    let pulls = within.iter().filter(|event| event.name.starts_with("pull_")).count();
    assert_eq!(count("posthog", &["pull_opened", "pull_merged"], from_us, to_us).await, pulls);
    assert_eq!(count("posthog", &[], to_us, from_us).await, 0);
    assert_eq!(count("discourse", &[], from_us, to_us).await, 0);
}

#[tokio::test]
async fn merged_segments_are_not_counted_again() {
    let log = TestLog::new().await;
    let line = |id: u32| {
        format!(
            r#"{{"uuid":"{id}","event":"e","distinct_id":"m","timestamp":"2018-01-01T00:00:00Z"}}"#
        )
    };
    assert_eq!(count(&log.log).await, 0, "an empty log has an answer");
    for id in 0..8 {
        log.import(line(id)).await;
    }
    assert_eq!(log.log.compact().await.unwrap().merged, 8);
    assert_eq!(count(&log.log).await, 8);
}

#[tokio::test]
async fn a_query_changes_nothing_and_reads_nothing_else() {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    let events = count(&log.log).await;
    let stolen = log.folder.path().join("stolen.csv");
    let export = log.folder.path().join("export.jsonl");
    for sql in [
        "DELETE FROM events".to_owned(),
        "INSERT INTO events SELECT * FROM events".to_owned(),
        "INSERT INTO segment_rows SELECT * FROM segment_rows".to_owned(),
        "DROP VIEW events".to_owned(),
        "CREATE TABLE mine AS SELECT * FROM events".to_owned(),
        "CREATE EXTERNAL TABLE mine STORED AS PARQUET LOCATION '/'".to_owned(),
        format!("COPY events TO '{}'", stolen.display()),
        format!("SELECT * FROM '{}'", export.display()),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "SELECT count(*) FROM events; SELECT 1".to_owned(),
        "SELECT nonsense FROM events".to_owned(),
    ] {
        let refusal = ask(&log.log, &sql).await.unwrap_err();
        assert!(refusal.starts_with("the query failed: "), "{sql}: {refusal}");
    }
    assert!(!stolen.exists());
    assert_eq!(count(&log.log).await, events);
}

#[tokio::test]
async fn a_damaged_segment_is_named_instead_of_read() {
    let log = TestLog::new().await;
    log.import(EXPORT).await;
    let folder = log.folder.path().join("segments");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let segment = files.filter(|path| path.extension().is_some_and(|kind| kind == "parquet"));
    let segment = segment.collect::<Vec<_>>().remove(0);
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[1_000] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    // Another process, which has not checked it yet
    let other = EventLog::open(log.log.store().clone(), &folder, log.clock.clone()).unwrap();
    let refusal = ask(&other, "SELECT count(*), 'all' FROM events").await.unwrap_err();
    assert!(refusal.contains(&segment.display().to_string()), "{refusal}");
}

#[test]
fn the_command_prints_a_table_values_or_objects() {
    // A folder whose name a pattern could be
    let home = tempfile::Builder::new().prefix("a [b]*?").tempdir().unwrap();
    std::fs::write(home.path().join("export.jsonl.gz"), EXPORT).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        command.current_dir(home.path()).args(arguments);
        command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG");
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{error}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["import", "export.jsonl.gz"]);
    let sql = "SELECT name, count(*) AS events FROM events \
               WHERE name LIKE 'pull%' GROUP BY name ORDER BY name";
    let table = "\
+-------------+--------+
| name        | events |
+-------------+--------+
| pull_merged | 739    |
| pull_opened | 947    |
+-------------+--------+
";
    assert_eq!(run(&["query", sql]), table);
    let values = "name,events\npull_merged,739\npull_opened,947\n";
    assert_eq!(run(&["query", "--csv", sql]), values);
    let objects =
        "{\"name\":\"pull_merged\",\"events\":739}\n{\"name\":\"pull_opened\",\"events\":947}\n";
    assert_eq!(run(&["--output", "json", "query", sql]), objects);
    let none = "SELECT name FROM events WHERE false";
    assert_eq!(run(&["query", "--csv", none]), "name\n");
    assert_eq!(run(&["--output", "json", "query", none]), "");
}
