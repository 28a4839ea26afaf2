//! Why a statement is none, is not taken in, or is not what was signed.

use jiff::Timestamp;
use solana_address::Address;

use super::text::MAX_TEXT_BYTES;
use super::{MAX_AGE_SECONDS, MAX_FUTURE_SECONDS};
use crate::signed_text::LineError;

/// Why a text is no statement, or a signature is not one over it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Longer than any statement.
    #[error("the statement has {0} bytes, and {MAX_TEXT_BYTES} is the limit")]
    TooLong(usize),
    /// A line is missing or says something else.
    #[error("line {line} of the statement is not `{expected}`")]
    Line {
        /// Which line, counted from 1.
        line: usize,
        /// What it would have to be.
        expected: &'static str,
    },
    /// Every line reads well, but they would be written otherwise.
    #[error("the statement is not written as stk writes it: sign what stk prints, byte for byte")]
    NotCanonical,
    /// Something cannot be stated so.
    #[error("{name}: {problem}")]
    Field {
        /// What.
        name: &'static str,
        /// Why not, and what would be right.
        problem: String,
    },
    /// The signature cannot be read.
    #[error("the signature is not 64 bytes in base58")]
    NotASignature,
    /// The signature is another wallet's, or over another text.
    #[error("the signature is not by the wallet {0} over this text")]
    WrongSignature(Address),
}

/// Why a statement is not taken in, whatever it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is meant for somebody else.
    #[error("the statement is for {stated}, and this is the oracle of {own}")]
    OtherDomain {
        /// The domain that it names.
        stated: String,
        /// The domain of who received it.
        own: String,
    },
    /// It comes before its time.
    #[error(
        "the statement was issued at {0}, more than {MAX_FUTURE_SECONDS} seconds from now: is a \
         clock wrong?"
    )]
    Future(Timestamp),
    /// It comes too late.
    #[error(
        "the statement was issued at {0}, more than {hours} hours ago: sign a new one",
        hours = MAX_AGE_SECONDS / 3_600
    )]
    Stale(Timestamp),
}

/// Why an event of the log is not what its wallet signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It has no text or no signature.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// Its text or its signature is wrong.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// It says something else than its text.
    #[error("its {0} is not what was signed")]
    Differs(String),
}

impl From<LineError> for StatementError {
    fn from(LineError { line, expected }: LineError) -> Self {
        Self::Line { line, expected }
    }
}

/// What cannot be stated, and why.
pub(super) fn field(name: &'static str, problem: impl Into<String>) -> StatementError {
    StatementError::Field { name, problem: problem.into() }
}
