//! What can go wrong between here and the chain.

use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_rpc_client_api::client_error::ErrorKind;
use solana_signature::Signature;
use solana_transaction_error::TransactionError;
use system_token_interface::SystemTokenError;
use system_token_interface::accounts::AccountError;

/// Why the chain did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The transaction reached the chain and failed there.
    #[error("the chain rejected the transaction: {}{}", explain(error), last_log(logs))]
    Rejected {
        /// What the runtime says.
        error: TransactionError,
        /// What the programs logged.
        logs: Vec<String>,
    },
    /// The transaction cannot be sent: it is longer than a packet.
    #[error("the transaction has {bytes} bytes, more than the {limit} that one may have")]
    TooLarge {
        /// Its length, bytes.
        bytes: usize,
        /// The longest allowed, bytes.
        limit: usize,
    },
    /// The instructions and lookup tables make no valid message.
    #[error("the transaction cannot be compiled: {0}")]
    Compile(#[from] solana_message::CompileError),
    /// A signature is missing or its signer fails.
    #[error("the transaction cannot be signed: {0}")]
    Sign(#[from] solana_signer::SignerError),
    /// An account that must be there is not.
    #[error("there is no account at {0}")]
    NoAccount(Address),
    /// An account holds something else than expected.
    #[error("the account at {address} cannot be read: {source}")]
    Account {
        /// Where it is.
        address: Address,
        /// What is wrong with it.
        source: AccountError,
    },
    /// An account that must be a mint or a token account is none.
    #[error("the account at {0} is not the token program's")]
    NotToken(Address),
    /// An account that must be a mint is none.
    #[error("the account at {0} is not a mint of SPL Token or Token-2022")]
    NotMint(Address),
    /// A node answered with an account that cannot be decoded.
    #[error("the node's answer about the account at {0} cannot be decoded")]
    Undecodable(Address),
    /// A node could not be asked, or did not answer as it should.
    #[error("failed to {what}")]
    Rpc {
        /// What was asked of it.
        what: &'static str,
        /// What went wrong.
        source: Box<ErrorKind>,
    },
    /// A node answers with what was so some time ago.
    #[error(
        "failed to {what}: the node is behind: it answers for slot {slot}, after slot {seen} was seen"
    )]
    Stale {
        /// What was asked of it.
        what: &'static str,
        /// The slot that it answers for.
        slot: u64,
        /// The latest slot that was answered for.
        seen: u64,
    },
    /// The transaction was sent, and nothing is known of its fate.
    #[error("the transaction {signature} was sent and not seen to succeed or fail")]
    Unconfirmed {
        /// Its first signature.
        signature: Signature,
        /// Why nothing is known.
        source: Box<ChainError>,
    },
    /// Nodes say different things of a transaction, or a node says that it is not certain when it must be.
    #[error("nodes do not agree on what became of it: see which of them is wrong")]
    Disputed,
    /// The transaction was signed anew so often, and never landed.
    #[error("signed {0} times, it never landed")]
    Unlanded(u32),
    /// The transaction succeeded, and the node keeps no record of what it cost.
    #[error("the transaction {0} succeeded, but the node has no record of it")]
    Unrecorded(Signature),
    /// The node says no fee of a transaction whose version it cannot be asked about.
    #[error("the node does not say what the transaction would cost")]
    UnknownFee,
    /// The embedded chain refused to start or to change.
    #[error("the embedded chain: {0}")]
    Embedded(String),
}

impl ChainError {
    /// Whether it may go by itself: a node is away, behind, or has not said what became of a transaction.
    pub fn is_later(&self) -> bool {
        matches!(
            self,
            Self::Rpc { .. } | Self::Stale { .. } | Self::Unconfirmed { .. } | Self::Unrecorded(_)
        )
    }

    /// The program's own error, when that is why the transaction failed.
    pub fn program_error(&self) -> Option<SystemTokenError> {
        match self {
            Self::Rejected { error, .. } => program_error(error),
            _ => None,
        }
    }
}

/// The program's own error in a failed transaction, when it is that which failed.
pub fn program_error(error: &TransactionError) -> Option<SystemTokenError> {
    match error {
        TransactionError::InstructionError(_, InstructionError::Custom(code)) => {
            SystemTokenError::from_code(*code)
        }
        _ => None,
    }
}

fn explain(error: &TransactionError) -> String {
    match program_error(error) {
        Some(program_error) => format!("{program_error} ({error})"),
        None => error.to_string(),
    }
}

fn last_log(logs: &[String]) -> String {
    logs.last().map(|log| format!("; last log: {log}")).unwrap_or_default()
}
