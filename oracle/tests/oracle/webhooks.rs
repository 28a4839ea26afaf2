//! What each tool pushes becomes these events.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::ingest::Event;

use crate::served::{SECRET, STANDARD_SECRET, Served, hex_signature, mac};

macro_rules! payload {
    ($name:literal) => {
        include_str!(concat!("payloads/", $name, ".json"))
    };
}
pub(crate) use payload;

pub(crate) async fn discourse(served: &Served, event: &str, body: &str) -> u16 {
    let signature = hex_signature(SECRET, body);
    let headers = [
        ("x-discourse-event", event),
        ("x-discourse-event-signature", signature.as_str()),
        ("content-type", "application/json"),
    ];
    served.status("/webhooks/club", &headers, body).await
}

pub(crate) async fn github(served: &Served, event: &str, delivery: &str, body: &str) -> u16 {
    let signature = hex_signature(SECRET, body);
    let headers = [
        ("x-github-event", event),
        ("x-github-delivery", delivery),
        ("x-hub-signature-256", signature.as_str()),
    ];
    served.status("/webhooks/code", &headers, body).await
}

pub(crate) async fn telegram(served: &Served, body: &str) -> u16 {
    served.status("/webhooks/bot", &[("x-telegram-bot-api-secret-token", SECRET)], body).await
}

pub(crate) async fn nocodb(served: &Served, body: &str) -> u16 {
    served.status("/webhooks/base", &[("x-webhook-secret", SECRET)], body).await
}

/// `v1,` and the signature that the Standard Webhooks specification asks for.
pub(crate) fn standard_signature(id: &str, timestamp: &str, body: &str) -> String {
    let key = STANDARD.decode(&STANDARD_SECRET["whsec_".len()..]).unwrap();
    let mac = mac(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac))
}

pub(crate) async fn posthog_at(served: &Served, signed_at: i64, body: &str) -> u16 {
    let timestamp = signed_at.to_string();
    let signature = standard_signature("msg_1", &timestamp, body);
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", timestamp.as_str()),
        ("webhook-signature", signature.as_str()),
    ];
    served.status("/webhooks/product", &headers, body).await
}

pub(crate) fn now_seconds() -> i64 {
    SystemClock.now_us() / 1_000_000
}

/// The events without the times that are ours, by id.
fn listed(events: &[Event], timeless: &[&str]) -> Vec<Value> {
    let mut listed: Vec<_> = events
        .iter()
        .map(|event| {
            let mut value = serde_json::to_value(event).unwrap();
            if timeless.contains(&event.name.as_str()) {
                assert!((now_seconds() - event.at_us / 1_000_000).abs() < 60);
                value["at_us"] = Value::Null;
            }
            value
        })
        .collect();
    listed.sort_by_key(|value| value["external_id"].as_str().unwrap().to_owned());
    listed
}

#[expect(clippy::needless_pass_by_value, reason = "what is expected is written out in place")]
fn event(
    source: &str,
    external_id: &str,
    at_us: impl Into<Value>,
    name: &str,
    actor: &str,
    properties: Value,
) -> Value {
    json!({
        "source": source,
        "external_id": external_id,
        "at_us": at_us.into(),
        "name": name,
        "actor": actor,
        "properties": properties,
    })
}

#[tokio::test]
async fn discourse_pushes_topics_posts_likes_and_solutions() {
    let mut served = Served::start();
    for (event, body) in [
        ("topic_created", payload!("discourse_topic_created")),
        // The topic's own post is no contribution of its own
        ("post_created", payload!("discourse_first_post")),
        ("post_created", payload!("discourse_post_created")),
        ("post_edited", payload!("discourse_post_created")),
        ("post_liked", payload!("discourse_post_liked")),
        ("accepted_solution", payload!("discourse_accepted_solution")),
        ("ping", r#"{"ping":"OK"}"#),
    ] {
        assert_eq!(discourse(&served, event, body).await, 200, "{event}");
    }
    let events = served.stop_and_read().await;
    let expected = [
        event(
            "club",
            "post_created:9002",
            1_769_927_400_000_000_i64,
            "post_created",
            "32",
            json!({"artifact": "t/412/2", "target": "t/412/1", "target_author": "31", "space": "c/7"}),
        ),
        event(
            "club",
            "post_liked:9002:31",
            Value::Null,
            "post_liked",
            "31",
            json!({"target": "t/412/2", "target_author": "32", "space": "c/7"}),
        ),
        event(
            "club",
            "solution_accepted:9002",
            Value::Null,
            "solution_accepted",
            "32",
            json!({"artifact": "t/412/2", "target": "t/412/1", "target_author": "31", "space": "c/7"}),
        ),
        event(
            "club",
            "topic_created:412",
            1_769_922_000_125_000_i64,
            "topic_created",
            "31",
            json!({"artifact": "t/412/1", "space": "c/7"}),
        ),
    ];
    assert_eq!(listed(&events, &["post_liked", "solution_accepted"]), expected);
}

#[tokio::test]
async fn github_pushes_issues_pull_requests_reviews_and_comments() {
    let mut served = Served::start();
    let closed = payload!("github_pull_merged").replace("\"merged\":true", "\"merged\":false");
    for (event, body) in [
        ("ping", r#"{"zen":"Keep it logically awesome.","hook_id":1}"#),
        ("issues", payload!("github_issue_opened")),
        ("pull_request", closed.as_str()),
        ("pull_request", payload!("github_pull_merged")),
        ("pull_request_review", payload!("github_review_submitted")),
        ("issue_comment", payload!("github_issue_comment")),
    ] {
        assert_eq!(github(&served, event, "d-1", body).await, 200, "{event}");
    }
    let events = served.stop_and_read().await;
    let on_pull = json!({"target": "club/guides#8", "target_author": "502", "space": "club/guides",
        "artifact": "club/guides#8/review-4811001", "verdict": "approved"});
    let on_issue = json!({"target": "club/guides#7", "target_author": "501", "space": "club/guides",
        "artifact": "club/guides#7/comment-5811001"});
    let issue = json!({"artifact": "club/guides#7", "space": "club/guides"});
    let pull = json!({"artifact": "club/guides#8", "space": "club/guides", "additions": 120,
        "deletions": 14});
    let at = |hours: i64| (1_769_922_000 + hours * 3_600) * 1_000_000;
    let expected = [
        event("code", "comment_created:IC_kwDOAA2", at(2), "comment_created", "502", on_issue),
        event("code", "issue_opened:I_kwDOAA7", at(0), "issue_opened", "501", issue),
        event("code", "pull_merged:PR_kwDOAA8", at(25), "pull_merged", "502", pull),
        event("code", "review_submitted:PRR_kwDOAA1", at(15), "review_submitted", "501", on_pull),
    ];
    assert_eq!(listed(&events, &[]), expected);
}

#[tokio::test]
async fn telegram_pushes_messages_replies_and_reactions_of_people_without_names() {
    let mut served = Served::start();
    let private = payload!("telegram_message").replace("supergroup", "private");
    let joined = payload!("telegram_message").replace("\"text\"", "\"new_chat_title\"");
    let removed = payload!("telegram_reaction")
        .replace("\"old_reaction\":[]", "\"old_reaction\":[{\"type\":\"emoji\",\"emoji\":\"👍\"}]");
    for body in [
        private.as_str(),
        joined.as_str(),
        payload!("telegram_message"),
        payload!("telegram_reply"),
        payload!("telegram_reaction"),
        removed.as_str(),
        r#"{"update_id":880009,"edited_message":{"message_id":41}}"#,
    ] {
        assert_eq!(telegram(&served, body).await, 200, "{body}");
    }
    let events = served.stop_and_read().await;
    let [anna, boris] = [&events[0].actor, &events[1].actor];
    let chat = events[0].text("space").unwrap();
    for hash in [anna.as_str(), boris, chat] {
        assert!(hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    }
    assert!(anna != boris && anna != chat);
    let (first, second) = (format!("{chat}/41"), format!("{chat}/42"));
    let at = |minutes: i64| (1_769_922_000 + minutes * 60) * 1_000_000;
    let expected = [
        event(
            "bot",
            "880001",
            at(0),
            "message_sent",
            anna,
            json!({"artifact": first, "characters": 53, "space": chat}),
        ),
        event(
            "bot",
            "880002",
            at(1),
            "message_sent",
            boris,
            json!({"artifact": second, "characters": 5, "space": chat, "target": first,
                "target_author": anna}),
        ),
        // Whose message it is, Telegram does not say
        event(
            "bot",
            "880003",
            at(2),
            "reaction_added",
            anna,
            json!({"reaction": "👍", "space": chat, "target": second, "target_author": boris}),
        ),
    ];
    assert_eq!(listed(&events, &[]), expected);
}

#[tokio::test]
async fn nocodb_pushes_rows_and_a_row_of_nobody_does_not_stop_the_others() {
    let mut served = Served::start();
    assert_eq!(nocodb(&served, payload!("nocodb_insert")).await, 200);
    let events = served.stop_and_read().await;
    let row = |id: i64, actor: &str, points: i64| {
        let external_id = format!("1d0f2a0e-7c54-4a0b-9a3c-0f7f0a6c0001:{id}");
        let properties =
            json!({"artifact": format!("Projects/{id}"), "space": "Projects", "Points": points});
        let at_us = (1_769_922_000 + id - 3) * 1_000_000;
        event("base", &external_id, at_us, "record_added", actor, properties)
    };
    assert_eq!(listed(&events, &[]), [row(3, "usr7", 40), row(4, "member-8", 25)]);
    let rejections = served.log().await.store().get_rejections(Some("base"), 10).await.unwrap();
    assert_eq!(rejections.len(), 1);
    assert_eq!(rejections[0].reason, "row 5 says nobody in the column `Member`");
}

#[tokio::test]
async fn posthog_pushes_events_signed_as_standard_webhooks_says() {
    let mut served = Served::start();
    assert_eq!(posthog_at(&served, now_seconds(), payload!("posthog_event")).await, 200);
    let events = served.stop_and_read().await;
    assert_eq!(events.len(), 1);
    let known = &events[0];
    assert_eq!(known.external_id, "0192e4ab-0000-7000-8000-00000000000a");
    assert_eq!(known.at_us, 1_769_922_000_123_000);
    assert_eq!(known.name, "section_read");
    // The address is hashed, as an actor and as a property alike
    assert_eq!(known.actor.len(), 32);
    assert_eq!(known.text("$user_id"), Some(known.actor.as_str()));
    assert_eq!(known.text("section"), Some("guide-1/3"));
    assert_eq!(known.properties.len(), 2);
}
