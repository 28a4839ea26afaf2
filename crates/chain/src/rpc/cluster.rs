//! The steps of a transaction's life over JSON-RPC: several nodes, and their WebSockets.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use solana_address::Address;
use solana_commitment_config::CommitmentConfig;
use solana_pubsub_client::nonblocking::pubsub_client::PubsubClient;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::config::{RpcSendTransactionConfig, RpcSignatureSubscribeConfig};
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_status_client_types::TransactionStatus;
use tokio::sync::Mutex;

use super::{RpcChain, failed};
use crate::ChainError;
use crate::cluster::{Blockhash, Cluster, Fate};

/// The most nodes that must say the same of a transaction before it is believed.
const WITNESSES: usize = 2;
/// How long a WebSocket may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One connection to a node's WebSocket: opened when it is first needed, and anew when it breaks.
pub(super) struct News {
    url: Option<String>,
    client: Mutex<Option<Arc<PubsubClient>>>,
}

impl News {
    pub(super) fn at(url: Option<String>) -> Self {
        Self { url, client: Mutex::new(None) }
    }

    async fn client(&self) -> Option<Arc<PubsubClient>> {
        let url = self.url.as_ref()?;
        let mut client = self.client.lock().await;
        if client.is_none() {
            let opened = tokio::time::timeout(CONNECT_TIMEOUT, PubsubClient::new(url)).await;
            *client = opened.ok().and_then(Result::ok).map(Arc::new);
        }
        client.clone()
    }

    /// Waits until the node says that a transaction is certain; without a connection, for ever, which
    /// polling makes up for.
    async fn wait(&self, signature: &Signature, commitment: CommitmentConfig) {
        let config = RpcSignatureSubscribeConfig {
            commitment: Some(commitment),
            enable_received_notification: Some(false),
        };
        if let Some(client) = self.client().await {
            let said = match client.signature_subscribe(signature, Some(config)).await {
                Ok((mut news, end)) => {
                    let said = news.next().await.is_some();
                    end().await;
                    said
                }
                Err(_) => false,
            };
            if said {
                return;
            }
            self.client.lock().await.take();
        }
        std::future::pending::<()>().await;
    }
}

impl Cluster for RpcChain {
    async fn blockhash(&self) -> Result<Blockhash, ChainError> {
        let commitment = self.commitment;
        let asked = self.endpoints.ask("read the latest blockhash", |client| {
            client.get_latest_blockhash_with_commitment(commitment)
        });
        let (hash, last_valid_block_height) = asked.await?;
        Ok(Blockhash { hash, last_valid_block_height })
    }

    async fn block_height(&self) -> Result<u64, ChainError> {
        // The lowest of all: a node that is ahead, or lies, makes nothing expire.
        let heights = self.all("read the block height", |client| async move {
            client.get_block_height_with_commitment(self.commitment).await
        });
        let heights = heights.await?;
        Ok(heights.into_iter().min().unwrap_or_default())
    }

    async fn post(&self, transaction: &VersionedTransaction) -> Result<(), ChainError> {
        // Tried before it was signed; sent again by whoever waits for it.
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            max_retries: Some(0),
            ..Default::default()
        };
        // To every node: one that swallows it keeps it from nobody.
        let sent = self.all("send the transaction", |client| {
            client.send_transaction_with_config(transaction, config)
        });
        sent.await.map(drop)
    }

    async fn fate(&self, signature: &Signature) -> Result<Fate, ChainError> {
        let statuses = self.all("read what became of a transaction", |client| async move {
            let answer = client.get_signature_statuses_with_history(&[*signature]).await?;
            Ok(answer.value.into_iter().next().flatten())
        });
        let statuses = statuses.await?;
        let fates: Vec<_> = statuses.iter().map(|status| self.fate_by(status.as_ref())).collect();
        Ok(agreed(&fates))
    }

    async fn recent_prices(&self, accounts: &[Address]) -> Result<Vec<u64>, ChainError> {
        let asked = self
            .endpoints
            .ask("read recent fees", |client| client.get_recent_prioritization_fees(accounts));
        let fees = asked.await?;
        Ok(fees.into_iter().map(|fee| fee.prioritization_fee).collect())
    }

    async fn wait_for_news(&self, signature: &Signature, at_most: Duration) {
        let news = self.news.wait(signature, self.commitment);
        let _ = tokio::time::timeout(at_most, news).await;
    }
}

impl RpcChain {
    /// Asks every node at once; those that do not answer are left out, unless none does.
    async fn all<'a, T, F>(
        &'a self,
        what: &'static str,
        ask: impl Fn(&'a RpcClient) -> F,
    ) -> Result<Vec<T>, ChainError>
    where
        F: Future<Output = solana_rpc_client_api::client_error::Result<T>>,
    {
        let asked = self.endpoints.all().iter().map(ask);
        let (mut answers, mut last) = (Vec::new(), None);
        for answer in futures::future::join_all(asked).await {
            match answer {
                Ok(answer) => answers.push(answer),
                Err(error) => last = Some(failed(what)(error)),
            }
        }
        match last {
            Some(error) if answers.is_empty() => Err(error),
            _ => Ok(answers),
        }
    }

    fn fate_by(&self, status: Option<&TransactionStatus>) -> Fate {
        match status {
            None => Fate::Unknown,
            Some(status) if !status.satisfies_commitment(self.commitment) => Fate::Pending,
            Some(TransactionStatus { err: Some(error), .. }) => Fate::Failed(error.clone()),
            Some(_) => Fate::Succeeded,
        }
    }
}

/// What nodes agree on: two of them, or the one that answers.
fn agreed(fates: &[Fate]) -> Fate {
    let count = |kind: fn(&Fate) -> bool| fates.iter().filter(|fate| kind(fate)).count();
    let unknown = count(|fate| *fate == Fate::Unknown);
    let succeeded = count(|fate| *fate == Fate::Succeeded);
    let failed = count(|fate| matches!(fate, Fate::Failed(_)));
    let needed = WITNESSES.min(fates.len());
    if unknown == fates.len() {
        return Fate::Unknown;
    }
    if (succeeded > 0 && failed > 0) || (unknown > 0 && (1..needed).contains(&(succeeded + failed)))
    {
        return Fate::Disputed;
    }
    if succeeded + failed < needed {
        return Fate::Pending;
    }
    let settled = fates.iter().find(|fate| matches!(fate, Fate::Succeeded | Fate::Failed(_)));
    settled.cloned().unwrap_or(Fate::Pending)
}

#[cfg(test)]
mod tests {
    use solana_transaction_error::TransactionError;

    use super::*;

    #[test]
    fn one_node_alone_settles_nothing_where_others_answer() {
        let failed = || Fate::Failed(TransactionError::AccountInUse);
        let (unknown, pending) = (Fate::Unknown, Fate::Pending);
        assert_eq!(agreed(&[Fate::Succeeded]), Fate::Succeeded);
        assert_eq!(agreed(&[Fate::Succeeded, unknown.clone()]), Fate::Disputed);
        assert_eq!(agreed(&[Fate::Succeeded, failed()]), Fate::Disputed);
        assert_eq!(agreed(&[Fate::Succeeded, pending.clone()]), pending);
        assert_eq!(agreed(&[pending.clone(), unknown.clone()]), pending);
        assert_eq!(agreed(&[Fate::Succeeded, Fate::Succeeded]), Fate::Succeeded);
        assert_eq!(agreed(&[Fate::Succeeded, unknown.clone(), Fate::Succeeded]), Fate::Succeeded);
        assert_eq!(agreed(&[failed(), unknown.clone(), failed()]), failed());
        assert_eq!(agreed(&[unknown.clone(), unknown.clone()]), unknown);
    }
}
