//! What a wallet signs to be linked: the Sign-In-With-Solana text, which wallets know and show.
//!
//! ```text
//! {domain} wants you to sign in with your Solana account:
//! {address}
//!
//! {statement}
//!
//! URI: {uri}
//! Version: 1
//! Chain ID: {chain}
//! Nonce: {nonce}
//! Issued At: {RFC 3339}
//! Expiration Time: {RFC 3339}
//! Request ID: {request}
//! ```
//!
//! One text, one meaning: [`SignInMessage::parse`] takes only what [`SignInMessage`] prints.

use std::fmt;

use jiff::Timestamp;
use solana_address::Address;

use crate::signed_text::{LineError, Lines};

/// The longest text that is read, bytes.
const MAX_BYTES: usize = 2_048;

/// The fields of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInMessage {
    /// Who asks: a host, with its port if it is not the usual one.
    pub domain: String,
    /// The wallet.
    pub address: Address,
    /// What signing means, one line.
    pub statement: String,
    /// The address of who asks.
    pub uri: String,
    /// The chain: `mainnet`, `devnet`, `testnet` or `localnet`.
    pub chain: String,
    /// Makes the text the only one of its kind: letters and digits.
    pub nonce: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it counts no more.
    pub expires_at: Timestamp,
    /// Whom it is about.
    pub request: String,
}

/// Why a text is no such message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Longer than any such message.
    #[error("the message has {0} bytes, and {MAX_BYTES} is the limit")]
    TooLong(usize),
    /// A line is missing or says something else.
    #[error("line {line} of the message is not `{expected}`")]
    Line {
        /// Which line, counted from 1.
        line: usize,
        /// What it would have to be.
        expected: &'static str,
    },
    /// Every line reads well, but they would be written otherwise.
    #[error("the message is not written as Sign-In-With-Solana has it")]
    NotCanonical,
}

impl fmt::Display for SignInMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { domain, address, statement, uri, chain, nonce, request, .. } = self;
        let (issued_at, expires_at) = (self.issued_at, self.expires_at);
        write!(
            f,
            "{domain} wants you to sign in with your Solana account:\n{address}\n\n{statement}\n\n\
             URI: {uri}\nVersion: 1\nChain ID: {chain}\nNonce: {nonce}\nIssued At: {issued_at}\n\
             Expiration Time: {expires_at}\nRequest ID: {request}"
        )
    }
}

impl SignInMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// [`MessageError`] names the line that is not as it must be.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        if text.len() > MAX_BYTES {
            return Err(MessageError::TooLong(text.len()));
        }
        let mut lines = Lines::of(text);
        let text_of = |text: &str| Some(text.to_owned());
        let time_of = |text: &str| text.parse().ok();
        let header = "{domain} wants you to sign in with your Solana account:";
        let asks = " wants you to sign in with your Solana account:";
        let domain = lines.read(header, |line| line.strip_suffix(asks).map(str::to_owned))?;
        let address = lines.read("{address}", |line| line.parse().ok())?;
        lines.empty()?;
        let statement = lines.read("{statement}", text_of)?;
        lines.empty()?;
        let message = Self {
            domain,
            address,
            statement,
            uri: lines.field("URI: ", text_of)?,
            chain: {
                lines.read("Version: 1", |line| (line == "Version: 1").then_some(()))?;
                lines.field("Chain ID: ", text_of)?
            },
            nonce: lines.field("Nonce: ", text_of)?,
            issued_at: lines.field("Issued At: ", time_of)?,
            expires_at: lines.field("Expiration Time: ", time_of)?,
            request: lines.field("Request ID: ", text_of)?,
        };
        if message.to_string() != text {
            return Err(MessageError::NotCanonical);
        }
        Ok(message)
    }
}

impl From<LineError> for MessageError {
    fn from(LineError { line, expected }: LineError) -> Self {
        Self::Line { line, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "club.example wants you to sign in with your Solana account:\n\
        US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx\n\
        \n\
        Pay the STK of member 7 to this wallet.\n\
        \n\
        URI: https://club.example\n\
        Version: 1\n\
        Chain ID: mainnet\n\
        Nonce: 0011223344556677\n\
        Issued At: 2027-01-15T08:00:00Z\n\
        Expiration Time: 2027-01-15T08:10:00Z\n\
        Request ID: member-7";

    fn message() -> SignInMessage {
        SignInMessage {
            domain: "club.example".to_owned(),
            address: [7; 32].into(),
            statement: "Pay the STK of member 7 to this wallet.".to_owned(),
            uri: "https://club.example".to_owned(),
            chain: "mainnet".to_owned(),
            nonce: "0011223344556677".to_owned(),
            issued_at: Timestamp::from_second(1_800_000_000).unwrap(),
            expires_at: Timestamp::from_second(1_800_000_600).unwrap(),
            request: "member-7".to_owned(),
        }
    }

    #[test]
    fn the_text_is_the_standards_and_reads_back() {
        assert_eq!(message().to_string(), TEXT);
        assert_eq!(SignInMessage::parse(TEXT), Ok(message()));
    }

    #[test]
    fn what_is_not_such_a_text_is_named_by_its_line() {
        let line = |text: &str| match SignInMessage::parse(text) {
            Err(MessageError::Line { line, .. }) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line(""), 1);
        assert_eq!(line(&TEXT.replace(" wants you", " asks you")), 1);
        assert_eq!(line(&TEXT.replace("US517", "0000")), 2);
        assert_eq!(line(&TEXT.replace("\n\nURI", "\n!\nURI")), 5);
        assert_eq!(line(&TEXT.replace("Version: 1", "Version: 2")), 7);
        assert_eq!(line(&TEXT.replace("T08:10:00Z", "")), 11);
        assert_eq!(line(TEXT.strip_suffix("\nRequest ID: member-7").unwrap()), 12);
        let other = |text: &str| SignInMessage::parse(text).unwrap_err();
        for text in [
            format!("{TEXT}\nResources:\n- https://evil.example"),
            TEXT.replace("T08:00:00Z", "T10:00:00+02:00"),
        ] {
            assert_eq!(other(&text), MessageError::NotCanonical);
        }
        assert_eq!(other(&"a".repeat(2_049)), MessageError::TooLong(2_049));
    }
}
