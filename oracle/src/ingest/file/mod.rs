//! Reads exports from files: PostHog's batch exports and file downloads, and rows of other tools.
//!
//! ```text
//! file → blocks of rows, in order → parsed by every core → batches, in order → log
//! ```
//!
//! What a file is, its first bytes say: Parquet, or JSONLines, plain or compressed by gzip or zstd.

mod export;
mod jsonlines;
mod lines;
mod parquet;
mod reading;
mod row;
#[cfg(feature = "service")]
mod source;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

pub use self::export::{Export, ExportError};
use self::lines::Lines;
use self::parquet::ParquetRows;
use self::reading::{Reading, Resume};
#[cfg(feature = "service")]
pub(super) use self::row::object_of;
#[cfg(feature = "service")]
pub use self::source::{FilesSource, FilesSourceError};
#[cfg(feature = "service")]
use super::Door;
use super::{Integrity, PersonalData};
use crate::config::ColumnNames;
#[cfg(feature = "service")]
use crate::segments::Chunk;
use crate::segments::{EventLog, LogError, Receipt, Rejection};
use crate::statement::SOURCE;

/// The first bytes of what gzip wrote.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The first bytes of what zstd wrote.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The first bytes of Parquet.
const PARQUET_MAGIC: [u8; 4] = *b"PAR1";

/// Reads files into the log, as one source.
#[derive(Clone, Debug)]
pub struct FileImport {
    /// The source whose events they are.
    pub source: String,
    /// What events must keep to.
    pub integrity: Integrity,
    /// What may not come in.
    pub personal_data: PersonalData,
    /// Which columns or fields of a row hold what.
    pub columns: ColumnNames,
    /// Rows that enter the log together: a segment's, and what is held at once.
    pub batch_rows: usize,
}

/// What came of a file.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Its counts.
    pub receipt: Receipt,
    /// What was turned away, the first of it: [`Imported::KEPT_REJECTIONS`]. The log has it all.
    pub rejections: Vec<Rejection>,
    /// When its latest event happened, UTC microseconds; `None` without events.
    pub last_at_us: Option<i64>,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be opened, read or decompressed. What was read before is in the log.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Its events would be those of statements, which members sign.
    #[error("the source `{SOURCE}` is kept for what members sign: name another")]
    ReservedSource,
    /// It is no export, or one without a column that is needed.
    #[error("{0}")]
    Format(String),
    /// The log fails.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Imported {
    /// How many rejections are told at once.
    pub const KEPT_REJECTIONS: usize = 100;

    fn add(&mut self, receipt: Receipt, rejections: &[Rejection], last_at_us: Option<i64>) {
        self.receipt += receipt;
        let room = Self::KEPT_REJECTIONS.saturating_sub(self.rejections.len());
        self.rejections.extend(rejections.iter().take(room).cloned());
        self.last_at_us = self.last_at_us.max(last_at_us);
    }
}

impl FileImport {
    /// Rows of a segment of a long file.
    pub const BATCH_ROWS: usize = 1 << 16;

    /// Reads PostHog's exports as a source.
    pub fn new(source: &str, integrity: Integrity, personal_data: PersonalData) -> Self {
        Self {
            source: source.to_owned(),
            integrity,
            personal_data,
            columns: ColumnNames::default(),
            batch_rows: Self::BATCH_ROWS,
        }
    }

    /// Reads a file into the log: Parquet or JSONLines, plain or compressed by gzip or zstd.
    ///
    /// Reading it once more, or another file with some of the same events, adds only what is new.
    ///
    /// # Errors
    /// [`FileError`] when the file or the log fails; the message names the line reached.
    pub async fn read(&self, log: &EventLog, path: &Path) -> Result<Imported, FileError> {
        self.read_watched(log, path, |_| {}).await
    }

    /// As [`read`](Self::read); `on_read` is told how many bytes of the file were read just now.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn read_watched(
        &self,
        log: &EventLog,
        path: &Path,
        on_read: impl FnMut(u64) + Send + 'static,
    ) -> Result<Imported, FileError> {
        let file = File::open(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.read_file(log, &name, Watched { file, on_read }, None).await
    }

    /// The event of one row, a JSON object as a line of a file has it.
    ///
    /// # Errors
    /// Says why it is not let in.
    #[cfg(feature = "service")]
    pub(super) fn read_row(&self, row: &str, door: &Door<'_>) -> Result<Chunk, String> {
        reading::Parsing::one(self, door, |parsing| jsonlines::admit_line(row.as_bytes(), parsing))
    }

    /// Reads a file from where it was left, and keeps its cursor when there is one.
    async fn read_file(
        &self,
        log: &EventLog,
        name: &str,
        mut watched: Watched<impl FnMut(u64) + Send + 'static>,
        resume: Option<Resume>,
    ) -> Result<Imported, FileError> {
        if self.source == SOURCE {
            return Err(FileError::ReservedSource);
        }
        let mut start = [0; 4];
        let read = read_start(&mut watched.file, &mut start)?;
        let reading = Reading { import: self.clone(), name: name.to_owned(), resume };
        if read == start.len() && start == PARQUET_MAGIC {
            let rows = ParquetRows::new(watched, &self.columns)?;
            return reading.run(log, rows).await;
        }
        let lines = Lines::new(decompress(BufReader::with_capacity(1 << 16, watched))?, self);
        reading.run(log, lines).await
    }
}

/// A file that tells how much of it was read.
struct Watched<F> {
    file: File,
    on_read: F,
}

impl<F: FnMut(u64)> Read for Watched<F> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        (self.on_read)(read as u64);
        Ok(read)
    }
}

/// Reads the first bytes, as far as there are any, and goes back.
fn read_start(file: &mut File, start: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < start.len() {
        match file.read(&mut start[read..])? {
            0 => break,
            more => read += more,
        }
    }
    file.rewind()?;
    Ok(read)
}

/// What a file holds, whatever it is compressed by.
fn decompress<'a>(
    mut file: BufReader<impl Read + Send + 'a>,
) -> Result<Box<dyn Read + Send + 'a>, FileError> {
    let start = file.fill_buf()?;
    if start.starts_with(&GZIP_MAGIC) {
        Ok(Box::new(MultiGzDecoder::new(file)))
    } else if start.starts_with(&ZSTD_MAGIC) {
        Ok(Box::new(zstd::Decoder::with_buffer(file)?))
    } else if start.contains(&0) {
        Err(FileError::Format(
            "it is no export: neither Parquet nor lines of JSON, plain or compressed by gzip or \
             zstd"
                .to_owned(),
        ))
    } else {
        Ok(Box::new(file))
    }
}
