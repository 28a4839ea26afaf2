//! An oracle's key: read from a file that only its owner can read, and never shown.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;
use zeroize::Zeroizing;

/// An oracle's signing key. Never printed: its debug form is the public key.
pub struct OracleKey(Keypair);

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

impl OracleKey {
    /// The oracle that signs with this key.
    pub fn new(keypair: Keypair) -> Self {
        Self(keypair)
    }

    /// Reads a keypair as solana-keygen writes it. What was read is wiped from memory.
    ///
    /// # Errors
    /// [`KeyError`] when there is none, or others than the file's owner may read it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let read = |source| KeyError::Read { path: path.to_owned(), source };
        if is_open(&fs::metadata(path).map_err(read)?) {
            return Err(KeyError::Open(path.to_owned()));
        }
        let text = Zeroizing::new(fs::read(path).map_err(read)?);
        let bytes: Option<Vec<u8>> = serde_json::from_slice(&text).ok();
        let keypair =
            bytes.map(Zeroizing::new).and_then(|bytes| Keypair::try_from(&bytes[..]).ok());
        keypair.map(Self).ok_or_else(|| KeyError::NoKeypair(path.to_owned()))
    }

    /// The oracle's public key.
    pub fn address(&self) -> Address {
        self.0.pubkey()
    }

    /// Signs an epoch's attestation.
    pub fn sign(&self, attestation: &Attestation) -> OracleSignature {
        let signature = self.0.sign_message(&attestation.to_bytes());
        OracleSignature { oracle: self.address(), signature: signature.into() }
    }
}

impl std::fmt::Debug for OracleKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("OracleKey").field(&self.address()).finish()
    }
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
    fn the_key_does_not_show_itself() {
        let key = OracleKey::new(Keypair::new_from_array([7; 32]));
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("OracleKey({:?})", key.address()));
        assert!(!shown.contains("7, 7, 7"));
    }
}
