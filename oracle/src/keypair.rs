//! Keypairs from files that only their owner can read, and from environment variables.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use solana_keypair::Keypair;
use zeroize::Zeroizing;

/// Bytes of a keypair: the secret half and the public one.
const KEYPAIR_BYTES: usize = 64;
/// The longest text that is read as a keypair, bytes.
const MAX_TEXT_BYTES: usize = 4_096;

/// Why there is no key. Nothing of what was read is told.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error(
        "{path}: others can read this key. Give it to its owner alone: chmod 600 {path}",
        path = .0.display()
    )]
    Open(PathBuf),
    /// It holds no keypair.
    #[error(
        "{path}: it holds no keypair: expected 64 numbers as solana-keygen writes them",
        path = .0.display()
    )]
    NoKeypair(PathBuf),
    /// A variable that is not there.
    #[error("the environment variable {0} is not set: it should hold the oracle's key")]
    NotSet(String),
    /// A variable that holds no keypair.
    #[error(
        "the environment variable {0} holds no keypair: expected 64 numbers as solana-keygen writes \
         them, or the 64 bytes as base58"
    )]
    NoKeypairInVariable(String),
    /// There is nothing to run.
    #[error("the signer command is empty: name a program and its arguments")]
    NoCommand,
}

/// Reads a keypair as solana-keygen writes it. What was read is wiped from memory.
///
/// # Errors
/// [`KeyError`] when there is none, or others than the file's owner may read it.
pub fn read_keypair(path: &Path) -> Result<Keypair, KeyError> {
    let read = |source| KeyError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(read)?;
    if is_open(&file.metadata().map_err(read)?) {
        return Err(KeyError::Open(path.to_owned()));
    }
    // With room for all that is read, so that nothing is moved and left behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_TEXT_BYTES + 1));
    file.take(MAX_TEXT_BYTES as u64).read_to_end(&mut text).map_err(read)?;
    let numbers = std::str::from_utf8(&text).ok().and_then(parse_numbers);
    numbers.as_deref().and_then(keypair).ok_or_else(|| KeyError::NoKeypair(path.to_owned()))
}

/// Reads a keypair out of an environment variable: as solana-keygen writes it, or as base58. What was
/// read is wiped from memory; the process's environment itself stays, and its user can read it.
///
/// # Errors
/// [`KeyError`] when the variable is not set or holds no keypair.
#[cfg(feature = "store")]
pub fn keypair_from_variable(variable: &str) -> Result<Keypair, KeyError> {
    let not_set = || KeyError::NotSet(variable.to_owned());
    let value = std::env::var_os(variable).filter(|value| !value.is_empty());
    let text = Zeroizing::new(value.ok_or_else(not_set)?.into_encoded_bytes());
    let text = std::str::from_utf8(&text).ok().map(str::trim);
    let bytes = text.and_then(|text| parse_numbers(text).or_else(|| parse_base58(text)));
    let keypair = bytes.as_deref().and_then(keypair);
    keypair.ok_or_else(|| KeyError::NoKeypairInVariable(variable.to_owned()))
}

/// Keeps what is in this process's memory out of core dumps, and other processes of its user away from
/// it, as far as the system can: called before a key is read.
#[cfg(feature = "store")]
pub fn forbid_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "the system would write this process's memory into a core dump");
        }
    }
}

/// A JSON array of 64 bytes. Not by a JSON reader: its array would grow, and leave parts of the key where
/// it was before.
fn parse_numbers(text: &str) -> Option<Zeroizing<[u8; KEYPAIR_BYTES]>> {
    let mut bytes = Zeroizing::new([0; KEYPAIR_BYTES]);
    let mut numbers = text.trim().strip_prefix('[')?.strip_suffix(']')?.split(',');
    for byte in bytes.iter_mut() {
        *byte = numbers.next()?.trim().parse().ok()?;
    }
    numbers.next().is_none().then_some(bytes)
}

#[cfg(feature = "store")]
fn parse_base58(text: &str) -> Option<Zeroizing<[u8; KEYPAIR_BYTES]>> {
    let mut bytes = Zeroizing::new([0; KEYPAIR_BYTES]);
    let length = bs58::decode(text).onto(bytes.as_mut_slice()).ok()?;
    (length == KEYPAIR_BYTES).then_some(bytes)
}

/// The keypair of these bytes, if the public half belongs to the secret one.
fn keypair(bytes: &[u8; KEYPAIR_BYTES]) -> Option<Keypair> {
    Keypair::try_from(bytes.as_slice()).ok()
}

/// Whether others than the owner may read or write a file.
#[cfg(unix)]
fn is_open(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_metadata: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_numbers_are_read_and_nothing_else() {
        let bytes = Keypair::new_from_array([7; 32]).to_bytes();
        let text = serde_json::to_string(&bytes.to_vec()).unwrap();
        assert_eq!(parse_numbers(&text).as_deref(), Some(&bytes));
        assert_eq!(parse_numbers(&text.replace(',', " ,\n ")).as_deref(), Some(&bytes));
        let more = text.replace(']', ",1]");
        let fewer = serde_json::to_string(&bytes[1..].to_vec()).unwrap();
        let large = text.replacen('7', "256", 1);
        for other in ["", "[]", "{}", &more, &fewer, &large, &text[1..], &text[..text.len() - 1]] {
            assert!(parse_numbers(other).is_none(), "{other}");
        }
        // And a public half that is another key's
        let mut torn = bytes;
        torn[40] ^= 1;
        assert!(keypair(&bytes).is_some() && keypair(&torn).is_none());
    }

    #[cfg(feature = "store")]
    #[test]
    fn a_variable_that_holds_no_key_is_named_and_not_shown() {
        // Variables that a test's process always has
        let error = keypair_from_variable("PATH").unwrap_err().to_string();
        assert!(error.starts_with("the environment variable PATH holds no keypair"), "{error}");
        assert!(!error.contains(&std::env::var("PATH").unwrap()));
        let error = keypair_from_variable("STK_NO_SUCH_KEY").unwrap_err().to_string();
        assert!(error.starts_with("the environment variable STK_NO_SUCH_KEY is not set"));
    }

    #[cfg(feature = "store")]
    #[test]
    fn base58_is_of_sixty_four_bytes() {
        let keypair = Keypair::new_from_array([7; 32]);
        let bytes = parse_base58(&keypair.to_base58_string()).unwrap();
        assert_eq!(*bytes, keypair.to_bytes());
        for other in ["", "0", "abc", &keypair.to_base58_string()[1..], &"1".repeat(65)] {
            assert!(parse_base58(other).is_none(), "{other}");
        }
    }
}
