//! An oracle's key, which is never shown.

use std::path::Path;

use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;

use crate::keypair::{KeyError, read_keypair};

/// An oracle's signing key. Never printed: its debug form is the public key.
pub struct OracleKey(Keypair);

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
        read_keypair(path).map(Self)
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
