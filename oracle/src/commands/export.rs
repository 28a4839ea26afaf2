//! Reads an export into events, past no database that lasts.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::clock::SystemClock;
use crate::ingest::file::FileImport;
use crate::ingest::{Event, Integrity, PersonalData};
use crate::segments::{EventLog, Range};
use crate::store::Store;

/// The events of an export by time; names the lines that are none.
pub(super) async fn read(path: &Path) -> anyhow::Result<Vec<Event>> {
    let context = || format!("failed to read the events {}", path.display());
    let store = Store::open("sqlite::memory:").await.context("failed to open a store")?;
    let folder = tempfile::tempdir().context("failed to make a folder for the event log")?;
    let log = EventLog::open(store, folder.path(), Arc::new(SystemClock))?;
    let import = FileImport::new("posthog", Integrity::default(), PersonalData::default());
    let imported = import.read(&log, path).await.with_context(context)?;
    for rejection in &imported.rejections {
        eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
    }
    let events = log.get_events(Range::ALL).await.with_context(context)?;
    if events.is_empty() {
        bail!("failed to read the events {}: there is no event in it", path.display());
    }
    Ok(events)
}
