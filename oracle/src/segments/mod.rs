//! The log of events: immutable Parquet segments, each named by the SHA-256 of its bytes, and a
//! manifest in SQL that says which of them count.
//!
//! ```text
//! batch → known fingerprints left out → segment on disk → one SQL transaction:
//!         manifest row + cursor + rejections + counts
//! ```
//!
//! A crash before the transaction leaves a file that no manifest row names, and the source is read
//! again from the cursor; a crash after it leaves nothing undone. One process at a time writes: it
//! holds the lock of the folder from reading the manifest until its transaction is committed.
//!
//! The same event delivered twice, on whichever day, is in the log once: its fingerprint is looked up
//! among all that the source ever delivered. The log is duplicate-free by construction, so no reader has to look for repeats.

mod append;
mod batch;
mod check;
mod compact;
mod drain;
mod file;
mod fingerprint;
mod quarantine;
#[cfg(feature = "service")]
mod query;
mod raw_form;
mod read;
mod replay;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use append::{Advance, Receipt};
pub use batch::{Batch, Chunk, ChunkBuilder, Rejection, Row, schema};
pub use compact::{Compaction, Tidied};
#[cfg(feature = "service")]
pub(crate) use quarantine::DAY_US;
pub use quarantine::{DailyLimits, Events, Quarantined, Who, split};
#[cfg(feature = "service")]
pub use query::QueryError;
pub use raw_form::RawForm;
pub use read::Range;
pub use replay::{Replayed, Retried};

use parquet::errors::ParquetError;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// The events that were ever received, each once.
#[derive(Clone, Debug)]
pub struct EventLog {
    store: Store,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// Segments that were found to have the bytes that their names say.
    checked: Arc<Mutex<HashSet<String>>>,
}

/// Why the log did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the log cannot be read or written.
    #[error("the event log's folder {folder}: {source}", folder = folder.display())]
    Io {
        /// The log's folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A segment does not have the bytes that it was written with.
    #[error(
        "{file}: {problem}. Put the file back from a backup: the events in it are nowhere else",
        file = file.display()
    )]
    Damaged {
        /// The segment's file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A segment cannot be read or written.
    #[error("a segment of the event log: {0}")]
    Parquet(#[from] ParquetError),
    /// Another process has moved the source's cursor meanwhile.
    #[error(
        "the cursor of {stream} moved meanwhile: is another stk-oracle reading the same source? \
         Nothing was written; run it again"
    )]
    CursorMoved {
        /// The source, and the stream within it.
        stream: String,
    },
    /// Another process has replayed the same rejections meanwhile.
    #[error(
        "{source_name}: somebody else replays the same rejections. Nothing was written; run it again"
    )]
    ReplayMoved {
        /// The source.
        source_name: String,
    },
    /// Other deliveries of the same source were always faster.
    #[error("{source_name}: others write to the log all the time. Nothing was written; try again")]
    Busy {
        /// The source.
        source_name: String,
    },
}

impl EventLog {
    /// Opens the log in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`LogError::Io`] when the folder cannot be made.
    pub fn open(store: Store, folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let checked = Arc::default();
        let log = Self { store, folder: folder.to_owned(), clock, checked };
        fs::create_dir_all(folder).map_err(|error| log.io(error))?;
        Ok(log)
    }

    /// The database with the manifest.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The folder of the segments.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The time as the log sees it.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The same clock, for who works beside the log.
    #[cfg(feature = "service")]
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Waits until no other process writes to the log, and keeps others out until it is dropped.
    async fn lock(&self) -> Result<File, LogError> {
        let path = self.folder.join("lock");
        let locked = tokio::task::spawn_blocking(move || {
            let file = File::options().create(true).truncate(false).write(true).open(path)?;
            file.lock()?;
            Ok(file)
        });
        locked.await.map_err(io::Error::other).and_then(|file| file).map_err(|error| self.io(error))
    }

    /// Does work on files where it holds up nobody.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let worked = tokio::task::spawn_blocking(work).await;
        let worked = worked.map_err(|error| self.io(io::Error::other(error)))?;
        worked.map_err(|error| match error {
            LogError::Parquet(ParquetError::External(inner)) => self.unpacked(inner),
            other => other,
        })
    }

    /// What the library for Parquet only passed on.
    fn unpacked(&self, error: Box<dyn std::error::Error + Send + Sync>) -> LogError {
        match error.downcast::<LogError>() {
            Ok(error) => *error,
            Err(error) => match error.downcast::<io::Error>() {
                Ok(error) => self.io(*error),
                Err(error) => LogError::Parquet(ParquetError::External(error)),
            },
        }
    }

    fn io(&self, source: io::Error) -> LogError {
        LogError::Io { folder: self.folder.clone(), source }
    }
}
