//! The double of PostHog, started once for all tests; each test has a project of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use system_token_oracle::config::{PosthogQuerySettings, Secret};
use system_token_oracle::ingest::posthog::{Patience, PosthogQuery, SharedLimits};
use system_token_oracle::ingest::pull::{PullError, PullSource};
use system_token_oracle::ingest::{Integrity, PersonalData};
use system_token_oracle::segments::Receipt;

use crate::log::TestLog;
use crate::real_export;

/// The process, which ends when its standard input does, and its address.
static DOUBLE: OnceLock<(Child, String)> = OnceLock::new();

/// A project of the double's.
pub(super) struct Project {
    pub(super) id: String,
    pub(super) key: String,
    http: reqwest::Client,
}

/// Where the double is.
pub(super) fn address() -> &'static str {
    let start = || {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/posthog-double.sh");
        let mut child = Command::new("bash")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on ").expect("the double says its port");
        let address = format!("http://127.0.0.1:{port}");
        (child, address)
    };
    &DOUBLE.get_or_init(start).1
}

impl Project {
    /// A project without events, in Asia/Yekaterinburg.
    pub(super) async fn new() -> Self {
        Self::in_timezone("Asia/Yekaterinburg").await
    }

    pub(super) async fn in_timezone(timezone: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let made = http.post(format!("{}/admin/projects", address()));
        let body = json!({ "timezone": timezone }).to_string();
        let made = made.body(body).send().await.unwrap().text().await.unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        let project = Self { id: text("id"), key: text("key"), http };
        // Tests are fast; that the limits are kept to is a test of its own.
        project.settings(json!({ "limits": { "minute": 100_000, "hour": 100_000 } })).await;
        project
    }

    /// A project with the real export in it.
    pub(super) async fn with_export() -> Self {
        let project = Self::new().await;
        let url = format!("{}/admin/projects/{}/events", address(), project.id);
        let request = project.http.post(url).header("content-encoding", "gzip");
        let answer = request.body(real_export::EXPORT).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        project
    }

    async fn post(&self, path: &str, body: String) {
        let url = format!("{}/admin/projects/{}/{path}", address(), self.id);
        let answer = self.http.post(url).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    /// Adds rows: number of the uuid, second of the day 2018-03-01 at which it happened, and the one at
    /// which PostHog took it in.
    pub(super) async fn add(&self, rows: &[(u32, u32, u32)]) {
        let line = |(number, at, created): &(u32, u32, u32)| {
            json!({
                "uuid": uuid(*number),
                "event": "comment_created",
                "distinct_id": format!("member-{}", number % 3),
                "timestamp": time(*at),
                "created_at": time(*created),
                "properties": { "number": number },
            })
            .to_string()
        };
        let lines: Vec<_> = rows.iter().map(line).collect();
        self.post("events", lines.join("\n")).await;
    }

    /// Runs SQL; `{table}` is the project's table.
    pub(super) async fn sql(&self, sql: &str) {
        self.post("sql", sql.to_owned()).await;
    }

    /// Changes limits and faults.
    pub(super) async fn settings(&self, settings: Value) {
        self.post("settings", settings.to_string()).await;
    }

    /// The faults of the next queries, one each.
    pub(super) async fn faults(&self, faults: &[Value]) {
        self.settings(json!({ "faults": faults })).await;
    }

    /// What was asked so far.
    pub(super) async fn state(&self) -> Value {
        let url = format!("{}/admin/projects/{}", address(), self.id);
        let text = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The requests so far.
    pub(super) async fn requests(&self) -> Vec<Value> {
        self.state().await["requests"].as_array().unwrap().clone()
    }

    /// The settings of a source that reads the project, with more of TOML.
    pub(super) fn toml(&self, more: &str) -> String {
        format!(
            "host = \"{}\"\nproject_id = \"{}\"\nkey_env = \"POSTHOG_KEY\"\n\
             start_at = \"2017-01-01T00:00:00Z\"\nrequests_per_minute = 60000\n\
             requests_per_hour = 600000\n{more}",
            address(),
            self.id
        )
    }

    /// A source that reads the project.
    pub(super) fn source(&self, more: &str) -> PosthogQuery {
        self.source_with_key(&self.key, more)
    }

    pub(super) fn source_with_key(&self, key: &str, more: &str) -> PosthogQuery {
        let settings: PosthogQuerySettings = toml::from_str(&self.toml(more)).unwrap();
        source(settings, key, PATIENCE).unwrap()
    }
}

/// Patience without waiting.
pub(super) const PATIENCE: Patience = Patience {
    tries: 4,
    first_wait: Duration::from_millis(2),
    longest_wait: Duration::from_secs(2),
    answer_timeout: Duration::from_secs(60),
    polls: 10,
};

/// A source by its settings.
pub(super) fn source(
    settings: PosthogQuerySettings,
    key: &str,
    patience: Patience,
) -> Result<PosthogQuery, PullError> {
    let (integrity, personal_data) = (Integrity::default(), PersonalData::default());
    let (key, limits) = (Secret::new(key), SharedLimits::default());
    PosthogQuery::new("posthog", settings, key, integrity, personal_data, patience, &limits)
}

/// Reads a source to its end; the sum of its pages, and how many they were.
pub(super) async fn read_to_end(
    source: &PosthogQuery,
    log: &TestLog,
) -> Result<(Receipt, u32), PullError> {
    let (mut sum, mut pages) = (Receipt::default(), 0);
    loop {
        let pulled = source.pull(&log.log).await?;
        sum += pulled.receipt;
        pages += 1;
        if pulled.caught_up {
            return Ok((sum, pages));
        }
        assert!(pages < 10_000, "it never ends");
    }
}

/// What was read, and nothing else.
pub(super) fn receipt(read: u64, appended: u64, repeated: u64, rejected: u64) -> Receipt {
    Receipt { read, appended, repeated, rejected }
}

/// A uuid by its number.
pub(super) fn uuid(number: u32) -> String {
    format!("00000000-0000-0000-0000-{number:012}")
}

/// A second of 2018-03-01.
pub(super) fn time(second: u32) -> String {
    format!("2018-03-01T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}
