//! Reads an export into events, past no database that lasts.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use crate::clock::SystemClock;
use crate::ingest::Event;
use crate::ingest::file::Export;
use crate::store::Store;

/// The events of an export by time; names the lines that are none.
pub(super) async fn read(path: &Path) -> anyhow::Result<Vec<Event>> {
    let store = Store::open("sqlite::memory:").await.context("failed to open a store")?;
    let export = Export::read(store, Arc::new(SystemClock), path).await;
    let export = export.with_context(|| format!("failed to read the events {}", path.display()))?;
    for rejection in &export.imported.rejections {
        eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
    }
    Ok(export.events)
}
