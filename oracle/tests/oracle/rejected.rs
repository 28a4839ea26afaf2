//! What was turned away comes in after a correction, once.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, TimestampMicrosecondArray};
use system_token_oracle::clock::{Clock, ManualClock};
use system_token_oracle::config::{Config, SourceSettings};
use system_token_oracle::ingest::Event;
use system_token_oracle::ingest::file::FileImport;
use system_token_oracle::ingest::replay::ReplaySource;
use system_token_oracle::segments::{EventLog, Range, RawForm, Receipt, Rejection, Replayed};
use system_token_oracle::store::ArrivalOutcome::{LogMoved, ReplayMoved, Written};
use system_token_oracle::store::{Arrival, RejectionFilter, Replay, Seen, Store, StoredRejection};
use system_token_test_databases::TestDatabase;
use tempfile::TempDir;

use crate::files::{parquet, text};
use crate::log::NOW_US;

const DAY_US: i64 = 86_400_000_000;

/// Rows of a tool of which the second is another person's; their time is 40 days ago.
const ROWS: &str = r#"{"action_id":"1","action":"lesson_done","user_id":"anna","done_at":"2026-12-06T08:00:00Z","score":1.5}
{"action_id":"2","action":"lesson_done","user_id":"boris","done_at":"2026-12-06T08:00:00Z","score":2}"#;

const COLUMNS: &str = r#"
[[source]]
name = "lms"
kind = "files"
location = "/nowhere"
[source.columns]
id = "action_id"
event = "action"
actor = "user_id"
time = "done_at"
properties = ""
"#;

/// A log on one of the databases, and the files beside it.
struct Office {
    _database: TestDatabase,
    folder: TempDir,
    log: EventLog,
    clock: Arc<ManualClock>,
}

impl Office {
    async fn each() -> Vec<Self> {
        let mut offices = Vec::new();
        for database in TestDatabase::each() {
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::at(NOW_US));
            let store = Store::open(database.url()).await.unwrap();
            let segments = folder.path().join("segments");
            let log = EventLog::open(store, &segments, clock.clone()).unwrap();
            offices.push(Self { _database: database, folder, log, clock });
        }
        offices
    }

    fn wait(&self, us: i64) {
        self.clock.set(self.clock.now_us() + us);
    }

    fn config(&self, text: &str) -> Config {
        let path = self.folder.path().join("oracle.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path).unwrap()
    }

    /// Reads a file by what a configuration says.
    async fn import(&self, config: &Config, source: &str, content: impl AsRef<[u8]>) -> Receipt {
        let path = self.folder.path().join("rows");
        std::fs::write(&path, content).unwrap();
        let settings = config.source(source);
        let import = FileImport {
            columns: settings.map(SourceSettings::columns).unwrap_or_default(),
            ..FileImport::new(source, config.integrity, config.personal_data().unwrap())
        };
        import.read(&self.log, &path).await.unwrap().receipt
    }

    async fn rejections(&self) -> Vec<StoredRejection> {
        self.log.store().get_rejections(None, 100).await.unwrap()
    }

    /// Replays all of a source by what a configuration says.
    async fn replay(&self, config: &Config, source: &str) -> Replayed {
        self.try_replay(config, source, false).await
    }

    async fn try_replay(&self, config: &Config, source: &str, dry_run: bool) -> Replayed {
        let store = self.log.store();
        let start = (i64::MIN, "");
        let found = store.get_rejections_after(source, None, start, 100).await.unwrap();
        let source = ReplaySource::new(source, config).unwrap();
        let replayed = source.replay(&self.log, &found, dry_run).await.unwrap();
        self.check_counts().await;
        replayed
    }

    /// The equation, and what it is made of: what is rejected is what was not replayed.
    async fn check_counts(&self) {
        let rejections = self.rejections().await;
        for counts in self.log.store().get_source_counts().await.unwrap() {
            assert_eq!(counts.read, counts.appended + counts.repeated + counts.rejected);
            let of = rejections.iter().filter(|found| found.source == counts.source);
            assert_eq!(counts.rejected, of.map(|found| found.times).sum::<u64>(), "{counts:?}");
            let events = self.events().await;
            let events = events.iter().filter(|event| event.source == counts.source).count();
            assert_eq!(counts.appended, events as u64, "{counts:?}");
        }
    }

    async fn counts(&self, source: &str) -> (u64, u64, u64, u64) {
        let counts = self.log.store().get_source_counts().await.unwrap();
        let counts = counts.into_iter().find(|counts| counts.source == source).unwrap();
        (counts.read, counts.appended, counts.repeated, counts.rejected)
    }

    async fn events(&self) -> Vec<Event> {
        self.log.get_events(Range::ALL).await.unwrap()
    }

    /// Keeps a rejection, as an adapter that this test does not have would.
    async fn reject(&self, source: &str, form: RawForm, raw: &str) {
        let rejection =
            Rejection { place: "row 1".into(), reason: "bad".into(), raw: raw.into(), form };
        let seen = self.log.store().get_seen(source).await.unwrap();
        let receipt = Receipt { read: 1, rejected: 1, ..Receipt::default() };
        let arrival = Arrival {
            source,
            segment: None,
            advance: None,
            drained: &[],
            receipt,
            seen,
            replay: None,
        };
        self.log.store().put_arrival(&arrival, &[rejection], NOW_US).await.unwrap();
    }
}

fn replayed(appended: u64, repeated: u64) -> Replayed {
    Replayed { appended, repeated, refused: Vec::new() }
}

fn reasons(replayed: &Replayed) -> Vec<&str> {
    replayed.refused.iter().map(|(_, reason)| reason.as_str()).collect()
}

#[tokio::test]
async fn corrected_columns_bring_the_rows_in_as_if_they_were_read_so_at_first() {
    for office in Office::each().await {
        // Given a file that was read three times by a wrong column, and what should have come of it
        let wrong = office.config(&COLUMNS.replace("\"user_id\"", "\"user\""));
        for _ in 0..3 {
            office.import(&wrong, "lms", ROWS).await;
            office.wait(DAY_US);
        }
        assert_eq!(office.counts("lms").await, (6, 0, 0, 6));
        let right = office.config(COLUMNS);
        // When nothing is corrected, nothing comes in
        let still = office.replay(&wrong, "lms").await;
        assert_eq!(reasons(&still), ["it has no `user`"; 2]);
        // When it is only tried, nothing is changed
        let before = office.rejections().await;
        assert_eq!(office.try_replay(&right, "lms", true).await, replayed(2, 0));
        assert_eq!((office.rejections().await, office.events().await), (before, vec![]));
        // When it is replayed, however often
        assert_eq!(office.replay(&right, "lms").await, replayed(2, 0));
        assert_eq!(office.replay(&right, "lms").await, replayed(0, 0));
        // Then it is as if it had been right from the beginning: the first is new, the others repeats
        assert_eq!(office.counts("lms").await, (6, 2, 4, 0));
        assert_eq!(office.rejections().await, []);
        let events = office.events().await;
        assert_eq!(events.len(), 2);
        let event = events.iter().find(|event| event.external_id == "1").unwrap();
        assert_eq!((event.actor.as_str(), event.name.as_str()), ("anna", "lesson_done"));
        assert_eq!(event.properties["score"], 1.5);
        // And a file read by the right columns brings the very same events
        assert_eq!(office.import(&right, "lms", ROWS).await.repeated, 2);
        // And what was replayed is shown to who asks for it
        let all = RejectionFilter { replayed_too: true, ..RejectionFilter::default() };
        let all = office.log.store().find_rejections(all, 10).await.unwrap();
        assert!(all.len() == 2 && all.iter().all(|found| found.replayed_at_us.is_some()));
    }
}

#[tokio::test]
async fn a_time_is_judged_as_of_when_it_was_turned_away() {
    for office in Office::each().await {
        let limited = |days: u32| format!("[integrity]\nmax_age_days = {days}\n{COLUMNS}");
        office.import(&office.config(&limited(30)), "lms", ROWS).await;
        // A year later it is as old as it was then: 40 days
        office.wait(365 * DAY_US);
        let still = office.replay(&office.config(&limited(39)), "lms").await;
        assert_eq!(reasons(&still), ["it happened 40 days ago, and 39 is the limit"; 2]);
        let kept = office.rejections().await;
        assert!(kept.iter().all(|found| found.reason.contains("39 is the limit")), "{kept:?}");
        assert_eq!(office.replay(&office.config(&limited(40)), "lms").await, replayed(2, 0));
    }
}

#[tokio::test]
async fn the_same_event_from_elsewhere_is_a_repeat_and_another_under_its_id_stays_refused() {
    for office in Office::each().await {
        let (wrong, right) =
            (office.config(&COLUMNS.replace("\"user_id\"", "\"user\"")), office.config(COLUMNS));
        office.import(&wrong, "lms", ROWS).await;
        // Given the first event and another one under the second's id, which came in meanwhile
        let other = ROWS.replace("boris", "vera");
        office.import(&right, "lms", other).await;
        // When they are replayed
        let tried = office.try_replay(&right, "lms", true).await;
        let found = office.replay(&right, "lms").await;
        assert_eq!(tried, found);
        // Then the one is a repeat, and the other is a conflict, however often
        assert_eq!((found.appended, found.repeated), (0, 1));
        assert!(reasons(&found)[0].starts_with("its id belongs to another event"));
        let again = office.replay(&right, "lms").await;
        assert_eq!((again.repeated, again.refused.len()), (0, 1));
        assert_eq!(office.counts("lms").await, (4, 2, 1, 1));
        let events = office.events().await;
        assert!(events.iter().all(|event| event.actor != "boris"));
        // And a conflict that was found when it came in is one still
        office.import(&right, "lms", ROWS).await;
        let kept = office.rejections().await;
        assert!(kept.iter().any(|found| found.form == RawForm::Event), "{kept:?}");
        assert_eq!(office.replay(&right, "lms").await.refused.len(), 2);
    }
}

#[tokio::test]
async fn rows_of_parquet_and_rows_without_ids_are_replayed_as_the_events_that_a_file_has() {
    let score: ArrayRef = Arc::new(Int64Array::from(vec![3]));
    let done_at: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![NOW_US - 2 * DAY_US]));
    let rows = parquet(vec![
        ("action", text(&[Some("lesson_done")])),
        ("user_id", text(&[Some("anna")])),
        ("done_at", done_at),
        ("score", score),
        ("note", text(&[Some("it was \"fine\"")])),
    ]);
    for office in Office::each().await {
        let columns = format!("{COLUMNS}derive_missing_ids = true\n");
        let limited = office.config(&format!("[integrity]\nmax_age_days = 1\n{columns}"));
        office.import(&limited, "lms", &rows).await;
        let right = office.config(&columns);
        assert_eq!(office.replay(&right, "lms").await, replayed(1, 0));
        let events = office.events().await;
        assert!(events[0].external_id.starts_with("derived-"));
        assert_eq!((events[0].at_us, events[0].count("score")), (NOW_US - 2 * DAY_US, Some(3)));
        // The file has the very same event
        assert_eq!(office.import(&right, "lms", &rows).await.repeated, 1);
    }
}

/// A row of `PostHog`'s, of an actor and with properties.
fn posthog_row(actor: &str, properties: &str) -> String {
    format!(
        r#"{{"uuid":"00000000-0000-0000-0000-00000000000A","event":"read","distinct_id":"{actor}",
        "timestamp":"2026-12-06T08:00:00Z","created_at":"2026-12-06T08:00:00Z","properties":{properties}}}"#
    )
    .replace('\n', "")
}

/// Personal data by these rules, with the salt of the tests.
fn personal(fields: &str) -> String {
    // Every process has this one, and it is long enough.
    format!("[personal_data]\nsalt_env = \"PATH\"\n[personal_data.fields]\n{fields}\n")
}

#[tokio::test]
async fn of_an_address_that_was_not_kept_nobody_is_made() {
    for office in Office::each().await {
        let row = posthog_row("anna@example.org", "{}");
        let without_salt = office.config("");
        office.import(&without_salt, "posthog", &row).await;
        let with_salt = office.config(&personal(""));
        let still = office.replay(&with_salt, "posthog").await;
        assert!(reasons(&still)[0].contains("the source has to deliver it again"), "{still:?}");
        assert_eq!(office.events().await, []);
        // What came when there was a salt is hashed as it would be now
        let aged = format!("[integrity]\nmax_age_days = 1\n{}", personal("email = \"hash\""));
        let row = posthog_row("ben@example.org", r#"{"email":"ben@example.org","x":"@ben"}"#);
        office.import(&office.config(&aged), "other", &row).await;
        let right = office.config(&personal("email = \"hash\""));
        assert_eq!(office.replay(&right, "other").await, replayed(1, 0));
        assert_eq!(office.import(&right, "other", &row).await.repeated, 1);
        assert_eq!(office.import(&right, "third", &row).await.appended, 1);
        let events = office.events().await;
        assert_eq!(events[0].actor, events[1].actor);
        assert_eq!(events[0].properties["email"], events[1].properties["email"]);
    }
}

#[tokio::test]
async fn a_refused_field_refuses_as_long_as_its_rule_stands() {
    for office in Office::each().await {
        let rule = |rule: &str| office.config(&personal(&format!("passport = \"{rule}\"")));
        let row = posthog_row("anna", r#"{"passport":"4509","x":1}"#);
        office.import(&rule("refuse"), "posthog", &row).await;
        assert!(!office.rejections().await[0].raw.contains("4509"));
        let still = office.replay(&rule("refuse"), "posthog").await;
        assert_eq!(reasons(&still), ["field `passport` is personal data, which is refused"]);
        let still = office.replay(&rule("hash"), "posthog").await;
        assert!(reasons(&still)[0].contains("of which nothing was kept"), "{still:?}");
        assert_eq!(office.replay(&rule("remove"), "posthog").await, replayed(1, 0));
        let events = office.events().await;
        assert_eq!(events[0].properties.keys().collect::<Vec<_>>(), ["x"]);
    }
}

#[tokio::test]
async fn each_form_is_read_by_its_own_rules_and_what_is_not_whole_by_none() {
    for office in Office::each().await {
        let config = office.config(COLUMNS);
        // A row of PostHog's keeps its columns, whatever those of the source's files are
        office.reject("lms", RawForm::PosthogRow, &posthog_row("anna", "{}")).await;
        assert_eq!(office.replay(&config, "lms").await, replayed(1, 0));
        // A source that is gone has PostHog's columns
        office.reject("gone", RawForm::Row, &posthog_row("anna", "{}")).await;
        assert_eq!(office.replay(&config, "gone").await, replayed(1, 0));
        for (form, problem) in [
            (RawForm::Shape, "only its shape was kept: the source has to deliver it again"),
            (RawForm::Part, "only a part of it was kept: the source has to deliver it again"),
            (RawForm::Event, "what was kept of it cannot be read"),
            (RawForm::Captured, "not an event"),
            (RawForm::Row, "it has no `action`"),
        ] {
            let source = form.name();
            office.reject(source, form, &posthog_row("anna", "{}").replace("event", "x")).await;
            let config = office.config(&COLUMNS.replace("lms", source));
            // However often, it says so once
            for _ in 0..2 {
                let still = office.replay(&config, source).await;
                assert_eq!(reasons(&still)[0].matches(problem).count(), 1, "{still:?}");
            }
        }
        assert_eq!(office.events().await.len(), 2);
    }
}

#[tokio::test]
async fn what_is_replayed_names_its_author_for_those_who_answer_it() {
    for office in Office::each().await {
        let event = |id: &str, artifact: &str, target: &str| {
            serde_json::json!({"id": id, "at_us": 1, "event": "post_created", "actor": "17",
                "artifact": artifact, "target": target,
                "properties": format!(r#"{{"artifact":"{artifact}","target":"{target}"}}"#)})
        };
        let config = office.config("");
        office.reject("club", RawForm::Event, &event("a", "t/1/1", "t/0/0").to_string()).await;
        office.replay(&config, "club").await;
        assert_eq!(
            office.log.store().get_author("club", "t/1/1").await.unwrap().as_deref(),
            Some("17")
        );
        office.reject("club", RawForm::Event, &event("b", "t/1/2", "t/1/1").to_string()).await;
        office.replay(&config, "club").await;
        let events = office.events().await;
        assert_eq!(
            (events[0].text("target_author"), events[1].text("target_author")),
            (None, Some("17"))
        );
    }
}

#[tokio::test]
async fn a_delivery_between_the_search_and_the_transaction_is_seen() {
    for office in Office::each().await {
        office.reject("lms", RawForm::Row, "{}").await;
        let stale = office.log.store().get_seen("lms").await.unwrap();
        assert_eq!(stale, Seen { read: 1, rejected: 1 });
        let id = office.rejections().await[0].rejection_id.clone();
        let delivered_by = "lms".to_owned();
        let replay = Replay { delivered_by, replayed: vec![id], ..Replay::default() };
        let arrival = |seen, replay| Arrival {
            source: "lms",
            segment: None,
            advance: None,
            drained: &[],
            receipt: Receipt::default(),
            seen,
            replay,
        };
        let store = office.log.store();
        let put = async |seen, replay| {
            store.put_arrival(&arrival(seen, replay), &[], NOW_US).await.unwrap()
        };
        office.reject("lms", RawForm::Row, "{\"more\":1}").await;
        assert_eq!(put(stale, Some(&replay)).await, LogMoved);
        let seen = store.get_seen("lms").await.unwrap();
        assert_eq!(put(seen, Some(&replay)).await, Written);
        // Who replays it too, and searched the log before or after, changes nothing
        assert_eq!(put(seen, Some(&replay)).await, LogMoved);
        let seen = store.get_seen("lms").await.unwrap();
        assert_eq!(put(seen, Some(&replay)).await, ReplayMoved);
        assert_eq!(office.counts("lms").await, (2, 0, 1, 1));
    }
}

#[tokio::test]
async fn what_a_second_way_was_refused_is_filed_where_its_events_are() {
    const SECOND_WAY: &str = r#"
[[source]]
name = "posthog"
kind = "files"
location = "/nowhere"
[[source]]
name = "hook"
kind = "posthog_webhook"
secret_env = "UNUSED"
events_of = "posthog"
"#;
    for office in Office::each().await {
        let event = |id: &str| {
            serde_json::json!({"id": id, "at_us": 1, "event": "e", "actor": "17",
                "properties": "{}"})
        };
        let config = office.config(SECOND_WAY);
        office.reject("hook", RawForm::Event, &event("a").to_string()).await;
        assert_eq!(office.replay(&config, "hook").await, replayed(1, 0));
        let events = office.events().await;
        assert_eq!((events[0].source.as_str(), events.len()), ("posthog", 1));
        // Its counts have moved there too
        assert_eq!(office.counts("hook").await, (0, 0, 0, 0));
        assert_eq!(office.counts("posthog").await, (1, 1, 0, 0));
        // And what came there by the first way is a repeat
        office.reject("hook", RawForm::Event, &event("a").to_string()).await;
        assert_eq!(office.replay(&config, "hook").await, replayed(0, 1));
        assert_eq!(office.counts("posthog").await, (2, 1, 1, 0));
    }
}

#[tokio::test]
async fn what_is_turned_away_anew_after_its_replay_is_there_anew() {
    for office in Office::each().await {
        let (wrong, right) =
            (office.config(&COLUMNS.replace("\"user_id\"", "\"user\"")), office.config(COLUMNS));
        office.import(&wrong, "lms", ROWS).await;
        office.replay(&right, "lms").await;
        office.import(&wrong, "lms", ROWS).await;
        assert_eq!(office.rejections().await.len(), 2);
        assert_eq!(office.replay(&right, "lms").await, replayed(0, 2));
        assert_eq!(office.counts("lms").await, (4, 2, 2, 0));
    }
}

#[tokio::test]
async fn a_crash_between_segment_and_transaction_loses_nothing_and_doubles_nothing() {
    for office in Office::each().await {
        let (wrong, right) =
            (office.config(&COLUMNS.replace("\"user_id\"", "\"user\"")), office.config(COLUMNS));
        office.import(&wrong, "lms", ROWS).await;
        let before = office.rejections().await;
        // Given a transaction that ends when its segment is on the disk: one of its marks is for a
        // rejection that is not there any more
        let mut gone = before.clone();
        gone[1].rejection_id = "0".repeat(64);
        let source = ReplaySource::new("lms", &right).unwrap();
        let error = source.replay(&office.log, &gone, false).await.unwrap_err().to_string();
        assert!(error.starts_with("lms: somebody else replays the same rejections"), "{error}");
        let files = || std::fs::read_dir(office.folder.path().join("segments")).unwrap().count();
        assert_eq!(files(), 3, "a segment, its fingerprints and the lock");
        // Then nothing has changed, and what the crash left is removed
        assert_eq!((office.rejections().await, office.events().await), (before, vec![]));
        office.check_counts().await;
        // When it is done again
        assert_eq!(office.replay(&right, "lms").await, replayed(2, 0));
        office.log.remove_garbage(i64::MAX).await.unwrap();
        assert_eq!((files(), office.events().await.len()), (3, 2));
    }
}
