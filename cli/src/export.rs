//! A community's export and its rule book, as `stk demo` and `stk explain` read them.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use system_token_oracle::clock::SystemClock;
use system_token_oracle::ingest::file::{FileImport, Imported};
use system_token_oracle::ingest::{Event, Integrity, PersonalData};
use system_token_oracle::policy::Policy;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::store::Store;

/// Reads a rule book.
///
/// # Errors
/// Names the file, and the line or the key that is wrong.
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read the policy {}", path.display()))?;
    Policy::parse(&text).with_context(|| format!("failed to read the policy {}", path.display()))
}

/// Reads the events into a log, and back by time; names the lines that are none.
///
/// # Errors
/// Names the file, and what is wrong with it.
pub(crate) async fn read_events(
    store: &Store,
    path: &Path,
) -> anyhow::Result<(Imported, Vec<Event>)> {
    let context = || format!("failed to read the events {}", path.display());
    let folder = tempfile::tempdir().context("failed to make a folder for the event log")?;
    let log = EventLog::open(store.clone(), folder.path(), Arc::new(SystemClock))?;
    let import = FileImport::new("posthog", Integrity::default(), PersonalData::default());
    let imported = import.read(&log, path).await.with_context(context)?;
    for rejection in &imported.rejections {
        eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
    }
    let events = log.get_events(Range::ALL).await.with_context(context)?;
    if events.is_empty() {
        bail!("failed to read the events {}: there is no event in it", path.display());
    }
    Ok((imported, events))
}
