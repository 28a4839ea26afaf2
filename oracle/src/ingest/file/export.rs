//! Reads a whole export into events, through a log whose segments are gone afterwards.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{FileError, FileImport, Imported};
use crate::clock::Clock;
use crate::ingest::{Event, Integrity, PersonalData};
use crate::segments::{EventLog, LogError, Range};
use crate::store::Store;

/// A community's events out of one file.
#[derive(Debug)]
pub struct Export {
    /// By time, source and id, each once.
    pub events: Vec<Event>,
    /// What came of the file's rows.
    pub imported: Imported,
}

/// Why an export gives no events.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no room for the log.
    #[error("failed to make a folder for the event log: {0}")]
    Folder(io::Error),
    /// The file was not read to its end.
    #[error(transparent)]
    File(#[from] FileError),
    /// The log fails.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Nothing was let in.
    #[error("there is no event in it")]
    Empty,
}

impl Export {
    /// The source whose events they are.
    pub const SOURCE: &str = "posthog";

    /// Reads PostHog's exports; the manifest and the rejections stay in the store.
    ///
    /// # Errors
    /// [`ExportError`] when the file cannot be read, or nothing in it is an event.
    pub async fn read(
        store: Store,
        clock: Arc<dyn Clock>,
        path: &Path,
    ) -> Result<Self, ExportError> {
        let folder = tempfile::tempdir().map_err(ExportError::Folder)?;
        let log = EventLog::open(store, folder.path(), clock)?;
        let import = FileImport::new(Self::SOURCE, Integrity::default(), PersonalData::default());
        let imported = import.read(&log, path).await?;
        let events = log.get_events(Range::ALL).await?;
        if events.is_empty() {
            return Err(ExportError::Empty);
        }
        Ok(Self { events, imported })
    }
}
