//! Statements over the wire: what each refusal is called, and the service itself.

use std::process::Command;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use solana_signer::Signer;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::config::LinkingSettings;
use system_token_oracle::identity::{Alias, Linking, Role};
use system_token_oracle::segments::{Batch, ChunkBuilder, EventLog, Row};
use system_token_oracle::statement::{EventError, SignedStatement, api, verify_event};
use system_token_oracle::store::Store;
use system_token_test_databases::TestDatabase;

use super::{CURATOR, MASTER, Office, TRAINEE, assessment, qualification, text, withdrawal};
use crate::identity::town::{SECOND, key, sign};
use crate::log::NOW_US;
use crate::served::{SECRET, SOURCES, Served, TOKEN};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A statement as it is sent.
fn body(text: &str, number: u8) -> Value {
    json!({ "text": text, "signature": sign(&key(number), text) })
}

/// An office's API, which serves until the test is over.
struct Api {
    office: Office,
    base: String,
    client: Client,
}

impl Api {
    async fn new() -> Self {
        let office = Office::new().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let reception = super::reception(&office.town, Default::default());
        let router = api::router(Arc::new(reception));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { office, base, client: Client::new() }
    }

    async fn post(&self, body: impl ToString) -> (StatusCode, Value) {
        let post = self.client.post(format!("{}/v1/statements", self.base)).body(body.to_string());
        let answer = post.header(JSON.0, JSON.1).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn refused(&self, body: impl ToString) -> u16 {
        let (status, answer) = self.post(body).await;
        let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["error"], "{answer}");
        status.as_u16()
    }
}

#[tokio::test]
async fn what_is_wrong_has_a_status_that_fits() {
    let api = Api::new().await;
    let good = text(&key(MASTER), assessment("t/1"), NOW_US);
    for body in ["", "{", r#""text""#] {
        assert!([400, 422].contains(&api.refused(body).await), "{body}");
    }
    let mut more = body(&good, MASTER);
    more["admin"] = true.into();
    assert_eq!(api.refused(more).await, 422);
    assert_eq!(api.refused(body(&"x".repeat(9_000), MASTER)).await, 413);
    assert_eq!(api.refused(body("I like it", MASTER)).await, 400);
    assert_eq!(api.refused(json!({ "text": good, "signature": "x" })).await, 400);
    assert_eq!(api.refused(body(&good, CURATOR)).await, 403);
    let elsewhere = good.replace("club.example", "evil.example");
    assert_eq!(api.refused(body(&elsewhere, MASTER)).await, 421);
    let at = |at_us| body(&text(&key(MASTER), assessment("t/1"), at_us), MASTER);
    assert_eq!(api.refused(at(NOW_US + 301 * SECOND)).await, 400);
    assert_eq!(api.refused(at(NOW_US - 86_401 * SECOND)).await, 410);
    let of = |number, assertion| body(&text(&key(number), assertion, NOW_US), number);
    assert_eq!(api.refused(of(7, withdrawal("t/1"))).await, 403);
    assert_eq!(api.refused(of(TRAINEE, assessment("t/1"))).await, 403);
    assert_eq!(api.refused(of(CURATOR, qualification(1, 1))).await, 403);
    assert_eq!(api.refused(of(CURATOR, qualification(3, 1))).await, 404);
    assert_eq!(api.refused(of(MASTER, assessment("anna@example.org"))).await, 400);
    // The same wallet, as two members
    let (status, answer) = api.post(body(&good, MASTER)).await;
    assert_eq!((status, &answer["member"]), (StatusCode::OK, &json!(0)), "{answer}");
    api.office.town.link(0, &key(9)).await.unwrap();
    api.office.town.link(2, &key(MASTER)).await.unwrap();
    assert_eq!(api.refused(of(MASTER, withdrawal("t/1"))).await, 409);
    // Too many are told when to come again
    let mut number = 0;
    let answer = loop {
        number += 1;
        let body = of(CURATOR, withdrawal(&format!("t/{number}")));
        let post = api.client.post(format!("{}/v1/statements", api.base)).json(&body);
        let answer = post.send().await.unwrap();
        if answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_statement_in_ascii_json_is_the_same() {
    let api = Api::new().await;
    let text = text(&key(MASTER), assessment(&"я".repeat(256)), NOW_US);
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            c if c.is_ascii() => c.to_string(),
            c => format!("\\u{:04x}", u32::from(c)),
        })
        .collect();
    let signature = sign(&key(MASTER), &text);
    let body = format!("{{\"text\":\"{escaped}\",\"signature\":\"{signature}\"}}");
    let (status, answer) = api.post(&body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer, api.post(self::body(&text, MASTER)).await.1);
    assert_eq!(answer["event"], "artifact_assessed");
}

/// Members 0, a master, and 1, with wallets, in the database of a service.
async fn settle(store: &Store) {
    let now_us = SystemClock.now_us();
    let change = store.update_members(now_us, |members| {
        members.add(Alias::new("club", "31"))?;
        members.add(Alias::new("club", "32"))?;
        members.grant(0, Role::Master)
    });
    change.await.unwrap();
    let (clock, random) = (Arc::new(SystemClock), ChaCha20Rng::seed_from_u64(3));
    let linking = Linking::new(LinkingSettings::default(), store.clone(), clock, random);
    for (member, number) in [(0, MASTER), (1, TRAINEE)] {
        let code = linking.issue_code(member).await.unwrap();
        let wallet = key(number).pubkey().to_string();
        let challenge = linking.challenge(code.reveal(), &wallet).await.unwrap();
        let signature = sign(&key(number), &challenge.message);
        linking.link(&challenge.nonce, &signature).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_taken_in_survives_kill_9_and_nothing_else_passes_for_it() {
    for database in TestDatabase::each() {
        let config = format!("[linking]\ndomain = \"club.example\"\n{SOURCES}");
        let mut served = Served::start_with(&config, Some(database.url()));
        settle(served.log().await.store()).await;
        let now_us = SystemClock.now_us().div_euclid(SECOND) * SECOND;
        let assessed = text(&key(MASTER), assessment("t/412/1"), now_us);
        let post = async |served: &Served, body: &Value| {
            served.status("/v1/statements", &[JSON], &body.to_string()).await
        };
        assert_eq!(post(&served, &body(&assessed, MASTER)).await, 200);
        assert_eq!(post(&served, &body(&assessed, TRAINEE)).await, 403);
        // Given events that say the same, by the ways that tools push
        let statement = body(&assessed, MASTER);
        let (wallet, signature) = (key(MASTER).pubkey().to_string(), &statement["signature"]);
        let properties = json!({ "artifact": "t/412/1", "score": 80, "statement": assessed,
            "signature": signature });
        let forged = json!({ "api_key": TOKEN, "batch": [{
            "event": "artifact_assessed", "distinct_id": wallet, "properties": properties,
            "uuid": "00000000-0000-7000-8000-000000000001", "source": "statements" }] });
        assert_eq!(served.status("/batch/", &[JSON], &forged.to_string()).await, 200);
        let secret = ("x-webhook-secret", SECRET);
        let forged = forged["batch"][0].to_string();
        assert_eq!(served.status("/webhooks/statements", &[JSON, secret], &forged).await, 404);
        // When the process is killed, and the statement is sent to the next one once more
        served.crash_and_restart();
        assert_eq!(post(&served, &body(&assessed, MASTER)).await, 200);
        let withdrawn = text(&key(TRAINEE), withdrawal("t/412/1"), now_us);
        assert_eq!(post(&served, &body(&withdrawn, TRAINEE)).await, 200);
        let metrics = served.get("/metrics").await.text().await.unwrap();
        let counted = r#"stk_deliveries_total{source="statements",result="accepted"} 2"#;
        assert!(metrics.contains(counted), "{metrics}");
        let events = served.stop_and_read().await;
        // Then each statement is there once, and the others are not believed
        let stated = events.iter().filter(|event| event.source == "statements");
        let verified: Vec<_> = stated.map(|event| verify_event(event).unwrap()).collect();
        assert_eq!(verified.len(), 2, "{}", database.url());
        assert!(verified.iter().all(|statement| statement.domain() == "club.example"));
        let other: Vec<_> = events.iter().filter(|event| event.source != "statements").collect();
        assert_eq!(other.len(), 1, "{other:?}");
        assert_eq!(verify_event(other[0]), Err(EventError::Differs("source".to_owned())));
        // And they are their signers'
        let log = served.log().await;
        let members = log.store().get_members().await.unwrap();
        assert_eq!(members.find("statements", &wallet), Some(0));
        assert!(log.store().get_cursor("statements", "").await.unwrap().is_some());
        listed(&served, &log, now_us).await;
    }
}

/// What an operator sees: every statement, and what somebody put into the log itself.
async fn listed(served: &Served, log: &EventLog, now_us: i64) {
    let list = || {
        let mut list = Command::new(env!("CARGO_BIN_EXE_stk-oracle"));
        list.args(["statements", "list", "--config"]).arg(served.folder.path().join("oracle.toml"));
        list.env("TEST_SALT", "a salt of the tests").env_remove("DATABASE_URL").output().unwrap()
    };
    let printed = list();
    let said = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success(), "{said}");
    let assessed = said.lines().find(|line| line.contains("assesses")).unwrap();
    assert!(assessed.ends_with("Z  member 0 assesses t/412/1 at 80"), "{said}");
    assert!(said.contains("Z  member 1 withdraws t/412/1\n"), "{said}");
    // Given a row that says more than its wallet signed
    let text = text(&key(MASTER), assessment("t/412/2"), now_us);
    let mut event = SignedStatement::verify(&text, &sign(&key(MASTER), &text)).unwrap().to_event();
    event.properties.insert("score".to_owned(), json!(1_000));
    let mut chunk = ChunkBuilder::new("statements", now_us);
    chunk.push(Row {
        external_id: &event.external_id,
        at_us: now_us,
        name: &event.name,
        actor: &event.actor,
        properties: &json!(event.properties).to_string(),
    });
    let mut batch = Batch::new("statements");
    batch.push(chunk.finish());
    log.append(batch, None).await.unwrap();
    let printed = list();
    assert_eq!(printed.status.code(), Some(1));
    let said = String::from_utf8(printed.stdout).unwrap();
    let problem = "is not believed: its property `score` is not what was signed";
    assert!(said.contains(&format!("member 0 {problem} ({})", event.external_id)), "{said}");
    let error = String::from_utf8(printed.stderr).unwrap();
    assert_eq!(error, "stk-oracle: 1 of 3 are not what was signed for club.example\n");
}
