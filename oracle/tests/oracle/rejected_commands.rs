//! `stk-oracle rejected`, as an operator types it, and killed.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use system_token_oracle::clock::SystemClock;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::store::{SourceCounts, Store};
use tempfile::TempDir;

use crate::served::{SECRET, STANDARD_SECRET, Served, TOKEN, hex_signature};

/// How often a replay is killed.
const KILLS: u32 = 12;

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
    command.current_dir(folder).env_remove("DATABASE_URL").arg("rejected");
    command.args(arguments.split_whitespace());
    command.envs([
        ("TEST_SECRET", SECRET),
        ("TEST_STANDARD_SECRET", STANDARD_SECRET),
        ("TEST_TOKEN", TOKEN),
        ("TEST_SALT", "a salt of the tests"),
    ]);
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    command(folder, arguments).output().unwrap()
}

fn text(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn object(folder: &Path, arguments: &str) -> Value {
    serde_json::from_str(&text(folder, &format!("{arguments} --output json"))).unwrap()
}

fn refused(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A folder where an operator imports files of a source that is not configured.
struct Office(TempDir);

impl Office {
    /// With a limit that the lines are past.
    fn new(lines: &[String]) -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        office.configure("[integrity]\nmax_age_days = 1\n");
        std::fs::write(office.path().join("a.jsonl"), lines.join("\n")).unwrap();
        let mut import = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        import.current_dir(office.path()).env_remove("DATABASE_URL");
        let imported = import.args(["import", "--source", "lms", "a.jsonl"]).output().unwrap();
        assert!(imported.status.success(), "{imported:?}");
        office
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn configure(&self, text: &str) {
        std::fs::write(self.path().join("oracle.toml"), text).unwrap();
    }

    async fn log(&self) -> EventLog {
        let url = format!("sqlite://{}?mode=rwc", self.path().join("stk-oracle.db").display());
        let store = Store::open(&url).await.unwrap();
        let folder = self.path().join("stk-oracle-data/segments");
        EventLog::open(store, &folder, Arc::new(SystemClock)).unwrap()
    }

    async fn counts(&self) -> SourceCounts {
        self.log().await.store().get_source_counts().await.unwrap().pop().unwrap()
    }
}

fn line(id: u32) -> String {
    let id = format!("00000000-0000-0000-0000-{id:012}");
    json!({"uuid": id, "event": "read", "distinct_id": "anna", "timestamp": "2020-02-01T05:00:00Z",
        "properties": {"text": "private words", "x": "y".repeat(200)}})
    .to_string()
}

#[tokio::test]
async fn rejections_are_listed_shown_and_replayed_by_the_start_of_their_ids() {
    let office = Office::new(&[line(1), line(2), "{\"uuid".to_owned()]);
    let list = object(office.path(), "list");
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list, object(office.path(), "list --json"));
    let past = object(office.path(), "list --reason limit --source lms --limit 1");
    assert_eq!(past.as_array().unwrap().len(), 1);
    let id = past[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), past[0]["form"].as_str()), (64, Some("row")));
    let listed = text(office.path(), "list --reason limit");
    assert!(listed.contains(&id[..12]) && listed.contains("a.jsonl:1") && listed.contains('…'));
    // A start of an id is enough, and everything is shown
    let shown = text(office.path(), &format!("show {}", &id[..12]));
    assert!(shown.contains(&id) && shown.contains(&"y".repeat(200)), "{shown}");
    assert!(!shown.contains("private words"));
    // A dry run changes nothing; what is cut is never replayed
    office.configure("");
    let dry = text(office.path(), "replay --dry-run");
    assert!(dry.starts_with("lms: 2 replayed, 0 repeated, 1 still refused (dry run"), "{dry}");
    assert_eq!(object(office.path(), "list"), list);
    // One, then all, then nothing
    let one = object(office.path(), &format!("replay {} {id}", &id[..12]));
    assert_eq!((&one["sources"][0]["replayed"], &one["dry_run"]), (&json!(1), &json!(false)));
    assert_eq!(office.counts().await.rejected, 2);
    let all = text(office.path(), "replay --source lms");
    assert!(all.starts_with("lms: 1 replayed, 0 repeated, 1 still refused\n"), "{all}");
    assert!(all.contains("only a part of it was kept: the source has to deliver it again"));
    let again = run(office.path(), &format!("replay {id}"));
    assert!(String::from_utf8(again.stderr).unwrap().contains("it is replayed already"));
    assert_eq!(object(office.path(), "list").as_array().unwrap().len(), 1);
    assert_eq!(object(office.path(), "list --all").as_array().unwrap().len(), 3);
    let counts = office.counts().await;
    assert_eq!((counts.read, counts.appended, counts.repeated, counts.rejected), (3, 2, 0, 1));
    assert_eq!(office.log().await.get_events(Range::ALL).await.unwrap().len(), 2);
    // The status counts what was not replayed
    let mut status = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
    status.current_dir(office.path()).env_remove("DATABASE_URL");
    let status = status.args(["status", "--output", "json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let lms = &status["sources"][0];
    assert_eq!((&lms["read"], &lms["rejected"]), (&json!(3), &json!(1)));
    assert_eq!(lms["reasons"].as_array().unwrap().len(), 1);
    assert_eq!(text(office.path(), "list --source elsewhere"), "Nothing is rejected.\n");
}

#[test]
fn an_id_that_names_nothing_or_too_much_is_one_clear_error() {
    // Seventeen ids: two of them begin with the same digit
    let office = Office::new(&(0..17).map(line).collect::<Vec<_>>());
    let list = object(office.path(), "list");
    let mut starts: Vec<_> =
        list.as_array().unwrap().iter().map(|found| &found["id"].as_str().unwrap()[..1]).collect();
    starts.sort_unstable();
    let twice = starts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0];
    for (arguments, error) in [
        ("show anna", "`anna` is no rejection's id: stk-oracle rejected list shows them"),
        ("replay 00000000000000", "there is no rejection 00000000000000: stk-oracle rejected list"),
        (&format!("show {twice}"), "id starts with"),
    ] {
        let refused = refused(office.path(), arguments);
        assert!(refused.starts_with("stk-oracle: ") && refused.contains(error), "{refused}");
        assert_eq!(refused.lines().count(), 1, "{refused}");
    }
}

#[tokio::test]
async fn what_was_pushed_is_replayed_after_the_limit_is_corrected() {
    let mut served = Served::start();
    // Given an event of an SDK whose clock is an hour behind, and a post, both of the next century
    let event = json!({"event": "x", "distinct_id": "anna@example.org", "properties": {"y": 1},
        "timestamp": "2126-01-01T00:00:00Z"});
    let sent_at = jiff_in(-3_600_000_000);
    let batch = json!({"api_key": TOKEN, "sent_at": sent_at, "batch": [event]}).to_string();
    let json_type = ("content-type", "application/json");
    assert_eq!(served.status("/batch/", &[json_type], &batch).await, 200);
    let post = json!({"post": {"id": 5, "post_number": 2, "topic_id": 9, "user_id": 17,
        "post_type": 1, "created_at": "2126-01-01T00:00:00.000Z", "cooked": "private words"}});
    let post = post.to_string();
    let signature = hex_signature(SECRET, &post);
    let headers = [
        ("x-discourse-event", "post_created"),
        ("x-discourse-event-signature", signature.as_str()),
        json_type,
    ];
    assert_eq!(served.status("/webhooks/club", &headers, &post).await, 200);
    let unread = post.replace("user_id", "user_di");
    let signature = hex_signature(SECRET, &unread);
    let headers = [headers[0], ("x-discourse-event-signature", signature.as_str()), json_type];
    assert_eq!(served.status("/webhooks/club", &headers, &unread).await, 200);
    assert_eq!(served.stop_and_read().await, []);
    // When the limit is corrected
    let folder = served.folder.path();
    let config = std::fs::read_to_string(folder.join("oracle.toml")).unwrap();
    let corrected = format!("{config}\n[integrity]\nmax_future_seconds = 4000000000\n");
    std::fs::write(folder.join("oracle.toml"), corrected).unwrap();
    let said = object(folder, "replay");
    // Then both are in, with the client's clock set right, and what is no more than a shape is not
    assert_eq!(said["sources"][0]["source"], "app");
    assert_eq!(
        (&said["sources"][0]["replayed"], &said["sources"][1]["replayed"]),
        (&json!(1), &json!(1))
    );
    let reason = said["sources"][1]["reasons"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("post.user_id is not an id; its words may be"), "{reason}");
    let events = served.log().await.get_events(Range::ALL).await.unwrap();
    let (post, captured) = (&events[0], &events[1]);
    assert_eq!(
        (post.external_id.as_str(), post.text("artifact")),
        ("post_created:5", Some("t/9/2"))
    );
    assert_eq!(captured.at_us - post.at_us, 3_600_000_000);
    assert_eq!((captured.actor.len(), captured.count("y")), (32, Some(1)));
    let author = served.log().await.store().get_author("club", "t/9/2").await.unwrap();
    assert_eq!(author.as_deref(), Some("17"));
    // And the client that sends its batch again has sent the same event
    served.crash_and_restart();
    assert_eq!(served.status("/batch/", &[json_type], &batch).await, 200);
    assert_eq!(served.stop_and_read().await.len(), 2);
    let counts = served.log().await.store().get_source_counts().await.unwrap();
    let app = counts.iter().find(|counts| counts.source == "app").unwrap();
    assert_eq!((app.read, app.appended, app.repeated, app.rejected), (2, 1, 1, 0));
}

fn jiff_in(us: i64) -> String {
    use system_token_oracle::clock::Clock;
    jiff::Timestamp::from_microsecond(SystemClock.now_us() + us).unwrap().to_string()
}

#[tokio::test]
async fn a_replay_that_is_killed_is_done_by_the_next_one() {
    let lines: Vec<_> = (0..200).map(line).collect();
    let mut midway = 0;
    for kill in 0..KILLS {
        let office = Office::new(&lines);
        office.configure("");
        let mut replay = command(office.path(), "replay");
        replay.env("STK_ORACLE_BATCH_ROWS", "5").stdout(Stdio::null());
        let mut replay = replay.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20) * kill);
        replay.kill().unwrap();
        replay.wait().unwrap();
        let counts = office.counts().await;
        assert_eq!(counts.appended + counts.rejected, 200, "kill {kill}");
        midway += u32::from(counts.appended > 0 && counts.rejected > 0);
        text(office.path(), "replay");
        let counts = office.counts().await;
        assert_eq!((counts.appended, counts.repeated, counts.rejected), (200, 0, 0), "kill {kill}");
        assert_eq!(office.log().await.get_events(Range::ALL).await.unwrap().len(), 200);
    }
    assert!(midway > 0, "none of {KILLS} was killed midway");
}
