//! An event log of a test's own.

use std::sync::Arc;

use system_token_oracle::clock::ManualClock;
use system_token_oracle::ingest::file::{FileImport, Imported};
use system_token_oracle::ingest::{Integrity, PersonalData};
use system_token_oracle::segments::EventLog;
use system_token_oracle::store::Store;
use tempfile::TempDir;

/// When the tests' deliveries come: 2027-01-15.
pub(crate) const NOW_US: i64 = 1_800_000_000_000_000;

/// A log in a folder that goes with it.
pub(crate) struct TestLog {
    pub(crate) log: EventLog,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) folder: TempDir,
}

impl TestLog {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(NOW_US));
        let store = Store::open("sqlite::memory:").await.unwrap();
        let log = EventLog::open(store, &folder.path().join("segments"), clock.clone()).unwrap();
        Self { log, clock, folder }
    }

    /// Reads an export's text as the source `posthog`.
    pub(crate) async fn import(&self, export: impl AsRef<[u8]>) -> Imported {
        let path = self.folder.path().join("export.jsonl");
        std::fs::write(&path, export).unwrap();
        import_rules().read(&self.log, &path).await.unwrap()
    }
}

/// How the tests read files.
pub(crate) fn import_rules() -> FileImport {
    FileImport::new("posthog", Integrity::default(), PersonalData::default())
}
