//! Deliveries that must not count, and what must never be kept of those that do.

use std::path::Path;

use system_token_oracle::segments::Range;

use crate::served::{SECRET, STANDARD_SECRET, Served, hex_signature};
use crate::webhooks::{
    discourse, github, nocodb, now_seconds, payload, posthog_at, standard_signature, telegram,
};

const POST: &str = payload!("discourse_post_created");
const ISSUE: &str = payload!("github_issue_opened");
const EVENT: &str = payload!("posthog_event");

/// What the payloads hold of people, and no file of ours may.
const PRIVATE: [&str; 9] = [
    "example.org",
    "123-45-67",
    "private words",
    "Petrova",
    "Boris",
    "100500",
    "anna_p",
    "203.0.113.7",
    "Слова",
];

/// Nothing was kept: no event, no rejection, no count.
async fn assert_nothing_kept(served: &mut Served) {
    assert_eq!(served.stop_and_read().await, []);
    let log = served.log().await;
    assert_eq!(log.store().get_rejections(None, 10).await.unwrap(), []);
    assert_eq!(log.store().get_source_counts().await.unwrap(), []);
}

#[tokio::test]
async fn a_missing_wrong_or_truncated_signature_is_401_and_leaves_no_trace() {
    let mut served = Served::start();
    let right = hex_signature(SECRET, POST);
    let other = hex_signature("another secret, as long", POST);
    let reserialised: serde_json::Value = serde_json::from_str(POST).unwrap();
    let of_reserialised = hex_signature(SECRET, &serde_json::to_string(&reserialised).unwrap());
    let of_trimmed = hex_signature(SECRET, POST.trim_end());
    for (source, event, header) in [
        ("club", ("x-discourse-event", "post_created"), "x-discourse-event-signature"),
        ("code", ("x-github-event", "issues"), "x-hub-signature-256"),
    ] {
        let path = format!("/webhooks/{source}");
        for signature in [
            "",
            "sha256=",
            &right[7..],
            &right[..right.len() - 1],
            &right[..right.len() - 2],
            &format!("{right}00"),
            &right.replace("sha256", "sha1"),
            &other,
            &of_reserialised,
            &of_trimmed,
        ] {
            let headers = [event, (header, signature)];
            assert_eq!(served.status(&path, &headers, POST).await, 401, "{signature}");
        }
        assert_eq!(served.status(&path, &[event], POST).await, 401);
    }
    assert_nothing_kept(&mut served).await;
}

#[tokio::test]
async fn a_missing_wrong_or_truncated_secret_is_401_and_leaves_no_trace() {
    let mut served = Served::start();
    for (path, header, body) in [
        ("/webhooks/bot", "x-telegram-bot-api-secret-token", payload!("telegram_message")),
        ("/webhooks/base", "x-webhook-secret", payload!("nocodb_insert")),
    ] {
        for secret in ["", &SECRET[..SECRET.len() - 1], &format!("{SECRET}x"), "another"] {
            assert_eq!(served.status(path, &[(header, secret)], body).await, 401, "{secret}");
        }
        assert_eq!(served.status(path, &[], body).await, 401);
    }
    assert_nothing_kept(&mut served).await;
}

#[tokio::test]
async fn a_standard_webhook_must_be_signed_whole_and_now() {
    let mut served = Served::start();
    let now = now_seconds();
    // Given signatures that are right, at times that are not
    for signed_at in [now - 310, now + 310, 0, i64::MAX] {
        assert_eq!(posthog_at(&served, signed_at, EVENT).await, 401, "{signed_at}");
    }
    // And signatures of something else
    let (now, later) = (now.to_string(), (now + 1).to_string());
    let right = standard_signature("msg_1", &now, EVENT);
    for (id, timestamp, signature) in [
        ("msg_2", now.as_str(), right.as_str()),
        ("msg_1", &later, &right),
        ("", &now, &standard_signature("", &now, EVENT)),
        ("msg_1", "soon", &right),
        ("msg_1", &now, ""),
        ("msg_1", &now, &right[3..]),
        ("msg_1", &now, &right[..right.len() - 4]),
        ("msg_1", &now, &right.replacen("v1", "v1a", 1)),
        ("msg_1", &now, &format!("{}{right}", "v1,AAAA ".repeat(20))),
    ] {
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ];
        assert_eq!(served.status("/webhooks/product", &headers, EVENT).await, 401, "{signature}");
    }
    let missing = [("webhook-id", "msg_1"), ("webhook-timestamp", now.as_str())];
    assert_eq!(served.status("/webhooks/product", &missing, EVENT).await, 401);
    assert!(!STANDARD_SECRET.is_empty());
    assert_nothing_kept(&mut served).await;
}

#[tokio::test]
async fn while_a_key_is_changed_either_signature_will_do() {
    let mut served = Served::start();
    let now = now_seconds().to_string();
    let right = standard_signature("msg_1", &now, EVENT);
    let both = format!("v1,AAAA v1a,BBBB {right}");
    let headers =
        [("webhook-id", "msg_1"), ("webhook-timestamp", &*now), ("webhook-signature", &*both)];
    assert_eq!(served.status("/webhooks/product", &headers, EVENT).await, 200);
    assert_eq!(served.stop_and_read().await.len(), 1);
}

#[tokio::test]
async fn a_replayed_delivery_counts_once_whatever_its_unsigned_headers_say() {
    let mut served = Served::start();
    for round in 0..3 {
        assert_eq!(discourse(&served, "post_created", POST).await, 200);
        assert_eq!(github(&served, "issues", &format!("d-{round}"), ISSUE).await, 200);
        assert_eq!(github(&served, "issue_comment", "d-9", ISSUE).await, 200);
        assert_eq!(telegram(&served, payload!("telegram_message")).await, 200);
        assert_eq!(nocodb(&served, payload!("nocodb_insert")).await, 200);
        assert_eq!(posthog_at(&served, now_seconds(), EVENT).await, 200);
        // The second round finds them in the inbox, the third in the log
        if round == 1 {
            served.stop();
            let before = served.log().await.get_events(Range::ALL).await.unwrap();
            assert_eq!(before.len(), 6);
            served.crash_and_restart();
        }
    }
    assert_eq!(served.stop_and_read().await.len(), 6);
    let counts = served.log().await.store().get_source_counts().await.unwrap();
    let club = counts.iter().find(|counts| counts.source == "club").unwrap();
    assert_eq!((club.read, club.appended, club.repeated, club.rejected), (3, 1, 2, 0));
}

#[tokio::test]
async fn a_signed_event_under_another_name_makes_no_event_of_it() {
    let mut served = Served::start();
    for event in ["topic_created", "post_liked", "accepted_solution", "user_promoted"] {
        assert_eq!(discourse(&served, event, POST).await, 200);
    }
    for event in ["pull_request", "pull_request_review", "discussion", "push"] {
        assert_eq!(github(&served, event, "d-1", ISSUE).await, 200);
    }
    assert_eq!(served.stop_and_read().await, []);
}

#[tokio::test]
async fn large_deep_and_unknown_deliveries_are_refused_by_their_own_codes() {
    let mut served = Served::start();
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(discourse(&served, "post_created", &large).await, 413);
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    assert_eq!(discourse(&served, "post_created", &deep).await, 400);
    assert_eq!(discourse(&served, "post_created", "payload=%7B%7D").await, 400);
    for path in ["/webhooks/nobody", "/webhooks/", "/webhooks/app", "/webhooks/club/x", "/"] {
        assert_eq!(served.status(path, &[], POST).await, 404, "{path}");
    }
    assert_eq!(served.get("/webhooks/club").await.status().as_u16(), 405);
    assert_eq!(served.stop_and_read().await, []);
    // What was signed and unreadable is named, and nothing of it kept
    let rejections = served.log().await.store().get_rejections(None, 10).await.unwrap();
    assert_eq!(rejections.len(), 2);
    assert!(rejections.iter().all(|found| found.raw.ends_with(" bytes)\"")), "{rejections:?}");
}

#[tokio::test]
async fn nothing_of_people_is_kept_of_any_tool_in_any_file() {
    let mut served = Served::start();
    // Given every payload, and each once more without a field that it needs
    let broken = |body: &str| body.replace("_id\"", "_di\"").replace("\"id\"", "\"di\"");
    for body in [POST, &broken(POST)] {
        assert_eq!(discourse(&served, "post_created", body).await, 200);
    }
    let liked = payload!("discourse_post_liked");
    for body in [liked, &broken(liked)] {
        assert_eq!(discourse(&served, "post_liked", body).await, 200);
    }
    for body in [ISSUE, &broken(ISSUE)] {
        assert_eq!(github(&served, "issues", "d-1", body).await, 200);
    }
    for body in [payload!("telegram_message"), payload!("telegram_reply")] {
        assert_eq!(telegram(&served, body).await, 200);
        assert_eq!(telegram(&served, &body.replace("date", "when")).await, 200);
    }
    let rows = payload!("nocodb_insert");
    for body in [rows, &broken(rows)] {
        assert_eq!(nocodb(&served, body).await, 200);
    }
    for body in [EVENT, &EVENT.replace("uuid", "guid")] {
        assert_eq!(posthog_at(&served, now_seconds(), body).await, 200);
    }
    // Then neither the files nor the events hold anything of it
    let events = served.stop_and_read().await;
    assert!(events.len() >= 7, "{events:?}");
    let rejections = served.log().await.store().get_rejections(None, 100).await.unwrap();
    assert!(rejections.len() >= 6, "{rejections:?}");
    let said = format!("{events:?} {rejections:?}");
    let mut files = files(served.folder.path());
    files.push(said.into_bytes());
    for private in PRIVATE {
        let found = files.iter().any(|file| contains(file, private.as_bytes()));
        assert!(!found, "{private} is kept");
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(std::fs::read(path).unwrap());
        }
    }
    files
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
