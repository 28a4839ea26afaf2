//! What can be stated, within which bounds, and which roles may.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::StatementError;
use super::error::field;
use crate::identity::{MemberIndex, Role};

/// The longest name of a work, bytes.
const MAX_ARTIFACT_BYTES: usize = 512;
/// The highest score.
const MAX_SCORE: u32 = 1_000_000;
/// How long a qualification may hold, years.
const MAX_YEARS: i64 = 3;

/// What somebody states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assertion {
    /// A work has a score.
    Assessment {
        /// The work, as its events name it.
        artifact: String,
        /// Its score, on the rule book's scale: 0 to 1,000,000.
        score: u32,
        /// The SHA-256 of a note that is kept elsewhere.
        note_hash: Option<[u8; 32]>,
    },
    /// A member holds a stage, from when this was issued; the latest statement about a member counts.
    Qualification {
        /// The member's index.
        member: MemberIndex,
        /// The stage; 0 when the member holds none any more.
        stage: u8,
        /// From when on it is held no more; `None` exactly when the stage is 0.
        expires_at: Option<Timestamp>,
    },
    /// A work is withdrawn.
    Withdrawal {
        /// The work, as its events name it.
        artifact: String,
    },
}

impl Assertion {
    /// The name of its event.
    pub fn event_name(&self) -> &'static str {
        match self {
            Self::Assessment { .. } => "artifact_assessed",
            Self::Qualification { .. } => "qualification_granted",
            Self::Withdrawal { .. } => "artifact_withdrawn",
        }
    }

    /// The roles of which one is needed to state it; `None` when any member may. Whether somebody is a
    /// work's author is decided when an epoch is weighed.
    pub fn roles(&self) -> Option<&'static [Role]> {
        match self {
            Self::Assessment { .. } => Some(&[Role::Master]),
            Self::Qualification { .. } => Some(&[Role::Curator, Role::Admin]),
            Self::Withdrawal { .. } => None,
        }
    }

    /// Checks that it can be stated at a time.
    pub(super) fn check(&self, issued_at: Timestamp) -> Result<(), StatementError> {
        match self {
            Self::Assessment { artifact, score, .. } => {
                check_artifact(artifact)?;
                match *score <= MAX_SCORE {
                    true => Ok(()),
                    false => Err(field("the score", format!("it must be at most {MAX_SCORE}"))),
                }
            }
            Self::Qualification { stage, expires_at, .. } => {
                check_expiry(*stage, *expires_at, issued_at)
            }
            Self::Withdrawal { artifact } => check_artifact(artifact),
        }
    }
}

/// A work's name is one line in which everything shows, so that what is signed is what is seen.
fn check_artifact(artifact: &str) -> Result<(), StatementError> {
    let name = "the artifact";
    if artifact.is_empty() || artifact.trim() != artifact {
        return Err(field(name, "it must be there, without space before or after it"));
    }
    if artifact.len() > MAX_ARTIFACT_BYTES {
        return Err(field(name, format!("it must have at most {MAX_ARTIFACT_BYTES} bytes")));
    }
    match artifact.chars().find(|c| !shows(*c)) {
        Some(hidden) => Err(field(name, format!("it has {hidden:?} in it, which does not show"))),
        None => Ok(()),
    }
}

/// Whether a character shows, and leaves the others where they are: no control, no space but the usual
/// one, and nothing of Unicode that joins, hides or reverses.
fn shows(c: char) -> bool {
    let is_hidden = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    );
    c == ' ' || !(c.is_control() || c.is_whitespace() || is_hidden)
}

fn check_expiry(
    stage: u8,
    expires_at: Option<Timestamp>,
    issued_at: Timestamp,
) -> Result<(), StatementError> {
    let name = "the expiry";
    let Some(expires_at) = expires_at else {
        return match stage {
            0 => Ok(()),
            _ => Err(field(name, "it must be there: a stage is held until a time")),
        };
    };
    if stage == 0 {
        return Err(field(name, "it must not be there: who holds no stage loses none"));
    }
    if expires_at <= issued_at || expires_at.subsec_nanosecond() != 0 {
        return Err(field(name, "it must be a whole second after the statement is issued"));
    }
    let latest = issued_at.to_zoned(TimeZone::UTC).checked_add(MAX_YEARS.years());
    match latest.is_ok_and(|latest| expires_at > latest.timestamp()) {
        true => Err(field(name, format!("it must be at most {MAX_YEARS} years from now"))),
        false => Ok(()),
    }
}
