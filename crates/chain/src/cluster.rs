//! What an outbox needs of a cluster: the steps of a transaction's life, each by itself.

use std::future::Future;
use std::time::Duration;

use solana_address::Address;
use solana_hash::Hash;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

use crate::{Chain, ChainError};

/// A blockhash, and how long a transaction that is signed with it can land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blockhash {
    /// The hash.
    pub hash: Hash,
    /// The last block that can hold such a transaction, by its height.
    pub last_valid_block_height: u64,
}

/// What became of a transaction that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// No node that was asked knows it.
    Unknown,
    /// It landed, and is not certain yet.
    Pending,
    /// Nodes do not agree.
    Disputed,
    /// It succeeded, for good.
    Succeeded,
    /// It landed and failed, for good.
    Failed(TransactionError),
}

/// A cluster whose transactions are signed, sent and watched one step at a time.
pub trait Cluster: Chain {
    /// A blockhash to sign with now.
    fn blockhash(&self) -> impl Future<Output = Result<Blockhash, ChainError>> + Send;

    /// The height of the last block that is certain.
    fn block_height(&self) -> impl Future<Output = Result<u64, ChainError>> + Send;

    /// Sends a transaction and waits for nothing.
    ///
    /// # Errors
    /// [`ChainError::Rpc`] when no node took it. It may land all the same.
    fn post(
        &self,
        transaction: &VersionedTransaction,
    ) -> impl Future<Output = Result<(), ChainError>> + Send;

    /// What became of a transaction.
    ///
    /// # Errors
    /// [`ChainError::Rpc`] when no node answers.
    fn fate(&self, signature: &Signature) -> impl Future<Output = Result<Fate, ChainError>> + Send;

    /// What others paid lately for a compute unit in transactions that write these accounts,
    /// micro-lamports.
    fn recent_prices(
        &self,
        accounts: &[Address],
    ) -> impl Future<Output = Result<Vec<u64>, ChainError>> + Send;

    /// Waits until there is news of a transaction, or so long. What the news is, only [`Self::fate`]
    /// says.
    fn wait_for_news(
        &self,
        signature: &Signature,
        at_most: Duration,
    ) -> impl Future<Output = ()> + Send;
}
