//! `stk-oracle ingest`, as a user runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use system_token_oracle::clock::{Clock, SystemClock};
use tempfile::TempDir;

use super::double::{Project, uuid};

/// A working folder with a configuration.
struct Place {
    folder: TempDir,
    key: String,
}

impl Place {
    /// A configuration with the project as the source `posthog`, and more of TOML.
    fn new(project: &Project, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("oracle.db");
        let text = format!(
            "database_url = \"sqlite://{}?mode=rwc\"\n\n[[source]]\nname = \"posthog\"\n\
             kind = \"posthog_query\"\n{}\n{more}",
            database.display(),
            project.toml("")
        );
        std::fs::write(folder.path().join("oracle.toml"), text).unwrap();
        Self { folder, key: project.key.clone() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        command.args(arguments).current_dir(self.folder.path());
        command.env_remove("DATABASE_URL").env_remove("STK_ORACLE_CONFIG");
        command.env("POSTHOG_KEY", &self.key).env("NO_PROXY", "127.0.0.1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const SECOND_SOURCE: &str = "[[source]]\nname = \"broken\"\nkind = \"posthog_query\"\n\
    host = \"https://eu.posthog.com\"\nproject_id = \"1\"\nkey_env = \"STK_NOT_SET\"\n\
    start_at = \"2017-01-01T00:00:00Z\"\n";

#[tokio::test]
async fn wrong_usage_is_told_apart() {
    let place = Place::new(&Project::new().await, "");
    for wrong in [
        vec!["ingest"],
        vec!["ingest", "--once", "--follow"],
        vec!["ingest", "--once", "--interval", "5s"],
        vec!["ingest", "--follow", "--interval", "soon"],
    ] {
        assert_eq!(place.run(&wrong).status.code(), Some(2), "{wrong:?}");
    }
    let unknown = place.run(&["ingest", "--once", "--source", "post"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(stderr(&unknown).contains("no source `post`"), "{}", stderr(&unknown));
    assert!(stderr(&unknown).contains("there are: posthog"), "{}", stderr(&unknown));
}

#[tokio::test]
async fn once_reads_every_source_and_one_that_fails_stops_no_other() {
    let project = Project::with_export().await;
    let place = Place::new(&project, SECOND_SOURCE);
    let output = place.run(&["ingest", "--once"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stdout(&output)
            .contains("posthog: 22229 read, 22038 new, 191 repeated, 0 rejected, up to date"),
        "{}",
        stdout(&output)
    );
    let problem = "source.broken.key_env: the environment variable STK_NOT_SET is not set";
    assert!(stderr(&output).contains(problem), "{}", stderr(&output));
    assert!(!stderr(&output).contains(&place.key) && !stdout(&output).contains(&place.key));
    // And alone, the good one is done, with nothing new
    let output = place.run(&["ingest", "--once", "--source", "posthog", "--output", "json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let line: Value = serde_json::from_str(stdout(&output).trim()).unwrap();
    assert_eq!((&line["source"], &line["appended"]), (&json!("posthog"), &json!(0)));
    assert_eq!((&line["caught_up"], &line["problem"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn what_may_succeed_later_has_an_exit_code_of_its_own() {
    let project = Project::new().await;
    let asks_for_an_hour = json!({ "status": 429, "headers": { "Retry-After": "3600" } });
    project.faults(&[asks_for_an_hour.clone(), asks_for_an_hour]).await;
    let place = Place::new(&project, SECOND_SOURCE);
    let alone = place.run(&["ingest", "--once", "--source", "posthog"]);
    assert_eq!(alone.status.code(), Some(75), "{}", stderr(&alone));
    assert!(stderr(&alone).contains("throttles us (429)"), "{}", stderr(&alone));
    // Beside one that has to be fixed, that one decides
    assert_eq!(place.run(&["ingest", "--once"]).status.code(), Some(1));
}

#[tokio::test]
async fn the_last_epoch_may_close_when_posthog_counts_what_the_log_has() {
    // Given an event of the week before this one, in a community whose weeks began on 2017-10-09
    let (start_us, week_us) = (1_507_507_200_000_000, 7 * 86_400_000_000_i64);
    let this_week_us = start_us + (SystemClock.now_us() - start_us) / week_us * week_us;
    let add = async |project: &Project, uuid: &str, actor: &str| {
        let at = format!("fromUnixTimestamp64Micro({}, 'UTC')", this_week_us - week_us / 2);
        let columns = "uuid, event, distinct_id, properties, timestamp, created_at";
        let row = format!("'{uuid}', 'opened', '{actor}', '{{}}', {at}, {at}");
        project.sql(&format!("INSERT INTO {{table}} ({columns}) SELECT {row}")).await;
    };
    let project = Project::new().await;
    add(&project, &uuid(1), "anna").await;
    let place = Place::new(&project, "overlap_seconds = 0");
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/policies/contribution.toml");
    let file = place.folder.path().join("oracle.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("policy = {policy:?}\n{text}")).unwrap();
    let epoch = || {
        let status = place.run(&["status", "--output", "json"]);
        let status: Value = serde_json::from_str(&stdout(&status)).unwrap();
        status["epoch"].clone()
    };
    // Before anything was read it waits, and then it does not
    assert_eq!(epoch()["ready"], false);
    assert!(place.run(&["ingest", "--once"]).status.success());
    assert_eq!(epoch()["ready"], true, "{}", epoch());
    // When PostHog has one that the log had to turn away, it waits and says why
    add(&project, &uuid(2), "").await;
    add(&project, &uuid(3), "anna").await;
    assert!(place.run(&["ingest", "--once"]).status.success());
    let waiting = epoch()["waiting"].to_string();
    assert!(waiting.contains("it counts 3 events and the log 2"), "{waiting}");
}

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a line with a word in it, a minute at most.
fn lines_of(stream: ChildStderr) -> impl Fn(&str) -> String {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    move |word| {
        loop {
            let line = lines.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("no line has `{word}`"));
            if line.contains(word) {
                break line;
            }
        }
    }
}

#[tokio::test]
async fn follow_reads_on_tells_its_metrics_and_stops_when_it_is_told_to() {
    let project = Project::new().await;
    project.add(&[(1, 1, 1), (2, 2, 2)]).await;
    let place = Place::new(&project, SECOND_SOURCE);
    let follow = ["ingest", "--follow", "--interval", "1s", "--metrics-listen", "127.0.0.1:0"];
    let mut command = place.command(&follow);
    command.env("STK_ORACLE_LOG", "info").stderr(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let until = lines_of(running.0.stderr.take().unwrap());
    // Given it has read what is there, and told of the source that it cannot read
    let address = until("metrics at http://");
    let address = address.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    until("STK_NOT_SET is not set");
    until("appended=2");
    // When there is more, it comes, and is counted
    project.add(&[(3, 3, 3)]).await;
    until("appended=1");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics).unwrap();
    let label = "source=\"posthog\"";
    for line in [
        format!("stk_oracle_events_total{{{label},result=\"appended\"}} 3"),
        format!("stk_oracle_source_requests_total{{{label},status=\"200\"}}"),
        format!("stk_oracle_source_lag_seconds{{{label}}}"),
        "stk_oracle_source_failures_total{source=\"broken\",kind=\"fix\"}".to_owned(),
    ] {
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
    }
    // Then a signal ends it, and that is no failure
    Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap();
    until("stopping after the page in work");
    assert!(running.0.wait().unwrap().success());
}
