//! A statement with its signature.
//!
//! id = hex(sha256(text))

use sha2::{Digest, Sha256};
use solana_signature::Signature;

use super::{Statement, StatementError};
use crate::hex::hex;

/// A statement with a signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedStatement {
    statement: Statement,
    signature: Signature,
}

impl SignedStatement {
    /// Verifies a signature, base58, over a text by the wallet that the text names. Ed25519 is verified
    /// strictly: no other encoding of a signature passes, and no key of small order.
    ///
    /// # Errors
    /// [`StatementError`] says what is wrong with the text or the signature.
    pub fn verify(text: &str, signature: &str) -> Result<Self, StatementError> {
        let statement = Statement::parse(text)?;
        let signature: Signature = signature.parse().map_err(|_| StatementError::NotASignature)?;
        if !signature.verify(statement.wallet().as_ref(), text.as_bytes()) {
            return Err(StatementError::WrongSignature(statement.wallet()));
        }
        Ok(Self { statement, signature })
    }

    /// What was signed.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The signature over the statement's text.
    pub fn signature(&self) -> Signature {
        self.signature
    }

    /// Its event's id: 64 hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.statement.to_string()))
    }
}
