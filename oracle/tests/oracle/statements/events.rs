//! Events of the log are what was signed, or are not believed.

use serde_json::{Value, json};
use solana_signer::Signer;
use system_token_oracle::ingest::Event;
use system_token_oracle::statement::{
    Assertion, EventError, SignedStatement, StatementError, verify_event,
};

use super::{CURATOR, DOMAIN, MASTER, assessment, qualification, signed, text, withdrawal};
use crate::identity::town::{key, sign};
use crate::log::NOW_US;

/// Why an event that was changed is not believed.
fn tampered(assertion: Assertion, change: impl FnOnce(&mut Event)) -> EventError {
    let mut event = signed(MASTER, assertion).to_event();
    verify_event(&event).unwrap();
    change(&mut event);
    verify_event(&event).unwrap_err()
}

fn set(name: &'static str, value: Value) -> impl FnOnce(&mut Event) {
    move |event| drop(event.properties.insert(name.to_owned(), value))
}

fn differs(what: &str) -> EventError {
    EventError::Differs(what.to_owned())
}

#[test]
fn what_was_not_signed_is_not_believed_whichever_part_of_an_event_says_it() {
    let work = || assessment("t/412/1");
    assert_eq!(tampered(work(), |e| e.source = "club".into()), differs("source"));
    assert_eq!(tampered(work(), |e| e.external_id = "1".into()), differs("id"));
    assert_eq!(tampered(work(), |e| e.at_us += 1), differs("time"));
    assert_eq!(tampered(work(), |e| e.name = "artifact_withdrawn".into()), differs("name"));
    let other = key(CURATOR).pubkey().to_string();
    assert_eq!(tampered(work(), |e| e.actor = other), differs("actor"));
    for (name, value) in [
        ("artifact", json!("t/412/2")),
        ("score", json!(81)),
        // The same number, written otherwise
        ("score", json!(80.0)),
        ("score", json!("80")),
        ("note_hash", json!("00".repeat(32))),
        ("stage", json!(3)),
        ("target_author", json!("31")),
    ] {
        let error = tampered(work(), set(name, value));
        assert_eq!(error, differs(&format!("property `{name}`")));
    }
    let left_out = tampered(work(), |e| drop(e.properties.remove("score")));
    assert_eq!(left_out, differs("property `score`"));
    for (name, value) in [
        ("member", json!(8)),
        ("stage", json!(4)),
        ("expires_at", json!("2029-01-15T08:00:00Z")),
        ("expires_at", Value::Null),
    ] {
        let error = tampered(qualification(7, 3), set(name, value));
        assert_eq!(error, differs(&format!("property `{name}`")));
    }
    let error = tampered(withdrawal("t/412/1"), set("artifact", json!("t/412/2")));
    assert_eq!(error, differs("property `artifact`"));
}

#[test]
fn another_text_or_signature_is_not_believed() {
    let wallet = key(MASTER).pubkey();
    let wrong = EventError::Statement(StatementError::WrongSignature(wallet));
    let work = || assessment("t/412/1");
    let other = text(&key(MASTER), assessment("t/412/2"), NOW_US);
    assert_eq!(tampered(work(), set("statement", json!(other))), wrong);
    let of_other = sign(&key(MASTER), &other);
    assert_eq!(tampered(work(), set("signature", json!(of_other))), wrong);
    // Nor another statement with its own signature in the place of the first
    let replaced = tampered(work(), |event| {
        event.properties.insert("statement".to_owned(), json!(other));
        event.properties.insert("signature".to_owned(), json!(of_other));
    });
    assert_eq!(replaced, differs("id"));
    let of_another_wallet = sign(&key(CURATOR), &text(&key(MASTER), work(), NOW_US));
    assert_eq!(tampered(work(), set("signature", json!(of_another_wallet))), wrong);
    let unreadable = EventError::Statement(StatementError::NotASignature);
    assert_eq!(tampered(work(), set("signature", json!("")),), unreadable);
    for name in ["statement", "signature"] {
        assert_eq!(tampered(work(), set(name, json!(1))), EventError::Missing(name));
        let error = tampered(work(), |event| drop(event.properties.remove(name)));
        assert_eq!(error, EventError::Missing(name));
    }
}

#[test]
fn an_event_says_what_was_signed() {
    let Event { at_us, source, external_id, name, actor, mut properties } =
        signed(MASTER, qualification(7, 3)).to_event();
    let wallet = key(MASTER).pubkey().to_string();
    assert_eq!(
        (at_us, source.as_str(), name.as_str(), &actor),
        (NOW_US, "statements", "qualification_granted", &wallet)
    );
    let text = properties.remove("statement").unwrap();
    let signature = properties.remove("signature").unwrap();
    let signed = SignedStatement::verify(text.as_str().unwrap(), signature.as_str().unwrap());
    assert_eq!(signed.unwrap().id(), external_id);
    let expected = json!({ "member": 7, "stage": 3, "expires_at": "2028-01-15T08:00:00Z" });
    assert_eq!(json!(properties), expected);

    let properties = |assertion| {
        let mut event = super::signed(MASTER, assertion).to_event();
        event.properties.retain(|name, _| name != "statement" && name != "signature");
        (event.name, json!(event.properties))
    };
    let named = |name: &str, properties| (name.to_owned(), properties);
    assert_eq!(
        properties(assessment("t/1")),
        named("artifact_assessed", json!({ "artifact": "t/1", "score": 80 }))
    );
    assert_eq!(
        properties(withdrawal("t/1")),
        named("artifact_withdrawn", json!({ "artifact": "t/1" }))
    );
    assert_eq!(
        properties(qualification(7, 0)),
        named("qualification_granted", json!({ "member": 7, "stage": 0 }))
    );
    let statement = verify_event(&super::signed(MASTER, assessment("t/1")).to_event()).unwrap();
    assert_eq!((statement.domain(), statement.wallet().to_string()), (DOMAIN, wallet));
}
