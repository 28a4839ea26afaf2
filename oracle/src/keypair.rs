//! Keypairs in files that only their owner can read.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use solana_keypair::Keypair;
use zeroize::Zeroizing;

/// Why there is no key in a file. Nothing of what is in it is told.
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
}

/// Reads a keypair as solana-keygen writes it. What was read is wiped from memory.
///
/// # Errors
/// [`KeyError`] when there is none, or others than the file's owner may read it.
pub fn read_keypair(path: &Path) -> Result<Keypair, KeyError> {
    let read = |source| KeyError::Read { path: path.to_owned(), source };
    if is_open(&fs::metadata(path).map_err(read)?) {
        return Err(KeyError::Open(path.to_owned()));
    }
    let text = Zeroizing::new(fs::read(path).map_err(read)?);
    let bytes: Option<Vec<u8>> = serde_json::from_slice(&text).ok();
    let keypair = bytes.map(Zeroizing::new).and_then(|bytes| Keypair::try_from(&bytes[..]).ok());
    keypair.ok_or_else(|| KeyError::NoKeypair(path.to_owned()))
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
