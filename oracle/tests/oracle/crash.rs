//! The binary is killed, runs beside itself, runs out of room, and finds damaged files: no event is
//! lost, none is there twice.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use system_token_oracle::clock::SystemClock;
use system_token_oracle::ingest::Event;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::store::{SourceCounts, Store};
use tempfile::TempDir;

use crate::import::unzipped;

/// How often the import is killed.
const KILLS: u64 = 100;
/// Lines of the file that is imported, and of a batch: forty commits.
const LINES: usize = 1_600;
const BATCH_ROWS: &str = "40";

/// A folder with a database, a log and files to import.
struct Home(TempDir);

/// Everything that must be as if nothing had happened.
#[derive(Debug, PartialEq)]
struct State {
    events: Vec<Event>,
    rejections: BTreeSet<(String, String)>,
    appended: u64,
    segment_rows: u64,
}

impl Home {
    /// A home in memory where there is a file system for that: what a kill leaves is the same, and a
    /// hundred are faster.
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        command.current_dir(self.0.path()).args(arguments).env("STK_ORACLE_BATCH_ROWS", BATCH_ROWS);
        command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    fn run(&self, arguments: &[&str]) {
        succeeded(&self.command(arguments).output().unwrap());
    }

    async fn log(&self) -> EventLog {
        let url = format!("sqlite://{}?mode=rwc", self.path("stk-oracle.db").display());
        let store = Store::open(&url).await.unwrap();
        let folder = self.path("stk-oracle-data/segments");
        EventLog::open(store, &folder, Arc::new(SystemClock)).unwrap()
    }

    async fn counts(&self) -> Option<SourceCounts> {
        self.log().await.store().get_source_counts().await.unwrap().pop()
    }

    /// The state; files that nothing names are removed on the way, which must change nothing.
    async fn state(&self) -> State {
        let log = self.log().await;
        let events = log.get_events(Range::ALL).await.unwrap();
        log.remove_garbage(i64::MAX).await.unwrap();
        assert_eq!(log.get_events(Range::ALL).await.unwrap(), events);
        let segments = log.store().get_segments(None).await.unwrap();
        let named = segments.iter().flat_map(|segment| {
            ["parquet", "keys"].map(|kind| format!("{}.{kind}", segment.content_hash))
        });
        let expected: BTreeSet<_> = named.chain(["lock".to_owned()]).collect();
        assert_eq!(self.files(), expected);
        let counts = self.counts().await.unwrap();
        assert_eq!(counts.read, counts.appended + counts.repeated + counts.rejected);
        let rejections = log.store().get_rejections(None, 1_000).await.unwrap();
        State {
            events,
            rejections: rejections.into_iter().map(|found| (found.reason, found.raw)).collect(),
            appended: counts.appended,
            segment_rows: segments.iter().map(|segment| segment.row_count).sum(),
        }
    }

    /// The names of the files of the log.
    fn files(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.path("stk-oracle-data/segments")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The segments' files of a kind.
    fn files_of(&self, kind: &str) -> Vec<PathBuf> {
        let files = self.files().into_iter().filter(|name| name.ends_with(kind));
        files.map(|name| self.path("stk-oracle-data/segments").join(name)).collect()
    }
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Some lines of the real export, with repeats and lines that are turned away.
fn export(from: usize, lines: usize) -> Vec<u8> {
    let text = String::from_utf8(unzipped()).unwrap();
    let mut lines: Vec<_> = text.lines().skip(from).take(lines).map(str::to_owned).collect();
    for bad in (7..lines.len()).step_by(97) {
        lines[bad] = format!("{{\"uuid\": \"damaged {}", from + bad);
    }
    for repeat in (13..lines.len()).step_by(41) {
        lines[repeat] = lines[repeat / 2].clone();
    }
    lines.join("\n").into_bytes()
}

/// SplitMix64: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn delay(&mut self, at_most: Duration) -> Duration {
        at_most * u32::try_from(self.next() % 1_000).unwrap() / 1_000
    }
}

/// Kills a process some time after its start, unless it was faster.
fn kill_after(mut child: Child, delay: Duration) {
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a run is timed, to kill others within that time")]
fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Kills imports of one file at random points of their time, some beside a compaction, then lets one
/// run to its end. Says how many were killed between their first batch and their last one.
async fn kill_imports(
    kills: impl Iterator<Item = u64>,
    text: &[u8],
    duration: Duration,
    expected: &State,
) -> u32 {
    let mut midway = 0;
    for kill in kills {
        let mut numbers = Numbers(kill);
        let home = Home::new();
        home.write("export.jsonl", text);
        kill_after(home.start(&["import", "export.jsonl"]), numbers.delay(duration));
        let before = home.counts().await.map_or(0, |counts| counts.appended);
        midway += u32::from(before > 0 && before < expected.appended);
        if kill % 4 < 2 {
            let import = home.start(&["import", "export.jsonl"]);
            kill_after(home.start(&["compact"]), numbers.delay(duration / 2));
            kill_after(import, numbers.delay(duration / 2));
        }
        home.run(&["import", "export.jsonl"]);
        if kill % 2 == 0 {
            home.run(&["compact"]);
        }
        assert_eq!(home.state().await, *expected, "kill {kill}");
    }
    midway
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_a_hundred_points_nothing_is_lost_and_nothing_is_there_twice() {
    let text: Arc<[u8]> = export(0, LINES).into();
    // Given what an uninterrupted run gives
    let whole = Home::new();
    whole.write("export.jsonl", &text);
    let duration = timed(|| whole.run(&["import", "export.jsonl"]));
    let expected = Arc::new(whole.state().await);
    assert!(expected.events.len() > 1_000 && expected.rejections.len() > 10);
    // When imports are killed, then every one ends like it
    let halves = [0, 1].map(|half| {
        let (text, expected) = (text.clone(), expected.clone());
        tokio::spawn(async move {
            kill_imports((half..KILLS).step_by(2), &text, duration, &expected).await
        })
    });
    let mut midway = 0;
    for half in halves {
        midway += half.await.unwrap();
    }
    assert!(midway >= 20, "only {midway} of {KILLS} were killed midway");
}

#[tokio::test]
async fn two_processes_that_import_overlapping_files_at_once_end_with_every_event_once() {
    let apart = Home::new();
    let together = Home::new();
    for home in [&apart, &together] {
        home.write("a.jsonl", &export(0, 1_200));
        home.write("b.jsonl", &export(600, 1_200));
    }
    apart.run(&["import", "a.jsonl", "b.jsonl"]);
    let started = ["a.jsonl", "b.jsonl", "a.jsonl"].map(|file| together.start(&["import", file]));
    for child in started {
        succeeded(&child.wait_with_output().unwrap());
    }
    let (apart, together) = (apart.state().await, together.state().await);
    assert_eq!(apart.events.len() as u64, apart.appended);
    assert_eq!(together, apart);
}

#[tokio::test]
async fn a_full_disk_is_one_clear_error_and_loses_nothing() {
    let home = Home::new();
    home.write("a.jsonl", &export(0, 400));
    home.write("all.jsonl", &unzipped());
    home.run(&["import", "a.jsonl"]);
    let before = home.state().await;
    // When no file may grow beyond 256 KiB, and a segment would
    let limit = "trap '' XFSZ; ulimit -f 256; exec \"$0\" import --batch-rows 50000 all.jsonl";
    let limited = Command::new("bash")
        .args(["-c", limit, env!("CARGO_BIN_EXE_stk-oracle")])
        .current_dir(home.0.path())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&limited.stderr);
    assert_eq!(limited.status.code(), Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("stk-oracle: failed to import all.jsonl: "), "{error}");
    assert!(error.contains("stk-oracle-data/segments: File too large"), "{error}");
    // Then the log is as before, and with room the import succeeds
    assert_eq!(home.state().await, before);
    home.run(&["import", "all.jsonl"]);
    assert_eq!(home.state().await.events.len(), 22_038);
}

#[tokio::test]
async fn a_damaged_segment_is_named_and_never_merged() {
    let home = Home::new();
    // Given segments that would be merged, each with a bit that turned
    home.write("a.jsonl", &export(0, LINES));
    home.run(&["import", "a.jsonl"]);
    let segments = home.files_of(".parquet");
    for segment in &segments {
        let mut bytes = std::fs::read(segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(segment, &bytes).unwrap();
    }
    let named = |error: &str| {
        let names = segments.iter().map(|segment| segment.file_name().unwrap().to_str().unwrap());
        assert_eq!(names.filter(|name| error.contains(name)).count(), 1, "{error}");
        assert!(error.contains("Put the file back from a backup"), "{error}");
    };
    named(&home.log().await.get_events(Range::ALL).await.unwrap_err().to_string());
    let compacted = home.command(&["compact"]).output().unwrap();
    assert_eq!(compacted.status.code(), Some(1));
    named(&String::from_utf8_lossy(&compacted.stderr));
    // One that is gone is named too
    for segment in &segments {
        std::fs::remove_file(segment).unwrap();
    }
    named(&home.log().await.get_events(Range::ALL).await.unwrap_err().to_string());
}

#[tokio::test]
async fn lost_fingerprints_are_made_anew() {
    let home = Home::new();
    home.write("a.jsonl", &export(0, 400));
    home.run(&["import", "a.jsonl"]);
    let before = home.state().await;
    let keys = home.files_of(".keys");
    let content = keys.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    // Given files that are gone, and one that is cut
    for path in &keys[1..] {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::write(&keys[0], &content[0][..content[0].len() - 5]).unwrap();
    // When the same events come again
    home.run(&["import", "a.jsonl"]);
    // Then they are known, and the files are as they were
    assert_eq!(home.state().await, before);
    let again = keys.iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    assert!(again == content);
}

#[tokio::test]
async fn who_began_to_read_before_a_compaction_reads_to_the_end() {
    let home = Home::new();
    home.write("a.jsonl", &export(0, LINES));
    home.run(&["import", "a.jsonl"]);
    let log = home.log().await;
    let events = log.get_events(Range::ALL).await.unwrap().len();
    // Given a reader that knows which segments there are
    let known = log.store().get_segments(None).await.unwrap();
    // When they are merged by another process, which removes what nobody needs
    home.run(&["compact"]);
    let merged = log.store().get_segments(None).await.unwrap();
    assert!(merged.len() < known.len());
    // Then the reader still finds the file of each
    let files = home.files();
    for segment in known {
        assert!(files.contains(&format!("{}.parquet", segment.content_hash)));
    }
    // And an hour later they are gone
    let hour_later_us = log.clock().now_us() + 1;
    assert!(log.remove_garbage(hour_later_us).await.unwrap() > 0);
    assert_eq!(log.get_events(Range::ALL).await.unwrap().len(), events);
}
