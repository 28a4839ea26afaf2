//! The oracle's HTTP API, from the member's side.

use std::time::Duration;

use anyhow::Context;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Refusal;

/// The longest answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
const TIMEOUT: Duration = Duration::from_secs(20);

/// An oracle and how it is reached.
#[derive(Debug)]
pub(crate) struct Oracle {
    url: Url,
    client: Client,
}

impl Oracle {
    /// The oracle at an address.
    ///
    /// # Errors
    /// When it is no https address: what is sent would be told to everybody on the way. Plain http is
    /// for this machine alone.
    pub(crate) fn new(address: &str) -> anyhow::Result<Self> {
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
        // A redirect could hand what is sent to somebody else.
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self { url, client: client.context("failed to prepare for HTTP")? })
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        self.url.as_str()
    }

    /// Its host.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Its host, with its port where that is not the usual one.
    pub(crate) fn domain(&self) -> String {
        let host = self.host();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether a message for this domain is the oracle's: its host, or its host and port.
    pub(crate) fn is_domain(&self, domain: &str) -> bool {
        self.host() == domain || self.domain() == domain
    }

    /// Posts a request; `hint` says what to do about a refusal, by its status.
    ///
    /// # Errors
    /// When the oracle refuses, or cannot be reached.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &Value,
        hint: impl Fn(StatusCode) -> Option<&'static str>,
    ) -> anyhow::Result<T> {
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
            return Err(refusal(status, &bytes, hint(status)).into());
        }
        let read = serde_json::from_slice(&bytes);
        read.with_context(|| format!("failed to read the answer of the oracle {}", self.url))
    }
}

/// What the oracle says is wrong, in its own words.
fn refusal(status: StatusCode, answer: &[u8], hint: Option<&str>) -> Refusal {
    let said = serde_json::from_slice::<Value>(answer).ok();
    let said = said.as_ref().and_then(|answer| answer["error"].as_str());
    let reason = printable(said.unwrap_or("it does not say why"));
    let hint = hint.unwrap_or("Is --oracle right? If so, try again later.");
    Refusal::new(format!("the oracle refused ({}): {reason}", status.as_u16()), hint)
}

/// What somebody else wrote, without what could move a terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
