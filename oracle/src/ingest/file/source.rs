//! A folder or a bucket of export files as a source: whatever is new or has changed is read.
//!
//! Each file has a cursor, whose stream is the file's name and whose position is `VERSION ROWS` while
//! it is read and `VERSION done` afterwards. The stream without a name says how far the whole source
//! was read: to the latest event of all files, as soon as each of them was read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetResult, GetResultPayload, ObjectMeta, ObjectStore};

use super::reading::Resume;
use super::{FileError, FileImport, Watched};
use crate::bucket;
use crate::config::FilesSettings;
use crate::ingest::pull::{PullError, PullSource, Pulled};
use crate::segments::{Advance, Batch, EventLog, LogError, Receipt};
use crate::store::{Cursor, StoreError};

/// Bytes of files that one pull reads, one file at least.
const PULL_BYTES: u64 = 256 << 20;
/// The stream that speaks for all files.
const ALL_FILES: &str = "";
/// The position of a file that was read to its end.
const DONE: &str = "done";

/// A folder or a bucket of export files.
#[derive(Debug)]
pub struct FilesSource {
    import: FileImport,
    store: Arc<dyn ObjectStore>,
    prefix: Option<object_store::path::Path>,
    /// Files that could not be read, by name: which version, and why. Told when the others are read.
    failed: Mutex<BTreeMap<String, Failure>>,
}

#[derive(Clone, Debug)]
struct Failure {
    version: String,
    problem: String,
    later: bool,
}

/// Why a folder or bucket cannot be a source.
#[derive(Debug, thiserror::Error)]
pub enum FilesSourceError {
    /// It is not there, or cannot be opened.
    #[error("{location}: {error}")]
    Open {
        /// The folder or bucket.
        location: String,
        /// What is wrong.
        error: object_store::Error,
    },
    /// Its address is none.
    #[error("{0}: a location is a folder or s3://BUCKET/PREFIX")]
    Location(String),
}

/// Why a file was not read.
enum Problem {
    /// The log fails: nothing more can be read.
    Log(LogError),
    /// This file alone.
    File { text: String, later: bool },
}

impl FilesSource {
    /// A source of the files in a folder or bucket. Keys to a bucket come from the environment, as
    /// Amazon's own tools have it: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`; a role where it
    /// runs in their cloud.
    ///
    /// # Errors
    /// [`FilesSourceError`] when the folder is not there or the address is none.
    pub fn new(import: FileImport, settings: &FilesSettings) -> Result<Self, FilesSourceError> {
        let location = &settings.location;
        let of = |error| FilesSourceError::Open { location: location.clone(), error };
        let (store, prefix): (Arc<dyn ObjectStore>, _) = match location.split_once("://") {
            None => (Arc::new(LocalFileSystem::new_with_prefix(location).map_err(of)?), ""),
            Some(("s3", address)) if !address.is_empty() => {
                let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
                (Arc::new(bucket_store(bucket, settings).map_err(of)?), prefix)
            }
            Some(_) => return Err(FilesSourceError::Location(location.clone())),
        };
        let prefix = object_store::path::Path::parse(prefix.trim_matches('/'))
            .map_err(|_| FilesSourceError::Location(location.clone()))?;
        let prefix = Some(prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let import = FileImport { columns: settings.columns.clone(), ..import };
        Ok(Self { import, store, prefix, failed: Mutex::default() })
    }

    /// The files that may be exports, by name.
    async fn list(&self) -> Result<Vec<ObjectMeta>, PullError> {
        let listing = self.store.list(self.prefix.as_ref()).try_collect::<Vec<_>>().await;
        let mut files = listing.map_err(|error| {
            let problem = format!("its files cannot be listed: {error}");
            match is_for_good(&error) {
                true => PullError::Fix(problem),
                false => PullError::Later { problem, wait: None },
            }
        })?;
        files.retain(|file| is_export(file.location.as_ref()));
        files.sort_by(|a, b| a.location.cmp(&b.location));
        Ok(files)
    }

    /// Reads a file from where it was left.
    async fn read_file(
        &self,
        log: &EventLog,
        file: &ObjectMeta,
        cursor: Option<&Cursor>,
    ) -> Result<Receipt, Problem> {
        let name = file.location.to_string();
        let options = GetOptions { if_match: file.e_tag.clone(), ..GetOptions::default() };
        let opened = match self.store.get_opts(&file.location, options).await {
            Ok(found) => open(found, log.folder()).await,
            Err(error) => Err(error),
        };
        let opened = opened.map_err(|error| Problem::File {
            later: !is_for_good(&error),
            text: error.to_string(),
        })?;
        let version = version(file);
        let position = cursor.map(|cursor| cursor.position.clone());
        let resume = Resume {
            done_rows: done_rows(position.as_deref(), &version),
            stream: name.clone(),
            last_at_us: cursor.map(|cursor| cursor.synced_until_us),
            version,
            position,
        };
        let watched = Watched { file: opened, on_read: |_| {} };
        match self.import.read_file(log, &name, watched, Some(resume)).await {
            Ok(imported) => Ok(imported.receipt),
            Err(FileError::Log(error)) => Err(Problem::Log(error)),
            Err(error) => Err(Problem::File { text: error.to_string(), later: false }),
        }
    }

    /// The files that are not read yet and did not fail, with their cursors.
    async fn unread(&self, log: &EventLog) -> Result<Vec<(ObjectMeta, Option<Cursor>)>, PullError> {
        let mut cursors = self.cursors(log).await?;
        let files = self.list().await?;
        let failed = self.failed();
        let mut unread = Vec::new();
        for file in files {
            let (name, version) = (file.location.as_ref(), version(&file));
            let cursor = cursors.remove(name);
            let done = format!("{version} {DONE}");
            let is_done = cursor.as_ref().is_some_and(|cursor| cursor.position == done);
            let has_failed = failed.get(name).is_some_and(|failure| failure.version == version);
            if !is_done && !has_failed {
                unread.push((file, cursor));
            }
        }
        Ok(unread)
    }

    async fn cursors(&self, log: &EventLog) -> Result<BTreeMap<String, Cursor>, PullError> {
        let cursors = log.store().get_cursors(&self.import.source).await.map_err(of_store)?;
        Ok(cursors.into_iter().map(|cursor| (cursor.stream.clone(), cursor)).collect())
    }

    /// Says that every file was read.
    async fn move_all_files(&self, log: &EventLog) -> Result<(), PullError> {
        let mut cursors = self.cursors(log).await?;
        let before = cursors.remove(ALL_FILES);
        let latest = cursors.values().map(|cursor| cursor.synced_until_us).max();
        let known = before.as_ref().map(|cursor| cursor.synced_until_us);
        let Some(synced_until_us) = latest.filter(|latest| Some(*latest) > known) else {
            return Ok(());
        };
        let advance = Advance {
            stream: ALL_FILES.to_owned(),
            from: before.map(|cursor| cursor.position),
            to: synced_until_us.to_string(),
            synced_until_us,
        };
        log.append(Batch::new(&self.import.source), Some(&advance)).await?;
        Ok(())
    }

    /// The files that could not be read, as one error, and tries them again from now on.
    fn take_failed(&self) -> Option<PullError> {
        let failed = std::mem::take(&mut *self.failed());
        if failed.is_empty() {
            return None;
        }
        let problems = failed.iter().map(|(name, failure)| format!("{name}: {}", failure.problem));
        let problem = problems.collect::<Vec<_>>().join("; ");
        Some(match failed.values().all(|failure| failure.later) {
            true => PullError::Later { problem, wait: None },
            false => PullError::Fix(problem),
        })
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Failure>> {
        self.failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl PullSource for FilesSource {
    async fn pull(&self, log: &EventLog) -> Result<Pulled, PullError> {
        let mut receipt = Receipt::default();
        let unread = self.unread(log).await?;
        let mut bytes = 0;
        let mut left = unread.len();
        for (file, cursor) in unread {
            match self.read_file(log, &file, cursor.as_ref()).await {
                Ok(more) => receipt += more,
                Err(Problem::Log(error)) => return Err(PullError::Log(error)),
                Err(Problem::File { text, later }) => {
                    let failure = Failure { version: version(&file), problem: text, later };
                    self.failed().insert(file.location.to_string(), failure);
                }
            }
            left -= 1;
            bytes += file.size;
            if bytes >= PULL_BYTES && left > 0 {
                return Ok(Pulled { receipt, caught_up: false });
            }
        }
        if let Some(error) = self.take_failed() {
            return Err(error);
        }
        self.move_all_files(log).await?;
        Ok(Pulled { receipt, caught_up: true })
    }

    /// Files do not count their events.
    async fn count(&self, _from_us: i64, _to_us: i64) -> Result<Option<u64>, PullError> {
        Ok(None)
    }
}

fn bucket_store(
    bucket: &str,
    settings: &FilesSettings,
) -> Result<impl ObjectStore + use<>, object_store::Error> {
    let mut builder = bucket::builder(bucket);
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    bucket::build(builder)
}

/// The content of a file as a file of this machine, in a folder that has room for it. It has no name
/// there, so that nothing is left of it whatever happens.
async fn open(found: GetResult, folder: &Path) -> Result<File, object_store::Error> {
    if let GetResultPayload::File(file, _) = found.payload {
        return Ok(file);
    }
    let of = |error: std::io::Error| object_store::Error::Generic {
        store: "download",
        source: Box::new(error),
    };
    let mut file = tempfile::tempfile_in(folder).map_err(of)?;
    let mut content = found.into_stream();
    while let Some(bytes) = content.try_next().await? {
        file.write_all(&bytes).map_err(of)?;
    }
    file.rewind().map_err(of)?;
    Ok(file)
}

/// What changes when a file changes.
fn version(file: &ObjectMeta) -> String {
    let tag = file.e_tag.as_deref().unwrap_or_default().trim_matches('"').replace(' ', "_");
    match tag.is_empty() {
        true => format!("{}-{}", file.size, file.last_modified.timestamp_micros()),
        false => tag,
    }
}

/// Rows of a version of a file that were read up to a position.
fn done_rows(position: Option<&str>, version: &str) -> u64 {
    let of_version = |position: &str| {
        let (read, rows) = position.rsplit_once(' ')?;
        (read == version).then(|| rows.parse().ok()).flatten()
    };
    position.and_then(of_version).unwrap_or_default()
}

/// Whether a file may be an export: PostHog's manifests and what is hidden are not.
fn is_export(location: &str) -> bool {
    let hidden = location.split('/').any(|part| part.starts_with(['.', '_']));
    !hidden && !location.ends_with("manifest.json")
}

/// Whether somebody has to change something before it works.
fn is_for_good(error: &object_store::Error) -> bool {
    use object_store::Error;
    match error {
        Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            true
        }
        // Listing a bucket that is not there has no error of its own.
        other => bucket::is_no_bucket(other),
    }
}

fn of_store(error: StoreError) -> PullError {
    PullError::Log(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_only_for_the_version_it_was_read_from() {
        assert_eq!(done_rows(None, "a-1"), 0);
        assert_eq!(done_rows(Some("a-1 17"), "a-1"), 17);
        assert_eq!(done_rows(Some("a-1 17"), "a-2"), 0);
        assert_eq!(done_rows(Some("a-1 done"), "a-2"), 0);
    }

    #[test]
    fn manifests_and_hidden_files_are_no_exports() {
        for export in ["2026/01.jsonl", "a.parquet", "b.jsonl.gz"] {
            assert!(is_export(export), "{export}");
        }
        for other in [".part", "_temporary/0.parquet", "2026/x_manifest.json", "a/.git/b"] {
            assert!(!is_export(other), "{other}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_named() {
        let import = || FileImport::new("f", Default::default(), Default::default());
        let settings = |location: &str| FilesSettings {
            location: location.to_owned(),
            endpoint: None,
            region: None,
            columns: Default::default(),
        };
        for (location, named) in [
            ("gopher://x", "gopher://x: a location is a folder or s3://BUCKET/PREFIX"),
            ("s3://", "s3://: a location is a folder or s3://BUCKET/PREFIX"),
            ("/nowhere/at/all", "/nowhere/at/all: "),
        ] {
            let error = FilesSource::new(import(), &settings(location)).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}
