//! The text that is signed.
//!
//! ```text
//! {domain} keeps this statement, signed by the Solana account:
//! {wallet}
//!
//! {what is stated, one of four sentences}
//!
//! {its fields, one a line}
//! Issued At: {RFC 3339, UTC, whole seconds}
//! ```
//!
//! One text, one meaning: [`Statement::parse`] takes only what [`Statement`] prints. Its first line is
//! no sign-in message's and no transaction's first bytes, so that nothing which is signed for another
//! purpose is a statement.

use std::fmt;
use std::str::FromStr;

use super::{Assertion, Statement, StatementError};
use crate::hex::{hex, parse_digest};
use crate::signed_text::{LineError, Lines};

/// The longest text that is read, bytes.
pub(super) const MAX_TEXT_BYTES: usize = 2_048;

const KEEPS: &str = " keeps this statement, signed by the Solana account:";
const ASSESSMENT: &str = "This work has this score.";
const QUALIFICATION: &str = "This member holds this stage until it expires.";
const DISQUALIFICATION: &str = "This member holds no stage from now on.";
const WITHDRAWAL: &str = "This work is withdrawn.";

/// A sentence that says what is stated.
#[derive(Clone, Copy)]
enum Sentence {
    Assessment,
    Qualification,
    Disqualification,
    Withdrawal,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { domain, wallet, assertion, issued_at } = self;
        write!(f, "{domain}{KEEPS}\n{wallet}\n\n")?;
        match assertion {
            Assertion::Assessment { artifact, score, note_hash } => {
                write!(f, "{ASSESSMENT}\n\nArtifact: {artifact}\nScore: {score}\n")?;
                if let Some(note_hash) = note_hash {
                    writeln!(f, "Note Hash: {}", hex(note_hash))?;
                }
            }
            Assertion::Qualification { member, stage, expires_at: Some(expires_at) } => write!(
                f,
                "{QUALIFICATION}\n\nMember: {member}\nStage: {stage}\nExpires At: {expires_at}\n"
            )?,
            Assertion::Qualification { member, expires_at: None, .. } => {
                write!(f, "{DISQUALIFICATION}\n\nMember: {member}\n")?;
            }
            Assertion::Withdrawal { artifact } => {
                write!(f, "{WITHDRAWAL}\n\nArtifact: {artifact}\n")?;
            }
        }
        write!(f, "Issued At: {issued_at}")
    }
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`StatementError`] names the line or the field that is not as it must be.
    pub fn parse(text: &str) -> Result<Self, StatementError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(StatementError::TooLong(text.len()));
        }
        let mut lines = Lines::of(text);
        let header = "{domain} keeps this statement, signed by the Solana account:";
        let domain = lines.read(header, |line| line.strip_suffix(KEEPS))?;
        let wallet = lines.read("{wallet}", |line| line.parse().ok())?;
        lines.empty()?;
        let sentence = lines.read("{a sentence that stk writes}", sentence)?;
        lines.empty()?;
        let assertion = read_assertion(&mut lines, sentence)?;
        let issued_at = lines.field("Issued At: ", parsed)?;
        let statement = Self::new(domain, wallet, assertion, issued_at)?;
        if statement.to_string() != text {
            return Err(StatementError::NotCanonical);
        }
        Ok(statement)
    }
}

fn sentence(line: &str) -> Option<Sentence> {
    Some(match line {
        ASSESSMENT => Sentence::Assessment,
        QUALIFICATION => Sentence::Qualification,
        DISQUALIFICATION => Sentence::Disqualification,
        WITHDRAWAL => Sentence::Withdrawal,
        _ => return None,
    })
}

fn read_assertion(lines: &mut Lines<'_>, sentence: Sentence) -> Result<Assertion, LineError> {
    Ok(match sentence {
        Sentence::Assessment => Assertion::Assessment {
            artifact: lines.field("Artifact: ", parsed)?,
            score: lines.field("Score: ", parsed)?,
            note_hash: lines.field_if_there("Note Hash: ", parse_digest)?,
        },
        Sentence::Qualification => Assertion::Qualification {
            member: lines.field("Member: ", parsed)?,
            stage: lines.field("Stage: ", parsed)?,
            expires_at: Some(lines.field("Expires At: ", parsed)?),
        },
        Sentence::Disqualification => Assertion::Qualification {
            member: lines.field("Member: ", parsed)?,
            stage: 0,
            expires_at: None,
        },
        Sentence::Withdrawal => {
            Assertion::Withdrawal { artifact: lines.field("Artifact: ", parsed)? }
        }
    })
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
