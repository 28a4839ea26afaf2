//! A community's export and its rule book, as `stk demo` and `stk explain` read them.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use system_token_oracle::clock::SystemClock;
use system_token_oracle::ingest::file::Export;
use system_token_oracle::policy::Policy;
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

/// Reads the events by time; names the lines that are none.
///
/// # Errors
/// Names the file, and what is wrong with it.
pub(crate) async fn read_events(store: &Store, path: &Path) -> anyhow::Result<Export> {
    let export = Export::read(store.clone(), Arc::new(SystemClock), path).await;
    let export = export.with_context(|| format!("failed to read the events {}", path.display()))?;
    for rejection in &export.imported.rejections {
        eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
    }
    Ok(export)
}
