//! Empty databases for tests: SQLite, and a PostgreSQL server of the test's own.
//!
//! The server is Debian's (`apt-get install postgresql`), runs in a temporary folder, listens on a
//! socket there and nowhere else, and is stopped and removed when the test's process ends, however
//! it ends.

mod server;

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use server::Server;
use tempfile::TempDir;

/// An empty database.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    /// The folder of a SQLite file, removed with it.
    _folder: Option<TempDir>,
}

impl TestDatabase {
    /// An empty SQLite file.
    ///
    /// # Panics
    /// When there is no room for a temporary folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = sqlite_url(&folder.path().join("test.db"));
        Self { url, _folder: Some(folder) }
    }

    /// An empty database of the PostgreSQL server, which is started when it is first asked for.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; the message says what to do.
    pub fn postgres() -> Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.get_or_init(Server::start);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.create_database(&name);
        Self { url: server.url(&name), _folder: None }
    }

    /// One of each kind: what every query is tried on.
    ///
    /// # Panics
    /// As [`TestDatabase::sqlite`] and [`TestDatabase::postgres`].
    pub fn each() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// Where it is, as `DATABASE_URL` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The URL of a SQLite file that may not be there yet.
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}
