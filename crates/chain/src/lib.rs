//! Talks to the chain: one trait, and two chains behind it.
//!
//! [`Chain`] is what the rest of the project needs of a Solana cluster. [`RpcChain`] is one behind
//! JSON-RPC. [`EmbeddedChain`] is a whole one inside this process: LiteSVM with the real program,
//! the real token programs and the real precompile, and a clock that moves when it is told to.

mod cluster;
mod embedded;
mod error;
mod mint;
mod rpc;
mod token;
mod transaction;

use std::future::Future;

use solana_account::Account;
use solana_address::Address;
use solana_hash::Hash;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

pub use cluster::{Blockhash, Cluster, Fate};
pub use embedded::{EmbeddedChain, PROGRAM_ELF};
pub use error::{ChainError, program_error};
pub use mint::{Mint, TOKEN_2022_PROGRAM_ID, get_mint};
pub use rpc::RpcChain;
pub use solana_commitment_config::CommitmentLevel;
pub use solana_message::AddressLookupTableAccount;
pub use token::{get_balance, get_supply};
pub use transaction::{
    MAX_COMPUTE_UNITS, MAX_TRANSACTION_BYTES, compute_unit_limit, from_wire, sign_transaction,
    to_wire, transaction_bytes, unsigned_transaction,
};

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

/// What would become of a transaction if it were sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Why it would fail; `None`: it would succeed.
    pub error: Option<TransactionError>,
    /// What the programs would log.
    pub logs: Vec<String>,
    /// Compute units it would consume.
    pub compute_units: u64,
    /// Fee it would pay, lamports.
    pub fee_lamports: u64,
}

/// Bytes that an account's data must have at an offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFilter {
    /// Where in the data.
    pub offset: usize,
    /// What is there; a node takes at most 128 bytes.
    pub bytes: Vec<u8>,
}

impl DataFilter {
    /// Whether an account's data passes.
    pub fn matches(&self, data: &[u8]) -> bool {
        data.get(self.offset..).is_some_and(|rest| rest.starts_with(&self.bytes))
    }
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

    /// Several accounts, in the order of their addresses.
    fn get_accounts(
        &self,
        addresses: &[Address],
    ) -> impl Future<Output = Result<Vec<Option<Account>>, ChainError>> + Send {
        async move {
            let mut accounts = Vec::with_capacity(addresses.len());
            for address in addresses {
                accounts.push(self.get_account(address).await?);
            }
            Ok(accounts)
        }
    }

    /// The accounts of a program whose data pass all filters, in any order.
    fn get_program_accounts(
        &self,
        program: &Address,
        filters: &[DataFilter],
    ) -> impl Future<Output = Result<Vec<(Address, Account)>, ChainError>> + Send;

    /// The chain's own time.
    fn time(&self) -> impl Future<Output = Result<ChainTime, ChainError>> + Send;

    /// What an account of so many bytes must hold to live for ever, lamports.
    fn rent(&self, data_len: usize) -> impl Future<Output = Result<u64, ChainError>> + Send;

    /// Tries a transaction without sending it; neither its signatures nor its blockhash matter.
    fn simulate(
        &self,
        transaction: &VersionedTransaction,
    ) -> impl Future<Output = Result<Simulation, ChainError>> + Send;

    /// Sends a transaction and waits for its result.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when it reached the chain and failed there.
    fn send(
        &self,
        transaction: &VersionedTransaction,
    ) -> impl Future<Output = Result<Receipt, ChainError>> + Send;
}
