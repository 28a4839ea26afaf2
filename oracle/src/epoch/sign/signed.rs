//! An oracle's signature over an epoch, as oracles exchange it.
//!
//! Nothing in it is believed but the signature, over an attestation that its reader has made itself.

use serde::{Deserialize, Serialize};
use solana_address::Address;
use solana_signature::Signature;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;

use crate::hex::hex;

/// What one oracle signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignedEpoch {
    /// The epoch.
    pub epoch: u64,
    /// The version of the oracle set that the signature is meant for.
    pub oracle_set_version: u32,
    /// SHA-256 of the attestation, hexadecimal: says at once whether two oracles mean the same.
    pub digest: String,
    /// Who signed, base58.
    pub oracle: String,
    /// The signature, base58.
    pub signature: String,
}

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// The oracle has signed another result of the epoch.
    #[error(
        "{oracle} signed another result of epoch {epoch} (oracle set {oracle_set_version}): its digest \
         is {theirs}, and ours {ours}"
    )]
    OtherResult {
        /// The oracle.
        oracle: String,
        /// The epoch.
        epoch: u64,
        /// The set that it signed for.
        oracle_set_version: u32,
        /// The digest that it signed.
        theirs: String,
        /// The digest of what we have.
        ours: String,
    },
    /// It is no key.
    #[error("oracle: `{0}` is no address")]
    Oracle(String),
    /// It is no signature, or not of this oracle over this attestation.
    #[error("the signature of {0} over epoch {1} is wrong")]
    Wrong(String, u64),
}

impl SignedEpoch {
    /// What an oracle signed over an attestation.
    pub fn new(attestation: &Attestation, signature: &OracleSignature) -> Self {
        Self {
            epoch: attestation.epoch,
            oracle_set_version: attestation.oracle_set_version,
            digest: hex(&attestation.digest()),
            oracle: signature.oracle.to_string(),
            signature: Signature::from(signature.signature).to_string(),
        }
    }

    /// Checks it against an attestation that was made here.
    ///
    /// # Errors
    /// [`SignedError`] when the oracle signed something else, or not at all.
    pub fn verify(&self, attestation: &Attestation) -> Result<OracleSignature, SignedError> {
        let ours = hex(&attestation.digest());
        let means = (self.epoch, self.oracle_set_version, &self.digest);
        if means != (attestation.epoch, attestation.oracle_set_version, &ours) {
            return Err(SignedError::OtherResult {
                oracle: self.oracle.clone(),
                epoch: self.epoch,
                oracle_set_version: self.oracle_set_version,
                theirs: self.digest.clone(),
                ours,
            });
        }
        let oracle = self.oracle.parse::<Address>();
        let oracle = oracle.map_err(|_| SignedError::Oracle(self.oracle.clone()))?;
        let wrong = || SignedError::Wrong(self.oracle.clone(), self.epoch);
        let signature = self.signature.parse::<Signature>().map_err(|_| wrong())?;
        if !signature.verify(oracle.as_ref(), &attestation.to_bytes()) {
            return Err(wrong());
        }
        Ok(OracleSignature { oracle, signature: signature.into() })
    }
}

#[cfg(test)]
mod tests {
    use solana_keypair::Keypair;

    use super::*;
    use crate::epoch::LocalKey;

    fn attestation() -> Attestation {
        Attestation {
            program_id: [1; 32],
            distribution: [2; 32],
            epoch: 12,
            oracle_set_version: 3,
            leaf_count: 4,
            root: [5; 32],
            cumulative_total: 6,
            bundle_hash: [7; 32],
        }
    }

    #[test]
    fn a_signature_counts_for_what_was_signed_and_nothing_else() {
        let key = LocalKey::new(Keypair::new_from_array([7; 32]));
        let ours = attestation();
        let signed = SignedEpoch::new(&ours, &key.sign(&ours));
        let text = serde_json::to_string(&signed).unwrap();
        let read: SignedEpoch = serde_json::from_str(&text).unwrap();
        assert_eq!(read.verify(&ours), Ok(key.sign(&ours)));
        // Another result, another set, another epoch
        for other in [
            Attestation { root: [6; 32], ..ours },
            Attestation { bundle_hash: [6; 32], ..ours },
            Attestation { oracle_set_version: 4, ..ours },
            Attestation { epoch: 13, ..ours },
        ] {
            assert!(matches!(signed.verify(&other), Err(SignedError::OtherResult { .. })));
            // And a file that only says that it means that one
            let claims = SignedEpoch {
                signature: signed.signature.clone(),
                ..SignedEpoch::new(&other, &key.sign(&other))
            };
            assert!(matches!(claims.verify(&other), Err(SignedError::Wrong(..))));
        }
        let another = LocalKey::new(Keypair::new_from_array([8; 32])).address().to_string();
        let stolen = SignedEpoch { oracle: another, ..signed.clone() };
        assert!(matches!(stolen.verify(&ours), Err(SignedError::Wrong(..))));
        let nobody = SignedEpoch { oracle: "nobody".to_owned(), ..signed.clone() };
        assert_eq!(nobody.verify(&ours), Err(SignedError::Oracle("nobody".to_owned())));
        let garbled = SignedEpoch { signature: "l".to_owned(), ..signed };
        assert!(matches!(garbled.verify(&ours), Err(SignedError::Wrong(..))));
    }
}
