//! Bundles that are set aside: another one takes their epoch.

use std::fs;
use std::path::PathBuf;

use super::{BundleError, BundleFolder, Manifest, io_error};

impl BundleFolder {
    /// Moves an epoch's bundle and its signatures out of the succession; says where the bundle is now.
    /// It must be the last one.
    ///
    /// # Errors
    /// [`BundleError`] when it is not there or cannot be moved.
    pub fn retract(&self, epoch: u64) -> Result<PathBuf, BundleError> {
        let (bundle, signatures) = (self.path(epoch), self.signatures_path(epoch));
        let aside = self.aside(&Manifest::read(&bundle)?);
        // The signatures first: without a bundle nobody would look for them.
        if signatures.exists() {
            let signatures_aside = aside.with_extension("signatures");
            fs::rename(&signatures, &signatures_aside).map_err(io_error(&signatures))?;
        }
        fs::rename(&bundle, &aside).map_err(io_error(&bundle))?;
        Ok(aside)
    }

    /// Where a bundle is when it was set aside.
    pub(super) fn aside(&self, manifest: &Manifest) -> PathBuf {
        let hash: String = manifest.bundle_hash.chars().take(16).collect();
        self.root().join(format!("retracted-{:08}-{hash}", manifest.epoch))
    }
}
