//! A Solana cluster over JSON-RPC.

mod cluster;
mod endpoints;

use std::time::Duration;

use solana_account::Account;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_address::Address;
use solana_clock::Clock;
use solana_commitment_config::{CommitmentConfig, CommitmentLevel};
use solana_hash::Hash;
use solana_message::VersionedMessage;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::client_error::{Error as ClientError, ErrorKind};
use solana_rpc_client_api::config::{
    RpcAccountInfoConfig, RpcProgramAccountsConfig, RpcSendTransactionConfig,
    RpcSimulateTransactionConfig, RpcTransactionConfig,
};
use solana_rpc_client_api::filter::{Memcmp, RpcFilterType};
use solana_rpc_client_api::request::{RpcError, RpcRequest, RpcResponseErrorData};
use solana_rpc_client_api::response::RpcSimulateTransactionResult;
use solana_sdk_ids::sysvar;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_status_client_types::UiTransactionEncoding;

use cluster::News;
use endpoints::Endpoints;

use crate::{
    Chain, ChainError, ChainTime, Cluster, DataFilter, Receipt, Simulation, transaction_bytes,
};

/// How often a node is asked for the record of a transaction, which it may write a little late.
const RECORD_ATTEMPTS: u32 = 8;
/// How long it is given between two such questions: about a slot.
const RECORD_DELAY: Duration = Duration::from_millis(400);

/// The most accounts that a node is asked about at once.
const MAX_ACCOUNTS: usize = 100;

/// A cluster behind the JSON-RPC of its nodes.
pub struct RpcChain {
    endpoints: Endpoints,
    news: News,
    commitment: CommitmentConfig,
}

impl RpcChain {
    /// Talks to the node at a URL. Everything is read at, and every transaction waits for, the
    /// given commitment.
    pub fn new(url: String, commitment: CommitmentLevel) -> Self {
        Self::of_nodes(&[url], None, commitment)
    }

    /// Talks to several nodes: when one does not answer, the next one is asked; what became of a
    /// transaction is asked of all. News of transactions comes by the WebSocket, where there is one.
    ///
    /// # Panics
    /// Without any URL.
    pub fn of_nodes(
        urls: &[String],
        websocket_url: Option<String>,
        commitment: CommitmentLevel,
    ) -> Self {
        let commitment = CommitmentConfig { commitment };
        let endpoints = Endpoints::new(urls, commitment);
        Self { endpoints, news: News::at(websocket_url), commitment }
    }

    /// What a message would pay, lamports.
    async fn fee(&self, message: &VersionedMessage) -> Result<u64, ChainError> {
        const WHAT: &str = "read the transaction's fee";
        match message {
            VersionedMessage::Legacy(message) => {
                self.endpoints.ask(WHAT, |client| client.get_fee_for_message(message)).await
            }
            VersionedMessage::V0(message) => {
                self.endpoints.ask(WHAT, |client| client.get_fee_for_message(message)).await
            }
            VersionedMessage::V1(_) => Err(ChainError::UnknownFee),
        }
    }

    /// What the chain wrote down about a transaction that succeeded.
    async fn receipt(
        &self,
        signature: Signature,
        transaction: &VersionedTransaction,
    ) -> Result<Receipt, ChainError> {
        // A node keeps no record of transactions that are only processed.
        let commitment = match self.commitment.commitment {
            CommitmentLevel::Processed => CommitmentConfig::confirmed(),
            _ => self.commitment,
        };
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(commitment),
            max_supported_transaction_version: Some(0),
        };
        for _ in 0..RECORD_ATTEMPTS {
            let node = self.endpoints.preferred();
            let record = node.get_transaction_with_config(&signature, config).await;
            if let Some(meta) = record.ok().and_then(|record| record.transaction.meta) {
                return Ok(Receipt {
                    signature,
                    compute_units: Option::from(meta.compute_units_consumed).unwrap_or(0),
                    fee_lamports: meta.fee,
                    bytes: transaction_bytes(transaction),
                });
            }
            tokio::time::sleep(RECORD_DELAY).await;
        }
        Err(ChainError::Unrecorded(signature))
    }
}

impl Chain for RpcChain {
    async fn latest_blockhash(&self) -> Result<Hash, ChainError> {
        Ok(self.blockhash().await?.hash)
    }

    async fn get_account(&self, address: &Address) -> Result<Option<Account>, ChainError> {
        Ok(self.get_accounts(&[*address]).await?.pop().flatten())
    }

    async fn get_accounts(
        &self,
        addresses: &[Address],
    ) -> Result<Vec<Option<Account>>, ChainError> {
        // Of one account the client says that it is not there when the node cannot be asked.
        let what = if addresses.len() == 1 { "read an account" } else { "read accounts" };
        let mut all = Vec::with_capacity(addresses.len());
        for addresses in addresses.chunks(MAX_ACCOUNTS) {
            let config = || RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.commitment),
                ..Default::default()
            };
            let ask = self.endpoints.ask_fresh(what, |client| {
                client.get_multiple_ui_accounts_with_config(addresses, config())
            });
            for (address, account) in addresses.iter().zip(ask.await?) {
                let decoded = account
                    .map(|account| account.to_account().ok_or(ChainError::Undecodable(*address)));
                all.push(decoded.transpose()?);
            }
        }
        Ok(all)
    }

    async fn get_program_accounts(
        &self,
        program: &Address,
        filters: &[DataFilter],
    ) -> Result<Vec<(Address, Account)>, ChainError> {
        let memcmp = |filter: &DataFilter| {
            RpcFilterType::Memcmp(Memcmp::new_base58_encoded(filter.offset, &filter.bytes))
        };
        let config = || RpcProgramAccountsConfig {
            filters: Some(filters.iter().map(memcmp).collect()),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.commitment),
                ..Default::default()
            },
            ..Default::default()
        };
        let ask = self.endpoints.ask("list the program's accounts", |client| {
            client.get_program_ui_accounts_with_config(program, config())
        });
        let accounts = ask.await?;
        accounts
            .into_iter()
            .map(|(address, account)| {
                let account = account.to_account().ok_or(ChainError::Undecodable(address))?;
                Ok((address, account))
            })
            .collect()
    }

    async fn time(&self) -> Result<ChainTime, ChainError> {
        let address = sysvar::clock::ID;
        let account = self.get_account(&address).await?.ok_or(ChainError::NoAccount(address))?;
        let Clock { slot, unix_timestamp, .. } =
            account.deserialize_data().map_err(|_| ChainError::Undecodable(address))?;
        Ok(ChainTime { slot, unix_timestamp })
    }

    async fn rent(&self, data_len: usize) -> Result<u64, ChainError> {
        let ask = |client| RpcClient::get_minimum_balance_for_rent_exemption(client, data_len);
        self.endpoints.ask("read the rent", ask).await
    }

    async fn simulate(&self, transaction: &VersionedTransaction) -> Result<Simulation, ChainError> {
        let config = || RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            ..Default::default()
        };
        let ask = self.endpoints.ask_fresh("simulate the transaction", |client| {
            client.simulate_transaction_with_config(transaction, config())
        });
        let result = ask.await?;
        let fee_lamports = match result.fee {
            Some(fee) => fee,
            // Nodes before Agave 3 do not say it.
            None => self.fee(&transaction.message).await?,
        };
        Ok(Simulation {
            error: result.err.map(Into::into),
            logs: result.logs.unwrap_or_default(),
            compute_units: result.units_consumed.unwrap_or(0),
            fee_lamports,
        })
    }

    async fn send(&self, transaction: &VersionedTransaction) -> Result<Receipt, ChainError> {
        let config = RpcSendTransactionConfig {
            preflight_commitment: Some(self.commitment.commitment),
            ..Default::default()
        };
        let node = self.endpoints.preferred();
        let sent = node
            .send_and_confirm_transaction_with_config(transaction, self.commitment, config)
            .await;
        let signature = sent.map_err(|error| not_sent(error, transaction))?;
        self.receipt(signature, transaction).await
    }
}

/// Names what could not be done. The node's URL is left out: it may contain a key to the node.
fn failed(what: &'static str) -> impl FnOnce(ClientError) -> ChainError {
    move |error| {
        let source = match *error.kind {
            ErrorKind::Reqwest(http) => ErrorKind::Reqwest(http.without_url()),
            kind => kind,
        };
        ChainError::Rpc { what, source: Box::new(source) }
    }
}

/// Tells a transaction that failed from one that may still succeed.
fn not_sent(error: ClientError, transaction: &VersionedTransaction) -> ChainError {
    match error.get_transaction_error() {
        Some(rejection) => ChainError::Rejected { error: rejection, logs: logs(&error) },
        None if matches!(error.request(), Some(RpcRequest::SendTransaction)) => {
            failed("send the transaction")(error)
        }
        None => {
            let signature = transaction.signatures.first().copied().unwrap_or_default();
            ChainError::Unconfirmed { signature, source: Box::new(failed("confirm it")(error)) }
        }
    }
}

/// What the programs logged before the node refused the transaction.
fn logs(error: &ClientError) -> Vec<String> {
    match error.kind() {
        ErrorKind::RpcError(RpcError::RpcResponseError {
            data:
                RpcResponseErrorData::SendTransactionPreflightFailure(RpcSimulateTransactionResult {
                    logs: Some(logs),
                    ..
                }),
            ..
        }) => logs.clone(),
        _ => Vec::new(),
    }
}
