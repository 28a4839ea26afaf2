//! A running `stk-oracle serve` of a test's own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use hmac::{Hmac, Mac};
use reqwest::{Client, Response};
use sha2::Sha256;
use system_token_oracle::clock::SystemClock;
use system_token_oracle::ingest::Event;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::store::Store;
use system_token_test_databases::sqlite_url;
use tempfile::TempDir;

/// Discourse's, GitHub's, Telegram's and NocoDB's secret.
pub(crate) const SECRET: &str = "it is a secret to everybody";
/// PostHog's: the example of the Standard Webhooks specification.
pub(crate) const STANDARD_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The project's token for captured events.
pub(crate) const TOKEN: &str = "phc_test_project";

/// Every kind of source that pushes.
pub(crate) const SOURCES: &str = r#"
[personal_data]
salt_env = "TEST_SALT"

[[source]]
name = "club"
kind = "discourse"
secret_env = "TEST_SECRET"

[[source]]
name = "code"
kind = "github"
secret_env = "TEST_SECRET"

[[source]]
name = "bot"
kind = "telegram"
secret_env = "TEST_SECRET"

[[source]]
name = "base"
kind = "nocodb"
secret_env = "TEST_SECRET"
actor_column = "Member"
columns = ["Points"]

[[source]]
name = "product"
kind = "posthog_webhook"
secret_env = "TEST_STANDARD_SECRET"

[[source]]
name = "app"
kind = "capture"
token_env = "TEST_TOKEN"
"#;

/// The process, its folder and a client to talk to it.
pub(crate) struct Served {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
    database: String,
    client: Client,
    process: Child,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::start_with(SOURCES, None)
    }

    /// With these sources, on a SQLite file or on another database.
    pub(crate) fn start_with(sources: &str, database: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("oracle.db");
        let database = database.map_or_else(|| sqlite_url(&file), str::to_owned);
        let config = format!("database_url = {database:?}\ndata_dir = \"data\"\n{sources}");
        std::fs::write(folder.path().join("oracle.toml"), config).unwrap();
        let (process, url) = spawn(folder.path());
        Self { folder, url, database, client: Client::new(), process }
    }

    /// Ends the process at once, as a crash does, and starts another.
    pub(crate) fn crash_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.url) = spawn(self.folder.path());
    }

    /// Posts a body.
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Response {
        self.try_post(path, headers, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Result<Response> {
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await
    }

    /// Posts a body and tells the status.
    pub(crate) async fn status(&self, path: &str, headers: &[(&str, &str)], body: &str) -> u16 {
        self.post(path, headers, body.to_owned()).await.status().as_u16()
    }

    /// What an address answers.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// Tells the process to stop and waits until it has.
    pub(crate) fn stop(&mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }

    /// Opens what the process keeps.
    pub(crate) async fn log(&self) -> EventLog {
        let store = Store::open(&self.database).await.unwrap();
        let folder = self.folder.path().join("data/segments");
        EventLog::open(store, &folder, Arc::new(SystemClock)).unwrap()
    }

    /// Stops the process; the events that are in its log then, by time.
    pub(crate) async fn stop_and_read(&mut self) -> Vec<Event> {
        self.stop();
        self.log().await.get_events(Range::ALL).await.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path) -> (Child, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_stk-oracle"))
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(folder.join("oracle.toml"))
        .envs([
            ("TEST_SECRET", SECRET),
            ("TEST_STANDARD_SECRET", STANDARD_SECRET),
            ("TEST_TOKEN", TOKEN),
            ("TEST_SALT", "a salt of the tests"),
            ("RUST_LOG", "info"),
        ])
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said = std::fs::read_to_string(folder.join("stderr")).unwrap();
    let url = line.trim().strip_prefix("listening at ").unwrap_or_else(|| panic!("{said}"));
    (process, url.to_owned())
}

/// `sha256=` and the HMAC of a body, as Discourse and GitHub write it.
pub(crate) fn hex_signature(secret: &str, body: &str) -> String {
    let mac = mac(secret.as_bytes(), body.as_bytes());
    format!("sha256={}", mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

pub(crate) fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}
