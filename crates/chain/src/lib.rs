//! Talks to the chain: one trait, and the embedded chain behind it.
//!
//! [`Chain`] is what the rest of the project needs of a Solana cluster. [`EmbeddedChain`] is a
//! whole one inside this process: LiteSVM with the real program, the real token programs and the
//! real precompile, and a clock that moves when it is told to.

mod embedded;
mod error;
mod token;
mod transaction;

use std::future::Future;

use solana_account::Account;
use solana_address::Address;
use solana_hash::Hash;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;

pub use embedded::{EmbeddedChain, PROGRAM_ELF};
pub use error::ChainError;
pub use solana_message::AddressLookupTableAccount;
pub use token::{get_balance, get_supply};
pub use transaction::{MAX_TRANSACTION_BYTES, sign_transaction, transaction_bytes};

/// What became of a transaction that the chain accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction's first signature, by which it can be looked up.
    pub signature: Signature,
    /// Compute units it consumed.
    pub compute_units: u64,
    /// Fee it paid, lamports.
    pub fee_lamports: u64,
    /// Its length on the wire, bytes.
    pub bytes: usize,
}

/// The chain's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainTime {
    /// The current slot.
    pub slot: u64,
    /// UTC seconds, by the clock that programs see.
    pub unix_timestamp: i64,
}

/// What the project needs of a Solana cluster.
pub trait Chain: Send + Sync {
    /// A blockhash that a transaction can be signed with now.
    fn latest_blockhash(&self) -> impl Future<Output = Result<Hash, ChainError>> + Send;

    /// An account's lamports, owner and data; `None` where there is none.
    fn get_account(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Option<Account>, ChainError>> + Send;

    /// The chain's own time.
    fn time(&self) -> impl Future<Output = Result<ChainTime, ChainError>> + Send;

    /// What an account of so many bytes must hold to live for ever, lamports.
    fn rent(&self, data_len: usize) -> impl Future<Output = Result<u64, ChainError>> + Send;

    /// Sends a transaction and waits for its result.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when it reached the chain and failed there.
    fn send(
        &self,
        transaction: &VersionedTransaction,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send;
}
