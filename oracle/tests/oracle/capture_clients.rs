//! PostHog's own clients post to us, and the Standard Webhooks library signs for us.
//!
//! scripts/sdk-clients.sh installs them.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use system_token_oracle::ingest::Event;

use crate::served::{STANDARD_SECRET, Served, TOKEN};
use crate::webhooks::payload;

const PYTHON: &str = r#"
import datetime, sys
from posthog import Posthog

host, token, gzip = sys.argv[1], sys.argv[2], sys.argv[3] == "gzip"
errors = []
client = Posthog(token, host=host, gzip=gzip, flush_at=10, on_error=lambda error, batch: errors.append(error))
at = datetime.datetime(2026, 2, 1, 5, 0, tzinfo=datetime.timezone.utc)
for i in range(25):
    client.capture("section_read", distinct_id=f"member-{i % 5}", timestamp=at,
                   uuid=f"00000000-0000-7000-8000-{i:012}",
                   properties={"section": i, "email": "anna@example.org"})
client.shutdown()
assert not errors, errors
"#;

const NODE: &str = r"
const { PostHog } = require('posthog-node');
const [host, token, compress] = process.argv.slice(1);
(async () => {
  const client = new PostHog(token, { host, flushAt: 10, disableCompression: compress !== 'gzip' });
  const errors = [];
  client.on('error', (error) => errors.push(error));
  for (let i = 0; i < 25; i++) {
    client.capture({
      distinctId: `member-${i % 5}`, event: 'section_read', timestamp: new Date('2026-02-01T05:00:00Z'),
      uuid: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      properties: { section: i, email: 'anna@example.org' },
    });
  }
  await client.shutdown();
  if (errors.length) { console.error(errors); process.exit(1); }
})();
";

/// Events of 900 KB, of which 20 MB hold 23: the client has to halve a batch that is refused by 413.
const NODE_LARGE: &str = r"
const { PostHog } = require('posthog-node');
const [host, token] = process.argv.slice(1);
(async () => {
  const client = new PostHog(token, { host, flushAt: 40, maxBatchSize: 40, disableCompression: true });
  for (let i = 0; i < 40; i++) {
    client.capture({ distinctId: 'member', event: 'large', properties: { i, x: 'x'.repeat(900_000) } });
  }
  await client.shutdown(60_000);
})();
";

const SIGN: &str = r#"
import datetime, sys
from standardwebhooks.webhooks import Webhook

secret, body = sys.argv[1], sys.argv[2]
at = datetime.datetime.now(tz=datetime.timezone.utc)
print(int(at.timestamp()))
print(Webhook(secret).sign("msg_of_the_library", at, body))
"#;

fn installed() -> PathBuf {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let folder = cache.join("sdk-clients");
    assert!(folder.join("installed").exists(), "run scripts/sdk-clients.sh first");
    folder
}

/// Runs a client's program and waits for its end; what it printed.
async fn run(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn python(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(installed().join("python/bin/python"));
    command.args(["-c", program]).args(arguments);
    command
}

fn node(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.args(["-e", program, "--"]).args(arguments);
    command.env("NODE_PATH", installed().join("node_modules"));
    command
}

/// The 25 events of the clients' programs.
fn assert_captured(events: &[Event], library: &str) {
    assert_eq!(events.len(), 25);
    for (i, event) in events.iter().enumerate() {
        assert_eq!(event.external_id, format!("00000000-0000-7000-8000-{i:012}"));
        assert_eq!(event.actor, format!("member-{}", i % 5));
        assert_eq!(event.name, "section_read");
        assert_eq!(event.at_us, 1_769_922_000_000_000);
        assert_eq!(event.count("section"), Some(i as u64));
        assert_eq!(event.text("$lib"), Some(library));
        assert_eq!(event.properties.get("email"), None::<&Value>);
    }
}

#[tokio::test]
async fn posthog_python_posts_batches() {
    for encoding in ["plain", "gzip"] {
        let mut served = Served::start();
        run(python(PYTHON, &[&served.url, TOKEN, encoding])).await;
        assert_captured(&served.stop_and_read().await, "posthog-python");
    }
}

#[tokio::test]
async fn posthog_node_posts_batches() {
    for encoding in ["plain", "gzip"] {
        let mut served = Served::start();
        run(node(NODE, &[&served.url, TOKEN, encoding])).await;
        assert_captured(&served.stop_and_read().await, "posthog-node");
    }
}

#[tokio::test]
async fn posthog_node_halves_a_batch_that_is_too_large() {
    let mut served = Served::start();
    run(node(NODE_LARGE, &[&served.url, TOKEN])).await;
    let metrics = served.get("/metrics").await.text().await.unwrap();
    assert!(
        metrics.contains(r#"stk_deliveries_total{source="(none)",result="too_large"}"#),
        "{metrics}"
    );
    let events = served.stop_and_read().await;
    assert_eq!(events.len(), 40);
}

#[tokio::test]
async fn the_standard_webhooks_library_signs_and_we_believe_it() {
    let mut served = Served::start();
    let body = payload!("posthog_event");
    let signed = run(python(SIGN, &[STANDARD_SECRET, body])).await;
    let (timestamp, signature) = signed.trim().split_once('\n').unwrap();
    let headers = [
        ("webhook-id", "msg_of_the_library"),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signature),
    ];
    let other = body.replace("guide-1/3", "guide-1/4");
    assert_eq!(served.status("/webhooks/product", &headers, &other).await, 401);
    assert_eq!(served.status("/webhooks/product", &headers, body).await, 200);
    assert_eq!(served.stop_and_read().await.len(), 1);
}
