//! Writes a bundle, whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use solana_address::Address;
use system_token_attestation::Leaf;

use super::{
    BundleError, BundleFolder, EVENTS, MANIFEST, MEMBERS, Manifest, POLICY, TOTALS, content,
    io_error,
};
use crate::epoch::{Bundle, ClosedEpoch};
use crate::ingest::Event;

/// How hard events are compressed: zstd's own default.
const COMPRESSION_LEVEL: i32 = 3;

impl BundleFolder {
    /// Writes what an epoch was closed over and came to; `false` when it is there already, the same.
    ///
    /// # Errors
    /// [`BundleError::Taken`] when another bundle of the epoch is there, [`BundleError::Retracted`] when
    /// this one was set aside, [`BundleError::Io`].
    pub fn write(
        &self,
        bundle: &Bundle,
        closed: &ClosedEpoch,
        mint: &Address,
    ) -> Result<bool, BundleError> {
        let path = self.path(bundle.epoch);
        let manifest = Manifest::new(bundle, closed, mint);
        if path.exists() {
            let there = Manifest::read(&path)?;
            return if there == manifest { Ok(false) } else { Err(BundleError::Taken(path)) };
        }
        let aside = self.aside(&manifest);
        if aside.exists() {
            return Err(BundleError::Retracted(aside));
        }
        // What a crash left half written is begun anew.
        let part = path.with_extension("part");
        if part.exists() {
            fs::remove_dir_all(&part).map_err(io_error(&part))?;
        }
        fs::create_dir_all(&part).map_err(io_error(&part))?;
        put(&part.join(EVENTS), |file| write_events(file, &bundle.events))?;
        put(&part.join(MEMBERS), |file| file.write_all(&bundle.members.to_canonical_bytes()))?;
        put(&part.join(POLICY), |file| file.write_all(bundle.policy.text().as_bytes()))?;
        put(&part.join(TOTALS), |file| write_totals(file, &closed.leaves))?;
        put(&part.join(MANIFEST), |file| {
            serde_json::to_writer_pretty(&mut *file, &manifest)?;
            file.write_all(b"\n")
        })?;
        sync_folder(&part)?;
        fs::rename(&part, &path).map_err(io_error(&path))?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
        Ok(true)
    }
}

impl Manifest {
    /// The manifest of a bundle's folder.
    pub(super) fn read(folder: &Path) -> Result<Self, BundleError> {
        let path = folder.join(MANIFEST);
        let text = fs::read(&path).map_err(io_error(&path))?;
        serde_json::from_slice(&text).map_err(|error| content(&path, &error))
    }
}

/// Writes a file, down to the disk.
fn put(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), BundleError> {
    let mut file = BufWriter::new(File::create(path).map_err(io_error(path))?);
    let written = write(&mut file).and_then(|()| file.flush());
    written.and_then(|()| file.get_ref().sync_all()).map_err(io_error(path))
}

fn write_events(file: &mut impl Write, events: &[Event]) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(file, COMPRESSION_LEVEL)?;
    for event in events {
        encoder.write_all(&event.to_canonical_bytes())?;
        encoder.write_all(b"\n")?;
    }
    encoder.finish().map(drop)
}

fn write_totals(file: &mut impl Write, leaves: &[Leaf]) -> io::Result<()> {
    writeln!(file, "member,token_account,cumulative_total")?;
    for (member, leaf) in leaves.iter().enumerate() {
        let account = match leaf.token_account {
            account if account == [0; 32] => String::new(),
            account => Address::from(account).to_string(),
        };
        writeln!(file, "{member},{account},{}", leaf.cumulative_total)?;
    }
    Ok(())
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), BundleError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}
