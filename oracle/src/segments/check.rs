//! Checks files against the manifest, and makes fingerprints anew that were lost.

use std::fs;
use std::io;
use std::path::Path;

use parquet::errors::ParquetError;

use super::batch::{integers, text};
use super::file::{is_intact, keys_path, read_rows, rows_path, write_keys};
use super::fingerprint::{FINGERPRINT_BYTES, Fingerprint};
use super::{EventLog, LogError};
use crate::store::Segment;

impl EventLog {
    /// Checks that segments have the bytes that their names say, each once in this process.
    ///
    /// # Errors
    /// [`LogError::Damaged`] names the first that has not.
    pub(super) async fn check(&self, segments: Vec<Segment>) -> Result<(), LogError> {
        let (folder, checked) = (self.folder.clone(), self.checked.clone());
        let work = move || {
            for segment in segments {
                let hash = segment.content_hash;
                if checked.lock().is_ok_and(|checked| checked.contains(&hash)) {
                    continue;
                }
                check_rows(&folder, &hash)?;
                if let Ok(mut checked) = checked.lock() {
                    checked.insert(hash);
                }
            }
            Ok(())
        };
        self.blocking(work).await
    }
}

/// Checks that a segment has the bytes that its name says.
pub(super) fn check_rows(folder: &Path, content_hash: &str) -> Result<(), ParquetError> {
    let problem = match is_intact(folder, content_hash) {
        Ok(true) => return Ok(()),
        Ok(false) => "its bytes are not those that its name is the SHA-256 of".to_owned(),
        Err(error) => error.to_string(),
    };
    let file = rows_path(folder, content_hash);
    Err(ParquetError::External(Box::new(LogError::Damaged { file, problem })))
}

/// Makes a segment's fingerprints anew when they are not there, or not all of them.
pub(super) fn ensure_keys(folder: &Path, segment: &Segment) -> Result<(), ParquetError> {
    let path = keys_path(folder, &segment.content_hash);
    let expected = segment.row_count * FINGERPRINT_BYTES as u64;
    match fs::metadata(path) {
        Ok(file) if file.len() == expected => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    tracing::warn!(segment = segment.content_hash, "its fingerprints were lost: made anew");
    check_rows(folder, &segment.content_hash)?;
    let mut fingerprints = Vec::new();
    for rows in read_rows(folder, &segment.content_hash)? {
        let rows = rows?;
        let [source, external_id, name, actor] = [0, 1, 4, 5].map(|column| text(&rows, column));
        let at_us = integers(&rows, 2);
        fingerprints.extend((0..rows.num_rows()).map(|row| {
            Fingerprint::new(
                source.value(row),
                external_id.value(row),
                at_us.value(row),
                actor.value(row),
                name.value(row),
            )
        }));
    }
    fingerprints.sort_unstable();
    Ok(write_keys(folder, &segment.content_hash, fingerprints.into_iter().map(Ok))?)
}
