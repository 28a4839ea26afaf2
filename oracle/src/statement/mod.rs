//! What members sign and the oracle keeps for good: assessments, qualifications and withdrawals.
//!
//! ```text
//! text, signed by a wallet → POST /v1/statements → event of the source `statements` → verify_event
//! ```
//!
//! The text carries everything: for whom it is meant, who signs, what is said, and when. Nothing is
//! asked of the oracle before it is signed, and the same text is the same event, however often it is
//! sent: the event's id is the text's SHA-256. Text and signature stay in the event, so whoever has the
//! log can verify it again.
//!
//! - [`Statement`] is what a text says; [`SignedStatement`] has a signature that was verified.
//! - [`verify_event`] verifies an event of the log.
//! - `Reception` takes statements in, and `api` serves it.

#[cfg(feature = "service")]
pub mod api;
mod assertion;
mod error;
mod event;
#[cfg(feature = "service")]
mod reception;
mod signed;
mod text;

pub use assertion::Assertion;
pub use error::{EventError, ReceiptError, StatementError};
pub use event::verify_event;
#[cfg(feature = "service")]
pub(crate) use reception::INTEGRITY;
#[cfg(feature = "service")]
pub use reception::{ReceiveError, Received, Reception};
pub use signed::SignedStatement;

use jiff::Timestamp;
use solana_address::Address;

use error::field;

/// The source of all statements' events, whose actors are wallets. No other source may have its name.
pub const SOURCE: &str = "statements";
/// How many statements of one member count on one UTC day.
pub const MAX_EVENTS_PER_DAY: u32 = 1_000;
/// How far ahead of our clock a statement may be issued, seconds.
pub const MAX_FUTURE_SECONDS: u32 = 300;
/// How long ago a statement may have been issued when it is received, seconds.
pub const MAX_AGE_SECONDS: u32 = 86_400;

/// The longest domain, bytes.
const MAX_DOMAIN_BYTES: usize = 255;

/// What somebody states, as they sign it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    domain: String,
    wallet: Address,
    assertion: Assertion,
    issued_at: Timestamp,
}

impl Statement {
    /// A statement to the oracle of a domain, by a wallet, at a time.
    ///
    /// # Errors
    /// [`StatementError::Field`] names what cannot be stated so, and what would be right.
    pub fn new(
        domain: impl Into<String>,
        wallet: Address,
        assertion: Assertion,
        issued_at: Timestamp,
    ) -> Result<Self, StatementError> {
        let domain = domain.into();
        let is_part = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if domain.is_empty() || domain.len() > MAX_DOMAIN_BYTES || !domain.chars().all(is_part) {
            return Err(field("the domain", "it must be a host, with its port if it has one"));
        }
        if issued_at < Timestamp::UNIX_EPOCH || issued_at.subsec_nanosecond() != 0 {
            return Err(field("the time of issue", "it must be a whole second, not before 1970"));
        }
        assertion.check(issued_at)?;
        Ok(Self { domain, wallet, assertion, issued_at })
    }

    /// Whose oracle is to keep it: a host, with its port where that is said.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Who signs it.
    pub fn wallet(&self) -> Address {
        self.wallet
    }

    /// What is stated.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// When it was issued, a whole second.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Checks that the oracle of a domain may take it in at a time, UTC microseconds.
    ///
    /// # Errors
    /// [`ReceiptError`] when it is meant for another domain, or comes too early or too late.
    pub fn check_receipt(&self, domain: &str, now_us: i64) -> Result<(), ReceiptError> {
        let own = || domain.to_owned();
        if self.domain != domain {
            return Err(ReceiptError::OtherDomain { stated: self.domain.clone(), own: own() });
        }
        let age_us = now_us - self.issued_at.as_microsecond();
        let us = |seconds: u32| i64::from(seconds) * 1_000_000;
        if age_us < -us(MAX_FUTURE_SECONDS) {
            return Err(ReceiptError::Future(self.issued_at));
        }
        if age_us > us(MAX_AGE_SECONDS) {
            return Err(ReceiptError::Stale(self.issued_at));
        }
        Ok(())
    }
}
