//! The signatures over a bundle's epoch, beside the bundle: one file for each oracle and oracle set.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use solana_address::Address;
use system_token_attestation::Attestation;

use super::{BundleError, BundleFolder, content, io_error};
use crate::epoch::SignedEpoch;

impl BundleFolder {
    /// Where the signatures over an epoch are.
    pub fn signatures_path(&self, epoch: u64) -> PathBuf {
        self.path(epoch).with_extension("signatures")
    }

    /// An oracle's signature over an attestation, when it is there already.
    pub fn signature_of(&self, attestation: &Attestation, oracle: &Address) -> Option<SignedEpoch> {
        let path = self.signature_path(attestation.epoch, oracle, attestation.oracle_set_version);
        read(&path).ok().filter(|signed| signed.verify(attestation).is_ok())
    }

    /// Where an oracle's signature for an oracle set is.
    fn signature_path(
        &self,
        epoch: u64,
        oracle: &impl Display,
        oracle_set_version: u32,
    ) -> PathBuf {
        self.signatures_path(epoch).join(format!("{oracle}-{oracle_set_version}.json"))
    }

    /// Keeps an oracle's signature. It stays for good: who signs two results of one epoch for one oracle
    /// set cannot be told from who lies.
    ///
    /// # Errors
    /// [`BundleError::SignedTwice`] when the oracle has signed another result, [`BundleError::Io`].
    pub fn keep_signature(&self, signed: &SignedEpoch) -> Result<PathBuf, BundleError> {
        let folder = self.signatures_path(signed.epoch);
        fs::create_dir_all(&folder).map_err(io_error(&folder))?;
        let path = self.signature_path(signed.epoch, &signed.oracle, signed.oracle_set_version);
        if path.exists() {
            let before = read(&path)?;
            return if before == *signed { Ok(path) } else { Err(BundleError::SignedTwice(path)) };
        }
        let part = path.with_extension("part");
        let text = serde_json::to_string_pretty(signed).map_err(|error| content(&path, &error))?;
        fs::write(&part, text + "\n").map_err(io_error(&part))?;
        fs::rename(&part, &path).map_err(io_error(&path))?;
        Ok(path)
    }

    /// The signatures over an epoch, by oracle; files that are none are errors of their own.
    ///
    /// # Errors
    /// [`BundleError::Io`] when the folder cannot be read.
    pub fn signatures(
        &self,
        epoch: u64,
    ) -> Result<Vec<Result<SignedEpoch, BundleError>>, BundleError> {
        let folder = self.signatures_path(epoch);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let entries = fs::read_dir(&folder).map_err(io_error(&folder))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(io_error(&folder))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        Ok(paths.iter().map(|path| read(path)).collect())
    }
}

fn read(path: &Path) -> Result<SignedEpoch, BundleError> {
    let text = fs::read(path).map_err(io_error(path))?;
    serde_json::from_slice(&text).map_err(|error| content(path, &error))
}
