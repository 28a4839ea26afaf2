//! Parquet, rows of other tools, folders and buckets.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use parquet::arrow::ArrowWriter;
use system_token_oracle::config::{ColumnNames, FilesSettings};
use system_token_oracle::ingest::file::{FileImport, FilesSource, Imported};
use system_token_oracle::ingest::pull::{PullError, PullSource};
use system_token_oracle::ingest::{PersonalData, PersonalField, Salt};
use system_token_oracle::segments::{LogError, Range, Receipt};

use crate::import::unzipped;
use crate::log::{TestLog, import_rules};
use crate::s3::{self, S3Server};

/// Two seconds after the beginning of 2018, UTC microseconds.
const AT_US: i64 = 1_514_764_802_000_000;

pub(crate) type Column = (&'static str, ArrayRef);

pub(crate) fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// PostHog's columns with two events.
fn columns(timestamp: ArrayRef) -> Vec<Column> {
    vec![
        ("uuid", text(&[Some("00000000-0000-0000-0000-00000000000A"), Some("b")])),
        ("timestamp", timestamp),
        ("_inserted_at", Arc::new(Int64Array::from(vec![1, 2]))),
        ("event", text(&[Some("pull_opened"), Some("pull_merged")])),
        ("properties", text(&[Some(r#"{"x":1,"$ip":"::1"}"#), None])),
        ("distinct_id", text(&[Some("anna"), Some("boris")])),
    ]
}

pub(crate) fn parquet(columns: Vec<Column>) -> Vec<u8> {
    let rows = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    bytes
}

fn receipt(read: u64, appended: u64, repeated: u64, rejected: u64) -> Receipt {
    Receipt { read, appended, repeated, rejected }
}

async fn read(log: &TestLog, import: &FileImport, content: &[u8]) -> Imported {
    try_read(log, import, content).await.unwrap()
}

async fn try_read(log: &TestLog, import: &FileImport, content: &[u8]) -> Result<Imported, String> {
    let path = log.folder.path().join("rows");
    std::fs::write(&path, content).unwrap();
    import.read(&log.log, &path).await.map_err(|error| error.to_string())
}

async fn refused(columns: Vec<Column>) -> String {
    try_read(&TestLog::new().await, &import_rules(), &parquet(columns)).await.unwrap_err()
}

#[tokio::test]
async fn a_missing_column_and_one_of_another_type_are_named() {
    let times = || text(&[Some("2018-01-01T00:00:02Z"), Some("2018-01-01T00:00:02Z")]);
    for missing in ["uuid", "timestamp", "event", "properties", "distinct_id"] {
        let mut columns = columns(times());
        columns.retain(|(name, _)| *name != missing);
        let error = refused(columns).await;
        assert!(error.starts_with(&format!("it has no column `{missing}`; it has ")), "{error}");
        assert!(error.contains("_inserted_at"), "{error}");
    }
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let error = refused(columns(numbers)).await;
    assert_eq!(error, "its column `timestamp` holds Int64 and should hold times or text");
}

#[tokio::test]
async fn a_damaged_parquet_file_is_an_error() {
    let log = TestLog::new().await;
    let whole = parquet(columns(text(&[Some("2018-01-01 00:00:02"), Some("2018-01-01 00:00:02")])));
    for cut in [4, 5, whole.len() / 2, whole.len() - 1] {
        let error = try_read(&log, &import_rules(), &whole[..cut]).await.unwrap_err();
        assert!(error.starts_with("it starts as Parquet and cannot be read: "), "{cut}: {error}");
    }
    let mut bytes = whole.clone();
    bytes[8..80].fill(0xff);
    assert!(try_read(&log, &import_rules(), &bytes).await.is_err());
    assert_eq!(read(&log, &import_rules(), &whole).await.receipt, receipt(2, 2, 0, 0));
}

#[tokio::test]
async fn bad_rows_of_parquet_are_rejected_by_number() {
    let log = TestLog::new().await;
    let mut columns = columns(text(&[Some("2018-01-01T00:00:02Z"), Some("yesterday")]));
    columns[4].1 = text(&[Some("[1]"), Some(r#"{"phone":"+7"}"#)]);
    let imported = read(&log, &import_rules(), &parquet(columns)).await;
    assert_eq!(imported.receipt, receipt(2, 0, 0, 2));
    let told: Vec<_> =
        imported.rejections.iter().map(|found| (&*found.place, &*found.reason)).collect();
    assert_eq!(told[0], ("rows:1", "its properties are no object"));
    assert_eq!(told[1].0, "rows:2");
    assert!(told[1].1.contains("`yesterday` is not a time"), "{}", told[1].1);
    assert!(!imported.rejections[1].raw.contains("+7"), "{}", imported.rejections[1].raw);
}

#[tokio::test]
async fn times_of_every_unit_and_zone_are_the_same_time() {
    let seconds = AT_US / 1_000_000;
    let of = |per_second: i64| vec![seconds * per_second; 2];
    let variants: Vec<ArrayRef> = vec![
        text(&[Some("2018-01-01T00:00:02Z"), Some("2018-01-01T05:00:02+05:00")]),
        Arc::new(TimestampSecondArray::from(of(1))),
        Arc::new(TimestampMillisecondArray::from(of(1_000)).with_timezone("UTC")),
        Arc::new(TimestampMicrosecondArray::from(of(1_000_000)).with_timezone("Europe/Moscow")),
        Arc::new(TimestampNanosecondArray::from(of(1_000_000_000)).with_timezone("+05:00")),
    ];
    for times in variants {
        let log = TestLog::new().await;
        let imported = read(&log, &import_rules(), &parquet(columns(times.clone()))).await;
        assert_eq!(imported.receipt, receipt(2, 2, 0, 0), "{:?}", times.data_type());
        let events = log.log.get_events(Range::ALL).await.unwrap();
        assert!(events.iter().all(|event| event.at_us == AT_US), "{:?}", times.data_type());
        assert_eq!(events[0].external_id, "00000000-0000-0000-0000-00000000000a");
        assert_eq!((events[0].count("x"), events[0].properties.len()), (Some(1), 1));
        assert!(events[1].properties.is_empty());
    }
}

#[tokio::test]
async fn the_real_export_as_parquet_gives_the_same_events() {
    let mut values: [Vec<String>; 5] = Default::default();
    for line in String::from_utf8(unzipped()).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let names = ["uuid", "event", "distinct_id", "timestamp"];
        for (name, values) in names.iter().zip(&mut values) {
            values.push(row[name].as_str().unwrap().to_owned());
        }
        values[4].push(row["properties"].to_string());
    }
    let names = ["uuid", "event", "distinct_id", "timestamp", "properties"];
    let columns = names.into_iter().zip(values).map(|(name, values)| {
        let column: ArrayRef = Arc::new(StringArray::from(values));
        (name, column)
    });
    let bytes = parquet(columns.collect());
    let (lines, rows) = (TestLog::new().await, TestLog::new().await);
    lines.import(unzipped()).await;
    let imported = read(&rows, &import_rules(), &bytes).await;
    assert_eq!(imported.receipt, receipt(22_229, 22_038, 191, 0));
    let expected = lines.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(rows.log.get_events(Range::ALL).await.unwrap(), expected);
}

#[tokio::test]
async fn a_file_of_something_else_is_an_error() {
    let log = TestLog::new().await;
    let error = try_read(&log, &import_rules(), b"\x7fELF\x02\x01\x01\0\0\0").await.unwrap_err();
    assert!(error.starts_with("it is no export: "), "{error}");
}

#[tokio::test]
async fn compression_is_seen_from_the_first_bytes() {
    let log = TestLog::new().await;
    let text = unzipped();
    let zstd = zstd::encode_all(&text[..], 1).unwrap();
    assert_eq!(read(&log, &import_rules(), &zstd).await.receipt.appended, 22_038);
    // Several gzip members, one after the other
    let mut gzip = Vec::new();
    for half in [&text[..text.len() / 2], &text[text.len() / 2..]] {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(half).unwrap();
        gzip.extend(encoder.finish().unwrap());
    }
    assert_eq!(read(&log, &import_rules(), &gzip).await.receipt, receipt(22_229, 0, 22_229, 0));
    let error = try_read(&log, &import_rules(), &zstd[..zstd.len() / 2]).await.unwrap_err();
    assert!(error.starts_with("line "), "{error}");
}

/// How the learning platform lays out its rows.
fn platform() -> FileImport {
    let columns = ColumnNames {
        id: "action_id".to_owned(),
        event: "action".to_owned(),
        actor: "user_id".to_owned(),
        time: "done_at".to_owned(),
        properties: String::new(),
        derive_missing_ids: true,
    };
    FileImport { columns, ..import_rules() }
}

const LESSON: &str = r#"{"action_id":17,"action":"TEXT","user_id":42,"done_at":"2026-02-01T10:00+05:00[Asia/Yekaterinburg]","course":"ST","minutes":12}"#;
const NO_ID: &str = r#"{"action":"TEST","user_id":42,"done_at":"2026-02-01T10:05+05:00[Asia/Yekaterinburg]","course":"ST","score":5}"#;

#[tokio::test]
async fn rows_of_another_tool_are_read_by_their_own_names() {
    let log = TestLog::new().await;
    let imported = read(&log, &platform(), format!("{LESSON}\n{NO_ID}\n").as_bytes()).await;
    assert_eq!(imported.receipt, receipt(2, 2, 0, 0));
    let events = log.log.get_events(Range::ALL).await.unwrap();
    let first = &events[0];
    assert_eq!((&*first.external_id, &*first.name, &*first.actor), ("17", "TEXT", "42"));
    assert_eq!(first.at_us, 1_769_922_000_000_000);
    assert_eq!((first.text("course"), first.count("minutes")), (Some("ST"), Some(12)));
    assert_eq!(first.properties.len(), 2);
    assert!(events[1].external_id.starts_with("derived-"), "{}", events[1].external_id);
}

#[tokio::test]
async fn a_row_without_an_id_is_known_by_what_it_says() {
    let log = TestLog::new().await;
    let other_order = r#"{"action_id":null,"score":5,"course":"ST","user_id":42,"done_at":"2026-02-01T05:05:00Z","action":"TEST"}"#;
    let other_score = NO_ID.replace("\"score\":5", "\"score\":4");
    let text = format!("{NO_ID}\n{other_order}\n{other_score}\n");
    assert_eq!(read(&log, &platform(), text.as_bytes()).await.receipt, receipt(3, 2, 1, 0));
    // An id that only looks derived could take the place of a derived one
    let forged = LESSON.replace("17", "\"derived-0123\"");
    let imported = read(&log, &platform(), forged.as_bytes()).await;
    assert_eq!(imported.receipt, receipt(1, 0, 0, 1));
    assert!(imported.rejections[0].reason.contains("starts with `derived-`"));
    // PostHog's events have ids: a row without one is no event
    let posthog = r#"{"event":"e","distinct_id":"a","timestamp":"2018-01-01T00:00:02Z"}"#;
    let imported = read(&log, &import_rules(), posthog.as_bytes()).await;
    assert_eq!(imported.rejections[0].reason, "it has no `uuid`");
}

#[tokio::test]
async fn a_derived_id_does_not_tell_personal_data() {
    let (one, other) = (TestLog::new().await, TestLog::new().await);
    for (log, phone) in [(&one, "+70000000001"), (&other, "+70000000002")] {
        let row = NO_ID.replace("\"score\":5", &format!("\"phone\":\"{phone}\""));
        read(log, &platform(), row.as_bytes()).await;
    }
    let id = async |log: &TestLog| log.log.get_events(Range::ALL).await.unwrap()[0].id();
    assert_eq!(id(&one).await, id(&other).await);
    // With a hash in its place, they are two; and the value is hashed once
    let fields = [("phone".to_owned(), PersonalField::Hash)].into();
    let salt = Salt::new([7; 16]).unwrap();
    let hash = salt.hash("+7");
    let personal_data = PersonalData::new(fields, Some(salt)).unwrap();
    let import = FileImport { personal_data, ..platform() };
    let log = TestLog::new().await;
    let row = NO_ID.replace("\"score\":5", "\"phone\":\"+7\"");
    read(&log, &import, row.as_bytes()).await;
    let events = log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(events[0].text("phone"), Some(&*hash));
}

#[tokio::test]
async fn another_tools_parquet_has_all_other_columns_as_properties() {
    let log = TestLog::new().await;
    let rows = parquet(vec![
        ("user_id", Arc::new(Int64Array::from(vec![42, 43]))),
        ("action", text(&[Some("TEXT"), Some("TEXT")])),
        ("done_at", Arc::new(TimestampMillisecondArray::from(vec![AT_US / 1_000; 2]))),
        ("course", text(&[Some("S\"T"), None])),
        ("minutes", Arc::new(Int64Array::from(vec![12, 13]))),
    ]);
    assert_eq!(read(&log, &platform(), &rows).await.receipt, receipt(2, 2, 0, 0));
    let events = log.log.get_events(Range::ALL).await.unwrap();
    let anna = events.iter().find(|event| event.actor == "42").unwrap();
    assert_eq!((anna.text("course"), anna.count("minutes")), (Some("S\"T"), Some(12)));
    let boris = events.iter().find(|event| event.actor == "43").unwrap();
    assert_eq!((boris.properties.len(), boris.count("minutes")), (1, Some(13)));
}

/// A source of the files in a folder `exports`.
struct Folder {
    log: TestLog,
    source: FilesSource,
}

impl Folder {
    async fn new(batch_rows: usize) -> Self {
        let log = TestLog::new().await;
        let folder = log.folder.path().join("exports");
        std::fs::create_dir(&folder).unwrap();
        let settings = settings(folder.to_str().unwrap(), None);
        let import = FileImport { batch_rows, ..import_rules() };
        Self { source: FilesSource::new(import, &settings).unwrap(), log }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.log.folder.path().join("exports").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    async fn pull(&self) -> Receipt {
        let pulled = self.source.pull(&self.log.log).await.unwrap();
        assert!(pulled.caught_up);
        pulled.receipt
    }

    async fn synced_until_us(&self) -> Option<i64> {
        let cursor = self.log.log.store().get_cursor("posthog", "").await.unwrap();
        cursor.map(|cursor| cursor.synced_until_us)
    }
}

fn settings(location: &str, endpoint: Option<String>) -> FilesSettings {
    FilesSettings {
        location: location.to_owned(),
        endpoint,
        region: Some("eu-central-1".to_owned()),
        columns: ColumnNames::default(),
    }
}

fn lines(from: usize, to: usize) -> String {
    let text = String::from_utf8(unzipped()).unwrap();
    text.lines().skip(from).take(to - from).map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn a_folder_is_read_once_and_again_where_it_changes() {
    let folder = Folder::new(FileImport::BATCH_ROWS).await;
    assert_eq!(folder.pull().await, Receipt::default());
    assert_eq!(folder.synced_until_us().await, None);
    folder.write("2018/01.jsonl", lines(0, 100));
    folder.write("2018/02.jsonl", lines(50, 150));
    folder.write("2018/02_manifest.json", r#"{"files":["01.jsonl"]}"#);
    // Given overlapping windows
    let first = folder.pull().await;
    assert_eq!((first.read, first.appended + first.repeated), (200, 200));
    assert!(first.repeated >= 50);
    let events = folder.log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(folder.synced_until_us().await, events.last().map(|event| event.at_us));
    // What did not change is not read again
    assert_eq!(folder.pull().await, Receipt::default());
    // A file that grows is read again, and a new one
    folder.write("2018/02.jsonl", lines(50, 160));
    folder.write("2018/03.jsonl", lines(160, 170));
    let second = folder.pull().await;
    assert_eq!((second.read, second.rejected), (120, 0));
    let all = folder.log.log.get_events(Range::ALL).await.unwrap().len() as u64;
    assert_eq!(first.appended + second.appended, all);
}

#[tokio::test]
async fn a_damaged_file_is_named_the_others_go_on_and_it_resumes_when_it_is_repaired() {
    let folder = Folder::new(1_000).await;
    let whole = zstd::encode_all(lines(0, 15_000).as_bytes(), 1).unwrap();
    folder.write("1.jsonl.zst", &whole[..whole.len() - 100]);
    folder.write("2.jsonl", "\0\0\0");
    folder.write("3.jsonl", lines(15_000, 15_010));
    for _ in 0..2 {
        let error = folder.source.pull(&folder.log.log).await.unwrap_err();
        let PullError::Fix(problem) = error else { panic!("{error}") };
        assert!(problem.starts_with("1.jsonl.zst: line "), "{problem}");
        assert!(problem.contains("; 2.jsonl: it is no export"), "{problem}");
        // An epoch waits for what could not be read
        assert_eq!(folder.synced_until_us().await, None);
    }
    folder.write("1.jsonl.zst", whole);
    folder.write("2.jsonl", "");
    folder.pull().await;
    let counts = folder.log.log.store().get_source_counts().await.unwrap().remove(0);
    let events = folder.log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(counts.appended, events.len() as u64);
    assert!(folder.synced_until_us().await.is_some());
}

#[tokio::test]
async fn a_file_is_read_on_from_where_it_was_left() {
    let folder = Folder::new(50).await;
    folder.write("1.jsonl", lines(0, 2_000));
    // When reading is stopped after some batches, over and over
    let mut stops = 0;
    loop {
        let before = folder.log.log.store().get_source_counts().await.unwrap();
        let pulling = folder.source.pull(&folder.log.log);
        let moved = async {
            loop {
                let now = folder.log.log.store().get_source_counts().await.unwrap();
                if now != before {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            pulled = pulling => match pulled {
                Ok(_) => break,
                // The batch that was in work when reading was stopped came in after all.
                Err(PullError::Log(LogError::CursorMoved { .. })) => {}
                Err(error) => panic!("{error}"),
            },
            () = moved => stops += 1,
        }
    }
    // Then every row was counted once
    assert!(stops > 10, "{stops}");
    let counts = folder.log.log.store().get_source_counts().await.unwrap().remove(0);
    assert_eq!((counts.read, counts.rejected), (2_000, 0));
    let events = folder.log.log.get_events(Range::ALL).await.unwrap();
    assert_eq!(counts.appended, events.len() as u64);
}

#[tokio::test]
async fn a_bucket_is_read_like_a_folder() {
    if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() {
        s3::run_with_keys("files::a_bucket_is_read_like_a_folder", &[]);
        return;
    }
    let server = S3Server::start("exports").await;
    let put = async |path: &str, content: Vec<u8>| server.put(path, content).await;
    let times = text(&[Some("2018-01-01T00:00:02Z"), Some("2018-01-01T00:00:03Z")]);
    put("exports/posthog/2018/a.parquet", parquet(columns(times))).await.unwrap();
    put("exports/posthog/2018/b.jsonl", lines(0, 100).into_bytes()).await.unwrap();
    put("exports/posthog/2018/c.jsonl.gz", vec![0x1f, 0x8b, 8, 0]).await.unwrap();
    put("exports/other/d.jsonl", b"{".to_vec()).await.unwrap();
    let source = |location: &str| {
        let settings = settings(location, Some(server.endpoint.clone()));
        FilesSource::new(import_rules(), &settings).unwrap()
    };
    let log = TestLog::new().await;
    // A bucket that is not there is somebody's mistake
    let error = source("s3://nowhere/posthog").pull(&log.log).await.unwrap_err();
    assert!(matches!(&error, PullError::Fix(problem) if problem.contains("nowhere")), "{error}");
    // Given a damaged file beside two good ones
    let exports = source("s3://exports/posthog");
    let error = exports.pull(&log.log).await.unwrap_err().to_string();
    assert!(error.starts_with("posthog/2018/c.jsonl.gz: line 1: "), "{error}");
    let counts = log.log.store().get_source_counts().await.unwrap().remove(0);
    assert_eq!((counts.read, counts.rejected), (102, 0));
    // When it is repaired, it alone is read
    let repaired = zstd::encode_all(lines(100, 110).as_bytes(), 1).unwrap();
    put("exports/posthog/2018/c.jsonl.gz", repaired).await.unwrap();
    let pulled = exports.pull(&log.log).await.unwrap();
    assert!(pulled.caught_up);
    assert_eq!(pulled.receipt.read, 10);
    assert_eq!(exports.pull(&log.log).await.unwrap().receipt, Receipt::default());
}
