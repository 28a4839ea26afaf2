//! What is posted to the addresses of PostHog's SDKs.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::served::{Served, TOKEN};

const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const GZIP: (&str, &str) = ("content-encoding", "gzip");
const AT: &str = "2026-02-01T05:00:00Z";
const AT_US: i64 = 1_769_922_000_000_000;

fn event(id: &str) -> Value {
    json!({"event": "x", "distinct_id": "anna", "timestamp": AT, "uuid": id})
}

fn batch(events: &[Value]) -> String {
    json!({"api_key": TOKEN, "batch": events}).to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_401_and_leaves_no_trace() {
    let mut served = Served::start();
    let right = batch(&[event("1")]);
    for body in [
        right.replace(TOKEN, ""),
        right.replace(TOKEN, &TOKEN[..TOKEN.len() - 1]),
        right.replace(TOKEN, "phc_another_project_"),
        right.replace("api_key", "key"),
        event("1").to_string(),
        json!([event("1")]).to_string(),
    ] {
        assert_eq!(served.status("/batch/", &[JSON], &body).await, 401, "{body}");
    }
    assert_eq!(served.stop_and_read().await, []);
    assert_eq!(served.log().await.store().get_source_counts().await.unwrap(), []);
}

#[tokio::test]
async fn bombs_and_bodies_that_are_too_large_are_413_and_unreadable_ones_400() {
    let mut served = Served::start();
    let limit = 20 << 20;
    let bomb = gzip(&vec![b' '; limit + 1]);
    assert_eq!(served.post("/batch/", &[GZIP], bomb.clone()).await.status().as_u16(), 413);
    let form = format!("data={}", STANDARD.encode(&bomb).replace('+', "%2B"));
    assert_eq!(served.status("/e/", &[FORM], &form).await, 413);
    // Whether it says its length or not
    let large = vec![b' '; limit + 1];
    assert_eq!(served.post("/batch/", &[JSON], large.clone()).await.status().as_u16(), 413);
    assert_eq!(chunked(&served, &large).await, "HTTP/1.1 413 Payload Too Large");
    for body in ["", "{", "nonsense", "[]", "{\"batch\":[]}", "\u{1f}\u{8b}"] {
        assert_eq!(served.status("/batch/", &[JSON], body).await, 400, "{body}");
    }
    assert_eq!(served.status("/e/?compression=lz64", &[JSON], "N4Ig").await, 400);
    assert_eq!(served.get("/e/").await.status().as_u16(), 405);
    // Then it still serves
    assert_eq!(served.status("/batch/", &[JSON], &batch(&[event("1")])).await, 200);
    assert_eq!(served.stop_and_read().await.len(), 1);
}

/// Posts a body in parts, without saying how long it is; the answer's first line.
async fn chunked(served: &Served, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(served.url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST /batch/ HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    for part in body.chunks(1 << 16) {
        stream.write_all(format!("{:x}\r\n", part.len()).as_bytes()).await.unwrap();
        stream.write_all(part).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    line.trim().to_owned()
}

#[tokio::test]
async fn what_is_bad_in_a_batch_is_rejected_and_the_rest_is_kept() {
    let mut served = Served::start();
    let mut forged = event("2");
    forged["api_key"] = "phc_another_project".into();
    let mut future = event("3");
    future["timestamp"] = "2126-01-01T00:00:00Z".into();
    let mut large = event("4");
    large["properties"] = json!({"x": "x".repeat(1 << 20)});
    let named = event(&"5".repeat(600));
    let body = batch(&[event("1"), json!(7), forged, future, large, named, event("6")]);
    // Nesting and numbers that no reader takes would make the log unreadable
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let hostile = |id: u8, value: &str| {
        let text = json!({"event": "x", "distinct_id": "a", "uuid": id.to_string(), "properties": {"v": 0}});
        text.to_string().replace(":0}", &format!(":{value}}}"))
    };
    let end =
        format!(",{},{},{}]}}", hostile(7, &deep), hostile(8, "1e999"), hostile(9, "\"\\ud800\""));
    let body = body.replace("]}", &end);
    let answer = served.post("/batch/", &[JSON], body).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.text().await.unwrap(), r#"{"status":"Ok"}"#);
    let events = served.stop_and_read().await;
    let ids: Vec<_> = events.iter().map(|event| event.external_id.as_str()).collect();
    assert_eq!(ids, ["1", "6"]);
    let log = served.log().await;
    let rejections = log.store().get_rejections(Some("app"), 100).await.unwrap();
    let has = |reason: &str| rejections.iter().any(|found| found.reason.contains(reason));
    for reason in [
        "not an event",
        "another project's",
        "seconds from now",
        "larger than 1048576 bytes",
        "its id is longer than 512 bytes",
        "nested deeper than 100",
        "number in it is out of range",
        "hex escape",
    ] {
        assert!(has(reason), "{reason}: {rejections:?}");
    }
    let counts = log.store().get_source_counts().await.unwrap();
    assert_eq!((counts[0].read, counts[0].appended, counts[0].rejected), (10, 2, 8));
}

#[tokio::test]
async fn every_address_and_encoding_of_the_clients_is_taken() {
    let mut served = Served::start();
    let single = |id: &str| {
        let mut event = event(id);
        event["api_key"] = TOKEN.into();
        event.to_string()
    };
    let browser = |id: &str| {
        let properties = json!({"token": TOKEN, "distinct_id": "anna"});
        json!([{"event": "x", "uuid": id, "offset": 1500, "properties": properties}]).to_string()
    };
    let paths = ["/batch", "/batch/", "/e", "/e/", "/i/v0/e", "/i/v0/e/", "/capture", "/capture/"];
    for (number, path) in paths.into_iter().enumerate() {
        for body in [batch(&[event(&format!("b{number}"))]), single(&format!("s{number}"))] {
            assert_eq!(served.status(path, &[JSON], &body).await, 200, "{path} {body}");
        }
    }
    // posthog-js: gzip as text, and a form for beacons
    let text = ("content-type", "text/plain");
    let zipped = gzip(browser("g").as_bytes());
    let path = "/e/?compression=gzip-js&ver=1.300.0&_=1769922000000";
    assert_eq!(served.post(path, &[text], zipped).await.status().as_u16(), 200);
    let form = format!("data={}", STANDARD.encode(browser("f")).replace('+', "%2B"));
    assert_eq!(served.status("/e/?compression=base64", &[FORM], &form).await, 200);
    let events = served.stop_and_read().await;
    assert_eq!(events.len(), 18);
    assert!(events.iter().all(|event| event.actor == "anna" && event.name == "x"));
    assert_eq!(events.iter().filter(|event| event.at_us == AT_US).count(), 16);
}

#[tokio::test]
async fn a_batch_that_is_sent_twice_counts_once_with_ids_or_without() {
    let mut served = Served::start();
    let mut nameless = event("");
    nameless.as_object_mut().unwrap().remove("uuid");
    let body = batch(&[event("1"), nameless]);
    for round in 0..3 {
        // Each time it says that it is sent now, as a client that tries again does
        let sent_at = format!("\"sent_at\":\"{}\",\"batch\"", jiff_now());
        let body = body.replacen("\"batch\"", &sent_at, 1);
        assert_eq!(served.status("/batch/", &[JSON], &body).await, 200);
        if round == 1 {
            served.stop();
            served.crash_and_restart();
        }
    }
    let events = served.stop_and_read().await;
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.at_us == AT_US));
    assert_eq!(served.log().await.store().get_rejections(None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn nothing_of_people_is_kept_of_captured_events() {
    let mut served = Served::start();
    let mut good = event("1");
    good["distinct_id"] = "anna@example.org".into();
    good["properties"] = json!({
        "$ip": "203.0.113.7",
        "$set": {"email": "anna@example.org", "Phone": "+7 900 123-45-67"},
        "text": "private words",
        "distinct_id": "anna@example.org",
        "$current_url": "https://example.com/?mail=anna%40example.org",
    });
    let mut bad = good.clone();
    bad["timestamp"] = "never".into();
    let mut deep = serde_json::to_string(&good).unwrap();
    deep.truncate(deep.len() - 1);
    let deep = format!("{deep},\"x\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let deep = deep.replace("\"x\",", "7,");
    let body = batch(&[good, bad]).replace("]}", &format!(",{deep}]}}"));
    assert_eq!(served.status("/batch/", &[JSON], &body).await, 200);
    let events = served.stop_and_read().await;
    assert_eq!(events.len(), 1);
    let rejections = served.log().await.store().get_rejections(None, 10).await.unwrap();
    assert_eq!(rejections.len(), 2);
    let database = std::fs::read(served.folder.path().join("oracle.db")).unwrap();
    let said = format!("{events:?} {rejections:?} {}", String::from_utf8_lossy(&database));
    for private in ["example.org", "203.0.113.7", "123-45-67", "private words"] {
        assert!(!said.contains(private), "{private} is kept");
    }
}

fn jiff_now() -> String {
    use system_token_oracle::clock::{Clock, SystemClock};
    jiff::Timestamp::from_microsecond(SystemClock.now_us()).unwrap().to_string()
}
