//! The oracle's HTTP API for linking, from the member's side.

use std::time::Duration;

use anyhow::Context;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use solana_address::Address;

use crate::failure::Refusal;

/// The longest answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
const TIMEOUT: Duration = Duration::from_secs(20);

/// An oracle and how it is reached.
#[derive(Debug)]
pub(super) struct Oracle {
    url: Url,
    client: Client,
}

/// What the oracle asks to sign.
#[derive(Debug, Deserialize)]
pub(super) struct Challenge {
    pub(super) message: String,
    pub(super) nonce: String,
}

/// What the oracle says that it linked.
#[derive(Debug, Deserialize)]
pub(super) struct Linked {
    pub(super) member: u32,
    pub(super) wallet: String,
}

impl Oracle {
    /// The oracle at an address.
    ///
    /// # Errors
    /// When it is no https address: the code would be told to everybody on the way. Plain http is
    /// for this machine alone.
    pub(super) fn new(address: &str) -> anyhow::Result<Self> {
        let hint = "Name the oracle as in --oracle https://oracle.example.org.";
        let url: Url = match address.parse() {
            Ok(url) => url,
            Err(error) => {
                let message = format!("the oracle's address {address} is no URL: {error}");
                return Err(Refusal::new(message, hint).into());
            }
        };
        let host = url.host_str().unwrap_or_default();
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        if host.is_empty() || !is_safe || !url.username().is_empty() {
            let message =
                format!("the oracle's address must be https, and {host} is not this machine");
            return Err(Refusal::new(message, hint).into());
        }
        // A redirect could hand the code to somebody else.
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self { url, client: client.context("failed to prepare for HTTP")? })
    }

    /// Its address.
    pub(super) fn address(&self) -> &str {
        self.url.as_str()
    }

    /// Its host, with its port where that is not the usual one.
    pub(super) fn domain(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether a message for this domain is the oracle's: its host, or its host and port.
    pub(super) fn is_domain(&self, domain: &str) -> bool {
        self.url.host_str() == Some(domain) || self.domain() == domain
    }

    /// Asks for the message that the wallet has to sign.
    ///
    /// # Errors
    /// When the oracle refuses the code or the wallet, or cannot be reached.
    pub(super) async fn challenge(
        &self,
        code: &str,
        wallet: &Address,
    ) -> anyhow::Result<Challenge> {
        let body = json!({ "code": code, "wallet": wallet.to_string() });
        self.post("v1/link/challenge", &body).await
    }

    /// Hands the signature in.
    ///
    /// # Errors
    /// When the oracle refuses it, or cannot be reached.
    pub(super) async fn link(&self, nonce: &str, signature: &str) -> anyhow::Result<Linked> {
        self.post("v1/link", &json!({ "nonce": nonce, "signature": signature })).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        let failed = || format!("failed to ask the oracle {}", self.url);
        let sent = self.client.post(url).json(body).send().await;
        let mut answer = sent.map_err(reqwest::Error::without_url).with_context(failed)?;
        let status = answer.status();
        let mut bytes = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(reqwest::Error::without_url).with_context(failed)?
        {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                let message = format!("the oracle's answer has more than {MAX_ANSWER_BYTES} bytes");
                return Err(Refusal::new(message, "Is --oracle an oracle?").into());
            }
            bytes.extend_from_slice(&chunk);
        }
        if status != StatusCode::OK {
            return Err(refusal(status, &bytes).into());
        }
        let read = serde_json::from_slice(&bytes);
        read.with_context(|| format!("failed to read the answer of the oracle {}", self.url))
    }
}

/// What the oracle says is wrong, in its own words.
fn refusal(status: StatusCode, answer: &[u8]) -> Refusal {
    let said = serde_json::from_slice::<Value>(answer).ok();
    let said = said.as_ref().and_then(|answer| answer["error"].as_str());
    let reason = super::printable(said.unwrap_or("it does not say why"));
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::GONE => {
            "A code is good once and not for long: ask the community for a new one."
        }
        StatusCode::CONFLICT => "Link a wallet that is yours alone: --keypair names another.",
        _ => "Is --oracle right? If so, try again later.",
    };
    Refusal::new(format!("the oracle refused ({}): {reason}", status.as_u16()), hint)
}
