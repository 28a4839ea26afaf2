//! The HTTP API, over the wire.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use solana_signer::Signer;
use system_token_oracle::identity::{Role, api};

use super::town::{Town, key, sign};
use crate::log::NOW_US;

struct Served {
    town: Town,
    base: String,
    client: Client,
}

impl Served {
    async fn new() -> Self {
        let town = Town::new().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = api::router(town.linking.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { town, base, client: Client::new() }
    }

    async fn post(&self, path: &str, body: impl Into<String>) -> (StatusCode, Value) {
        let post = self.client.post(format!("{}{path}", self.base)).body(body.into());
        let answer = post.header("content-type", "application/json").send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.post(path, body.to_string()).await;
        let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["error"], "{answer}");
        (status.as_u16(), answer["error"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn what_is_wrong_has_a_status_that_fits_and_says_what_to_do() {
    let served = Served::new().await;
    let wallet = key(1).pubkey().to_string();
    let challenge = "/v1/link/challenge";
    let (status, error) = served.refused(challenge, json!({ "code": "x", "wallet": wallet })).await;
    assert_eq!((status, error.as_str()), (401, "this code is not known: ask for a new one"));
    let code = served.town.code(0).await;
    let (status, _) = served.refused(challenge, json!({ "code": code, "wallet": "x" })).await;
    assert_eq!(status, 400);
    let (status, _) = served.refused("/v1/link", json!({ "nonce": "x", "signature": "x" })).await;
    assert_eq!(status, 400);
    let signature = sign(&key(1), "x");
    let body = json!({ "nonce": "x", "signature": signature });
    assert_eq!(served.refused("/v1/link", body).await.0, 404);
    let challenge = served.town.challenge(0, &key(1)).await;
    let body = json!({ "nonce": challenge.nonce, "signature": signature });
    assert_eq!(served.refused("/v1/link", body).await.0, 403);
    served.town.link(1, &key(1)).await.unwrap();
    let body = json!({ "nonce": challenge.nonce, "signature": sign(&key(1), &challenge.message) });
    let (status, error) = served.refused("/v1/link", body.clone()).await;
    assert_eq!(status, 409);
    assert!(error.contains("is another member's"), "{error}");
    served.town.clock.set(NOW_US + 600_000_000);
    assert_eq!(served.refused("/v1/link", body).await.0, 410);
}

#[tokio::test]
async fn bodies_that_are_no_such_object_or_too_long_are_refused() {
    let served = Served::new().await;
    for (body, status) in [
        (String::new(), 400),
        ("{".to_owned(), 400),
        ("[]".to_owned(), 422),
        (r#"{"code":"x"}"#.to_owned(), 422),
        (r#"{"code":"x","wallet":"x","admin":true}"#.to_owned(), 422),
        (json!({ "code": "x".repeat(5_000), "wallet": "x" }).to_string(), 413),
    ] {
        let (found, answer) = served.post("/v1/link/challenge", body.clone()).await;
        assert_eq!(found.as_u16(), status, "{body}: {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    for (path, status) in [("/v1/members/9", 404), ("/v1/members/-1", 400), ("/v1/members/a", 400)]
    {
        assert_eq!(served.get(path).await.0.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn a_wallet_is_linked_and_anyone_may_see_it_but_no_external_id() {
    let served = Served::new().await;
    let before = json!({ "member": 0, "wallet": null, "roles": [], "merged_into": null });
    assert_eq!(served.get("/v1/members/0").await, (StatusCode::OK, before));
    let wallet = key(1).pubkey().to_string();
    let body = json!({ "code": served.town.code(0).await, "wallet": wallet }).to_string();
    let (status, challenge) = served.post("/v1/link/challenge", body).await;
    assert_eq!(status, StatusCode::OK, "{challenge}");
    assert_eq!(challenge["expires_at"], "2027-01-15T08:10:00Z");
    let signature = sign(&key(1), challenge["message"].as_str().unwrap());
    let body = json!({ "nonce": challenge["nonce"], "signature": signature }).to_string();
    let linked = served.post("/v1/link", body).await;
    assert_eq!(linked, (StatusCode::OK, json!({ "member": 0, "wallet": wallet })));
    let store = &served.town.store;
    let change = store.update_members(NOW_US, |members| {
        members.grant(0, Role::Curator)?;
        members.merge(1, 0)
    });
    change.await.unwrap();
    let curator =
        json!({ "member": 0, "wallet": wallet, "roles": ["curator"], "merged_into": null });
    assert_eq!(served.get("/v1/members/0").await.1, curator);
    let merged = json!({ "member": 1, "wallet": wallet, "roles": [], "merged_into": 0 });
    assert_eq!(served.get("/v1/members/1").await.1, merged);
}
