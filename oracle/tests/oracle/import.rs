//! Files into the log: every event once, and every bad line named.

use system_token_oracle::segments::{Compaction, Range, Receipt, Tidied};

use crate::log::{NOW_US, TestLog, import_rules};
use crate::real_export::EXPORT;

const FIRST: &str = r#"{"uuid":"00000000-0000-0000-0000-000000000001","event":"pull_opened","distinct_id":"a","timestamp":"2018-01-01T00:00:01Z","properties":{"x":1}}"#;
const SECOND: &str = r#"{"uuid":"00000000-0000-0000-0000-000000000002","event":"pull_opened","distinct_id":"b","timestamp":"2018-01-01T00:00:00Z"}"#;

fn receipt(read: u64, appended: u64, repeated: u64, rejected: u64) -> Receipt {
    Receipt { read, appended, repeated, rejected }
}

#[tokio::test]
async fn the_real_export_is_in_the_log_once_however_often_it_is_read() {
    let log = TestLog::new().await;
    assert_eq!(log.import(EXPORT).await.receipt, receipt(22_229, 22_038, 191, 0));
    assert_eq!(log.import(EXPORT).await.receipt, receipt(22_229, 0, 22_229, 0));
    let events = log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(events.len(), 22_038);
    assert!(events.is_sorted_by_key(|event| (event.at_us, event.id())));
}

#[tokio::test]
async fn damaged_lines_are_rejected_by_number_and_the_rest_goes_on() {
    let log = TestLog::new().await;
    let text = format!(
        "{FIRST}\n{{\"uuid\n\n{}\n{}\n{}\n{SECOND}",
        FIRST.replace("\"a\"", "\"\""),
        FIRST.replace("2018-01-01T00:00:01Z", "yesterday"),
        FIRST.replace("pull_opened", ""),
    );
    let imported = log.import(&text).await;
    assert_eq!(imported.receipt, receipt(6, 2, 0, 4));
    let places: Vec<_> = imported.rejections.iter().map(|found| found.place.as_str()).collect();
    let expected = [2, 4, 5, 6].map(|line| format!("export.jsonl:{line}"));
    assert_eq!(places, expected);
    assert_eq!(imported.rejections[1].reason, "its actor is empty");
    assert!(imported.rejections[2].reason.contains("`yesterday` is not a time"));
    // Each is in the table, with what was delivered
    let kept = log.log.store().get_rejections(Some("posthog"), 10).await.unwrap();
    assert_eq!(kept.len(), 4);
    assert!(kept.iter().any(|rejection| rejection.raw == "{\"uuid"));
}

#[tokio::test]
async fn what_no_reader_takes_is_a_bad_line_and_the_log_stays_readable() {
    let log = TestLog::new().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let values = [
        &deep,
        "1e999",
        "1E+0400",
        &"9".repeat(400),
        "\"\\ud800\"",
        "\"\u{1}\"",
        "\"\\x\"",
        "01",
        "1.",
        "tru",
        "nul",
        "-",
        "{\"a\"}",
        "[1,]",
        "\"\\u12\"",
        "+1",
        "NaN",
        "{1:2}",
        ".5",
        "1e",
        "\"\t\"",
    ];
    let lines: Vec<_> = (0..)
        .zip(values)
        .map(|(n, value)| {
            let line = FIRST.replace("00000001\"", &format!("{:08}\"", n + 100));
            line.replace(r#"{"x":1}"#, &format!("{{\"x\":{value}}}"))
        })
        .collect();
    let imported = log.import(format!("{}\n{SECOND}\n", lines.join("\n"))).await;
    let read = log.log.get_events(Range::ALL).await;
    assert_eq!(read.unwrap().len(), 1, "{:?}", imported.receipt);
    assert_eq!(imported.receipt, receipt(22, 1, 0, 21));
}

#[tokio::test]
async fn a_line_without_end_is_rejected_without_being_held() {
    let log = TestLog::new().await;
    let imported = log.import(format!("{}\n{SECOND}\n", "x".repeat(9 << 20))).await;
    assert_eq!(imported.receipt, receipt(2, 1, 0, 1));
    assert_eq!(imported.rejections[0].reason, "longer than 1048576 bytes");
}

#[tokio::test]
async fn invalid_utf8_is_one_bad_line() {
    let log = TestLog::new().await;
    let mut bytes = FIRST.as_bytes().to_vec();
    bytes.extend_from_slice(b"\n{\"uuid\":\"\xff\xfe\"}\n");
    bytes.extend_from_slice(SECOND.as_bytes());
    assert_eq!(log.import(bytes).await.receipt, receipt(3, 2, 0, 1));
}

#[tokio::test]
async fn a_damaged_gzip_stream_is_an_error_that_names_the_line_and_keeps_what_came_before() {
    let log = TestLog::new().await;
    let path = log.folder.path().join("half.gz");
    std::fs::write(&path, &EXPORT[..EXPORT.len() / 2]).unwrap();
    let error = import_rules().read(&log.log, &path).await.unwrap_err();
    assert!(error.to_string().starts_with("line "), "{error}");
}

#[tokio::test]
async fn the_same_uuid_in_other_letters_is_the_same_event() {
    let log = TestLog::new().await;
    let upper = FIRST.replace("0001\"", "000A\"");
    let lower = FIRST.replace("0001\"", "000a\"");
    assert_eq!(log.import(format!("{upper}\n{lower}")).await.receipt, receipt(2, 1, 1, 0));
}

#[tokio::test]
async fn an_id_that_is_used_for_two_events_keeps_the_first_and_names_the_second() {
    let log = TestLog::new().await;
    let other_day = FIRST.replace("2018-01-01", "2018-03-01");
    // Given both in one file, and again in two files
    let together = log.import(format!("{FIRST}\n{other_day}\n")).await;
    assert_eq!(together.receipt, receipt(2, 1, 0, 1));
    let later = log.import(&other_day).await;
    assert_eq!(later.receipt, receipt(1, 0, 0, 1));
    // Then the first one stays
    let events = log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].at_us, 1_514_764_801_000_000);
    let kept = log.log.store().get_rejections(None, 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].reason.starts_with("its id belongs to another event"));
}

#[tokio::test]
async fn properties_that_are_text_within_text_are_read() {
    let log = TestLog::new().await;
    let text = FIRST.replace(r#"{"x":1}"#, r#""{\"x\":1}""#);
    let bad =
        SECOND.replace(r#""2018-01-01T00:00:00Z""#, r#""2018-01-01T00:00:00Z","properties":[1]"#);
    let imported = log.import(format!("{text}\n{bad}")).await;
    assert_eq!(imported.receipt, receipt(2, 1, 0, 1));
    assert_eq!(imported.rejections[0].reason, "its properties are no object");
    let events = log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(events[0].count("x"), Some(1));
}

#[tokio::test]
async fn compaction_and_garbage_leave_the_events_as_they_are() {
    let log = TestLog::new().await;
    let lines = String::from_utf8(unzipped()).unwrap();
    let lines: Vec<_> = lines.lines().take(2_000).collect();
    for chunk in lines.chunks(100) {
        log.import(chunk.join("\n")).await;
    }
    let before = log.log.get_events(Range::ALL).await.unwrap();
    let compaction = Compaction { merged: 16, written: 2 };
    assert_eq!(log.log.tidy().await.unwrap(), Tidied { compaction, removed_files: 0 });
    // Merged files stay for those who are reading them, for an hour
    let (nothing, hour_us) = (Compaction::default(), 3_600_000_000);
    for (now_us, removed_files) in [(NOW_US + hour_us, 0), (NOW_US + hour_us + 1, 32)] {
        log.clock.set(now_us);
        let tidied = Tidied { compaction: nothing, removed_files };
        assert_eq!(log.log.tidy().await.unwrap(), tidied);
    }
    assert_eq!(log.log.get_events(Range::ALL).await.unwrap(), before);
    // And what is delivered again is still known
    let again = log.import(lines.join("\n")).await;
    assert_eq!(again.receipt.appended, 0);
}

/// The real export's lines.
pub(crate) fn unzipped() -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(EXPORT), &mut bytes).unwrap();
    bytes
}
