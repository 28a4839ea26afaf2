//! Several nodes of one cluster: whoever answers is asked, and nobody who lags behind is believed.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::Result as ClientResult;
use solana_rpc_client_api::response::Response;

use super::failed;
use crate::ChainError;

/// How long a node may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How often all nodes are asked before it is given up.
const ROUNDS: u32 = 4;
/// What is waited before they are asked again, and as much longer each time.
const PAUSE: Duration = Duration::from_millis(150);

/// The nodes, and which of them answered last.
pub(super) struct Endpoints {
    clients: Vec<RpcClient>,
    preferred: AtomicUsize,
    /// The latest slot that any node's answer was of.
    seen_slot: AtomicU64,
}

impl Endpoints {
    /// # Panics
    /// Without any URL.
    pub(super) fn new(urls: &[String], commitment: CommitmentConfig) -> Self {
        assert!(!urls.is_empty(), "a cluster has a node");
        let client = |url: &String| {
            RpcClient::new_with_timeout_and_commitment(url.clone(), TIMEOUT, commitment)
        };
        let clients = urls.iter().map(client).collect();
        Self { clients, preferred: AtomicUsize::new(0), seen_slot: AtomicU64::new(0) }
    }

    /// Every node.
    pub(super) fn all(&self) -> &[RpcClient] {
        &self.clients
    }

    /// The node that answered last.
    pub(super) fn preferred(&self) -> &RpcClient {
        &self.clients[self.preferred.load(Ordering::Relaxed) % self.clients.len()]
    }

    /// Asks the node that answered last, then each of the others until one answers, some times.
    pub(super) async fn ask<'a, T, F>(
        &'a self,
        what: &'static str,
        ask: impl Fn(&'a RpcClient) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = ClientResult<T>>,
    {
        self.try_each(|client| {
            let answer = ask(client);
            async move { answer.await.map_err(failed(what)) }
        })
        .await
    }

    /// Asks what is said of a slot. What is older than an answer before is no answer.
    pub(super) async fn ask_fresh<'a, T, F>(
        &'a self,
        what: &'static str,
        ask: impl Fn(&'a RpcClient) -> F,
    ) -> Result<T, ChainError>
    where
        F: Future<Output = ClientResult<Response<T>>>,
    {
        self.try_each(|client| {
            // What was seen while it was asked says nothing against its answer.
            let (seen, answer) = (self.seen_slot.load(Ordering::Relaxed), ask(client));
            async move {
                let Response { context, value } = answer.await.map_err(failed(what))?;
                self.seen_slot.fetch_max(context.slot, Ordering::Relaxed);
                if context.slot < seen {
                    return Err(ChainError::Stale { what, slot: context.slot, seen });
                }
                Ok(value)
            }
        })
        .await
    }

    async fn try_each<'a, T, F>(&'a self, ask: impl Fn(&'a RpcClient) -> F) -> Result<T, ChainError>
    where
        F: Future<Output = Result<T, ChainError>>,
    {
        let count = self.clients.len();
        let mut last = None;
        for round in 0..ROUNDS {
            tokio::time::sleep(PAUSE * round).await;
            let first = self.preferred.load(Ordering::Relaxed);
            for index in (first..first + count).map(|index| index % count) {
                match ask(&self.clients[index]).await {
                    Ok(answer) => {
                        self.preferred.store(index, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(error) => last = Some(error),
                }
            }
        }
        Err(last.expect("a cluster has a node"))
    }
}
