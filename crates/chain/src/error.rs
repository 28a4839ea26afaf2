//! What can go wrong between here and the chain.

use solana_address::Address;
use solana_instruction::error::InstructionError;
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
    /// The embedded chain refused to start or to change.
    #[error("the embedded chain: {0}")]
    Embedded(String),
}

impl ChainError {
    /// The program's own error, when that is why the transaction failed.
    pub fn program_error(&self) -> Option<SystemTokenError> {
        match self {
            Self::Rejected { error, .. } => program_error(error),
            _ => None,
        }
    }
}

fn program_error(error: &TransactionError) -> Option<SystemTokenError> {
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
