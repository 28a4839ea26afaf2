//! Takes bundles and signatures from elsewhere, each as a whole or not at all.

use std::fs;
use std::path::Path;

use solana_address::Address;
use system_token_attestation::{Attestation, Tree};
use tokio::io::AsyncWriteExt;

use super::super::write::sync_folder;
use super::super::{
    BundleError, BundleFolder, EVENTS, MANIFEST, MEMBERS, Manifest, POLICY, TOTALS, io_error,
};
use super::{BundleSource, RemoteError};
use crate::epoch::SignedEpoch;

/// The largest manifest, bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 64 << 10;
/// The largest signature, bytes.
pub(super) const MAX_SIGNATURE_BYTES: u64 = 4 << 10;
/// The largest other file, bytes.
const MAX_FILE_BYTES: u64 = 1 << 30;

impl BundleSource {
    /// Fetches an epoch's bundle; `false` when the source has none. What is there already stays as it
    /// is. A bundle takes its place when each of its files is what its manifest says: its events, members
    /// and rules by their hashes, its totals by the root. Whether the root follows from the rest is for
    /// who follows the bundles.
    ///
    /// # Errors
    /// [`RemoteError`]; its folder is not touched then.
    pub async fn fetch(&self, epoch: u64, into: &BundleFolder) -> Result<bool, RemoteError> {
        let name = bundle_file(epoch, MANIFEST);
        let Some(bytes) = self.0.get_bytes(&name, MAX_MANIFEST_BYTES).await? else {
            return Ok(false);
        };
        let manifest = self.parse_manifest(&name, &bytes)?;
        if into.path(epoch).exists() {
            is_there(into, epoch, &manifest)?;
            return Ok(true);
        }
        fs::create_dir_all(&into.0).map_err(io_error(&into.0))?;
        let part = tempfile::Builder::new()
            .prefix(&format!("epoch-{epoch:08}."))
            .suffix(".part")
            .tempdir_in(&into.0)
            .map_err(io_error(&into.0))?;
        let fetched = BundleFolder::new(part.path());
        let folder = fetched.path(epoch);
        fs::create_dir(&folder).map_err(io_error(&folder))?;
        for file in [EVENTS, MEMBERS, POLICY, TOTALS] {
            self.download(&bundle_file(epoch, file), &folder.join(file)).await?;
        }
        write(&folder.join(MANIFEST), &bytes).await?;
        let checked = tokio::task::spawn_blocking(move || check(&fetched, epoch)).await;
        let checked = checked.map_err(|error| RemoteError::Wrong {
            at: self.0.at(&name),
            problem: format!("it cannot be read: {error}"),
        })?;
        checked.map_err(|wrong| RemoteError::Wrong {
            at: self.0.at(&bundle_file(epoch, &wrong.file)),
            problem: wrong.problem,
        })?;
        sync_folder(&folder)?;
        match fs::rename(&folder, into.path(epoch)) {
            // Somebody else was faster.
            Err(_) if into.path(epoch).exists() => is_there(into, epoch, &manifest)?,
            renamed => renamed.map_err(io_error(&into.path(epoch)))?,
        }
        sync_folder(&into.0)?;
        Ok(true)
    }

    /// Fetches what follows a folder's last bundle, until the source has no more; how many there were.
    ///
    /// # Errors
    /// [`RemoteError`]; the bundles before it are there.
    pub async fn fetch_all(&self, into: &BundleFolder) -> Result<u64, RemoteError> {
        let last = into.last_epoch();
        let mut epoch = last;
        while self.fetch(epoch + 1, into).await? {
            epoch += 1;
        }
        Ok(epoch - last)
    }

    /// Fetches an oracle's signature over an attestation that was made here, and keeps it beside the
    /// bundle if it is one; `false` when the source has none.
    ///
    /// # Errors
    /// [`RemoteError::Signature`] when it is not the oracle's over this attestation,
    /// [`BundleError::SignedTwice`] when there is another one of this oracle already, [`RemoteError`].
    pub async fn fetch_signature(
        &self,
        oracle: &Address,
        attestation: &Attestation,
        into: &BundleFolder,
    ) -> Result<bool, RemoteError> {
        let version = attestation.oracle_set_version;
        let name = signature_file(attestation.epoch, &format!("{oracle}-{version}.json"));
        let Some(bytes) = self.0.get_bytes(&name, MAX_SIGNATURE_BYTES).await? else {
            return Ok(false);
        };
        let at = || self.0.at(&name);
        let signed = serde_json::from_slice::<SignedEpoch>(&bytes)
            .map_err(|error| RemoteError::Wrong { at: at(), problem: error.to_string() })?;
        if signed.oracle != oracle.to_string() {
            return Err(RemoteError::Wrong { at: at(), problem: "it is another oracle's".into() });
        }
        signed
            .verify(attestation)
            .map_err(|problem| RemoteError::Signature { at: at(), problem })?;
        into.keep_signature(&signed)?;
        Ok(true)
    }

    pub(super) fn parse_manifest(&self, name: &str, bytes: &[u8]) -> Result<Manifest, RemoteError> {
        serde_json::from_slice(bytes)
            .map_err(|error| RemoteError::Wrong { at: self.0.at(name), problem: error.to_string() })
    }

    /// Writes a file of a bundle to the disk, as it comes.
    async fn download(&self, name: &str, to: &Path) -> Result<(), RemoteError> {
        let content = self.0.get(name, MAX_FILE_BYTES).await?;
        let mut content = content.ok_or_else(|| RemoteError::Wrong {
            at: self.0.at(name),
            problem: "it is not there, and its manifest is".to_owned(),
        })?;
        let mut file = tokio::fs::File::create(to).await.map_err(io_error(to))?;
        while let Some(bytes) = content.next().await? {
            file.write_all(&bytes).await.map_err(io_error(to))?;
        }
        file.flush().await.map_err(io_error(to))?;
        Ok(file.sync_all().await.map_err(io_error(to))?)
    }
}

/// A file of a bundle, and what is wrong with it.
struct Wrong {
    file: String,
    problem: String,
}

/// How a file of an epoch's bundle is called.
pub(super) fn bundle_file(epoch: u64, file: &str) -> String {
    format!("epoch-{epoch:08}/{file}")
}

/// How the file of a signature over an epoch is called.
pub(super) fn signature_file(epoch: u64, file: &str) -> String {
    format!("epoch-{epoch:08}.signatures/{file}")
}

/// The bundle that is there must be the same.
fn is_there(folder: &BundleFolder, epoch: u64, manifest: &Manifest) -> Result<(), BundleError> {
    let path = folder.path(epoch);
    if Manifest::read(&path)? == *manifest { Ok(()) } else { Err(BundleError::Taken(path)) }
}

/// Holds each file of a bundle to its manifest.
fn check(folder: &BundleFolder, epoch: u64) -> Result<(), Wrong> {
    let published = folder.read(epoch).map_err(|error| {
        let (path, problem) = match error {
            BundleError::Io { path, source } => (path, source.to_string()),
            BundleError::Content { path, problem } => (path, problem),
            other => (MANIFEST.into(), other.to_string()),
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Wrong { file, problem }
    })?;
    let wrong = |problem: String| Wrong { file: TOTALS.to_owned(), problem };
    let tree = Tree::new(&published.leaves).map_err(|error| wrong(error.to_string()))?;
    let says = (published.root, published.leaf_count, published.cumulative_total);
    if (tree.root(), tree.leaf_count(), tree.cumulative_total()) != says {
        return Err(wrong("it does not give the root that the manifest says".to_owned()));
    }
    Ok(())
}

async fn write(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let mut file = tokio::fs::File::create(path).await.map_err(io_error(path))?;
    file.write_all(bytes).await.map_err(io_error(path))?;
    file.flush().await.map_err(io_error(path))?;
    file.sync_all().await.map_err(io_error(path))
}
