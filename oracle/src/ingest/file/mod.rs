//! Reads exports from files: PostHog's batch exports and file downloads.

mod jsonlines;
mod lines;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

#[cfg(feature = "service")]
pub(super) use jsonlines::{normal_uuid, properties_text};

use super::{Integrity, PersonalData};
use crate::segments::{EventLog, LogError, Receipt, Rejection};

/// The first bytes of what gzip wrote.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The first bytes of what zstd wrote.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Reads files into the log, as one source.
#[derive(Clone, Debug)]
pub struct FileImport {
    /// The source whose events they are.
    pub source: String,
    /// What events must keep to.
    pub integrity: Integrity,
    /// What may not come in.
    pub personal_data: PersonalData,
}

/// What came of a file.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// Its counts.
    pub receipt: Receipt,
    /// What was turned away, the first of it: [`Imported::KEPT_REJECTIONS`]. The log has it all.
    pub rejections: Vec<Rejection>,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be opened, read or decompressed. What was read before is in the log.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The log fails.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Imported {
    /// How many rejections are told at once.
    pub const KEPT_REJECTIONS: usize = 100;

    fn add(&mut self, receipt: Receipt, rejections: &[Rejection]) {
        self.receipt += receipt;
        let room = Self::KEPT_REJECTIONS.saturating_sub(self.rejections.len());
        self.rejections.extend(rejections.iter().take(room).cloned());
    }
}

impl FileImport {
    /// Reads a file into the log: JSONLines, plain or compressed by gzip or zstd.
    ///
    /// Reading it once more, or another file with some of the same events, adds only what is new.
    ///
    /// # Errors
    /// [`FileError`] when the file or the log fails; the message names the line reached.
    pub async fn read(&self, log: &EventLog, path: &Path) -> Result<Imported, FileError> {
        let file = File::open(path)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        self.read_lines(log, &name, decompress(BufReader::new(file))?).await
    }
}

/// What a file holds, whatever it is compressed by.
fn decompress(mut file: BufReader<File>) -> io::Result<Box<dyn Read + Send>> {
    let start = file.fill_buf()?;
    if start.starts_with(&GZIP_MAGIC) {
        Ok(Box::new(MultiGzDecoder::new(file)))
    } else if start.starts_with(&ZSTD_MAGIC) {
        Ok(Box::new(zstd::Decoder::with_buffer(file)?))
    } else {
        Ok(Box::new(file))
    }
}
