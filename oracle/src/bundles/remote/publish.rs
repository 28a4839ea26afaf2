//! Puts bundles and signatures where others fetch them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use object_store::buffered::BufWriter;
use object_store::{PutMode, PutOptions};
use tokio::io::AsyncWriteExt;

use super::super::{BundleFolder, EVENTS, MANIFEST, MEMBERS, POLICY, TOTALS, content, io_error};
use super::fetch::{MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES, bundle_file, signature_file};
use super::{BundleSource, RemoteError};
use crate::epoch::SignedEpoch;

impl BundleSource {
    /// Publishes an epoch's bundle and the signatures beside it. The manifest comes last, so that others
    /// see a whole bundle or none. Sound to repeat, as when there are more signatures; nothing that is
    /// there is ever replaced.
    ///
    /// # Errors
    /// [`RemoteError::ReadOnly`] for a web server, [`RemoteError::Taken`] when there is another bundle or
    /// signature of the same name, [`RemoteError`].
    pub async fn publish(&self, epoch: u64, from: &BundleFolder) -> Result<(), RemoteError> {
        if !self.0.is_writable {
            return Err(RemoteError::ReadOnly(self.to_string()));
        }
        let folder = from.path(epoch);
        let path = folder.join(MANIFEST);
        let ours = fs::read(&path).map_err(io_error(&path))?;
        let manifest = self.parse_manifest(&bundle_file(epoch, MANIFEST), &ours)?;
        let name = bundle_file(epoch, MANIFEST);
        let there = async || {
            let bytes = self.0.get_bytes(&name, MAX_MANIFEST_BYTES).await?;
            bytes.map(|bytes| self.parse_manifest(&name, &bytes)).transpose()
        };
        if there().await?.is_none() {
            for file in [EVENTS, MEMBERS, POLICY, TOTALS] {
                self.upload(&folder.join(file), &bundle_file(epoch, file)).await?;
            }
            self.create(&name, ours).await?;
        }
        if there().await?.is_none_or(|there| there != manifest) {
            return Err(RemoteError::Taken(self.0.at(&bundle_file(epoch, ""))));
        }
        for signed in from.signatures(epoch)?.into_iter().flatten() {
            self.publish_signature(&signed).await?;
        }
        Ok(())
    }

    /// Publishes an oracle's signature.
    async fn publish_signature(&self, signed: &SignedEpoch) -> Result<(), RemoteError> {
        let file = format!("{}-{}.json", signed.oracle, signed.oracle_set_version);
        let name = signature_file(signed.epoch, &file);
        let text = serde_json::to_string_pretty(signed);
        let text = text.map_err(|error| content(Path::new(&file), &error))?;
        if self.create(&name, (text + "\n").into_bytes()).await? {
            return Ok(());
        }
        let there = self.0.get_bytes(&name, MAX_SIGNATURE_BYTES).await?.unwrap_or_default();
        match serde_json::from_slice::<SignedEpoch>(&there) {
            Ok(there) if there == *signed => Ok(()),
            _ => Err(RemoteError::Taken(self.0.at(&name))),
        }
    }

    /// Writes a small file; `false` when there is one already.
    async fn create(&self, name: &str, bytes: Vec<u8>) -> Result<bool, RemoteError> {
        let options = PutOptions::from(PutMode::Create);
        match self.0.store.put_opts(&self.0.path(name)?, bytes.into(), options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(self.0.error(self.0.at(name), &error)),
        }
    }

    /// Copies a file of a bundle, as it is read.
    async fn upload(&self, from: &Path, name: &str) -> Result<(), RemoteError> {
        let mut file = tokio::fs::File::open(from).await.map_err(io_error(from))?;
        let mut to = BufWriter::new(Arc::clone(&self.0.store), self.0.path(name)?);
        let copied = match tokio::io::copy(&mut file, &mut to).await {
            Ok(_) => to.shutdown().await,
            Err(error) => Err(error),
        };
        copied.map_err(|error| {
            let at = self.0.at(name);
            match error.downcast::<object_store::Error>() {
                Ok(error) => self.0.error(at, &error),
                Err(error) => RemoteError::Away { at, problem: error.to_string() },
            }
        })
    }
}
