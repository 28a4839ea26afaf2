//! The databases that these tests run on: SQLite.

use tempfile::TempDir;

/// An empty database that goes with it.
pub(super) struct TestDatabase {
    url: String,
    _folder: TempDir,
}

impl TestDatabase {
    /// One of each kind.
    pub(super) fn each() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("oracle.db").display());
        vec![Self { url, _folder: folder }]
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}
