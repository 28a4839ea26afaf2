//! A Solana cluster over JSON-RPC.

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

use crate::{Chain, ChainError, ChainTime, DataFilter, Receipt, Simulation, transaction_bytes};

/// How often a node is asked for the record of a transaction, which it may write a little late.
const RECORD_ATTEMPTS: u32 = 8;
/// How long it is given between two such questions: about a slot.
const RECORD_DELAY: Duration = Duration::from_millis(400);

/// A cluster behind the JSON-RPC of one of its nodes.
pub struct RpcChain {
    client: RpcClient,
    commitment: CommitmentConfig,
}

impl RpcChain {
    /// Talks to the node at a URL. Everything is read at, and every transaction waits for, the
    /// given commitment.
    pub fn new(url: String, commitment: CommitmentLevel) -> Self {
        let commitment = CommitmentConfig { commitment };
        Self { client: RpcClient::new_with_commitment(url, commitment), commitment }
    }

    /// What a message would pay, lamports.
    async fn fee(&self, message: &VersionedMessage) -> Result<u64, ChainError> {
        let fee = match message {
            VersionedMessage::Legacy(message) => self.client.get_fee_for_message(message).await,
            VersionedMessage::V0(message) => self.client.get_fee_for_message(message).await,
            VersionedMessage::V1(_) => return Err(ChainError::UnknownFee),
        };
        fee.map_err(failed("read the transaction's fee"))
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
            let record = self.client.get_transaction_with_config(&signature, config).await;
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
        self.client.get_latest_blockhash().await.map_err(failed("read the latest blockhash"))
    }

    async fn get_account(&self, address: &Address) -> Result<Option<Account>, ChainError> {
        // Of one account the client says that it is not there when the node cannot be asked.
        let config = RpcAccountInfoConfig {
            encoding: Some(UiAccountEncoding::Base64),
            commitment: Some(self.commitment),
            ..Default::default()
        };
        let response = self.client.get_multiple_ui_accounts_with_config(&[*address], config).await;
        let accounts = response.map_err(failed("read an account"))?.value;
        accounts
            .into_iter()
            .flatten()
            .next()
            .map(|account| account.to_account().ok_or(ChainError::Undecodable(*address)))
            .transpose()
    }

    async fn get_program_accounts(
        &self,
        program: &Address,
        filters: &[DataFilter],
    ) -> Result<Vec<(Address, Account)>, ChainError> {
        let memcmp = |filter: &DataFilter| {
            RpcFilterType::Memcmp(Memcmp::new_base58_encoded(filter.offset, &filter.bytes))
        };
        let config = RpcProgramAccountsConfig {
            filters: Some(filters.iter().map(memcmp).collect()),
            account_config: RpcAccountInfoConfig {
                encoding: Some(UiAccountEncoding::Base64),
                commitment: Some(self.commitment),
                ..Default::default()
            },
            ..Default::default()
        };
        let response = self.client.get_program_ui_accounts_with_config(program, config).await;
        let accounts = response.map_err(failed("list the program's accounts"))?;
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
        let rent = self.client.get_minimum_balance_for_rent_exemption(data_len).await;
        rent.map_err(failed("read the rent"))
    }

    async fn simulate(&self, transaction: &VersionedTransaction) -> Result<Simulation, ChainError> {
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            ..Default::default()
        };
        let response = self.client.simulate_transaction_with_config(transaction, config).await;
        let result = response.map_err(failed("simulate the transaction"))?.value;
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
        let sent = self
            .client
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
