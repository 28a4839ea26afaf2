//! A segment as a file: Parquet, named by the SHA-256 of its bytes, with its fingerprints beside it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use super::batch::{integers, schema};
use super::fingerprint::{self, Fingerprint};
use crate::store::Segment;

/// Rows of a row group: what a reader holds at once.
const ROW_GROUP_ROWS: usize = 1 << 16;

/// Where a segment's rows are.
pub(super) fn rows_path(folder: &Path, content_hash: &str) -> PathBuf {
    folder.join(format!("{content_hash}.parquet"))
}

/// Where a segment's fingerprints are.
pub(super) fn keys_path(folder: &Path, content_hash: &str) -> PathBuf {
    folder.join(format!("{content_hash}.keys"))
}

/// Writes a segment; when it is finished, the disk has both of its files.
pub(super) struct SegmentWriter {
    folder: PathBuf,
    temporary: PathBuf,
    writer: ArrowWriter<Hashing<File>>,
    rows: u64,
    times_us: Option<(i64, i64)>,
}

impl SegmentWriter {
    /// Starts a segment in a folder.
    pub(super) fn create(folder: &Path) -> Result<Self, ParquetError> {
        let temporary = folder.join("unfinished.parquet");
        let file = Hashing { inner: File::create(&temporary)?, hash: Sha256::new(), bytes: 0 };
        let writer = ArrowWriter::try_new(file, schema(), Some(properties()))?;
        Ok(Self { folder: folder.to_owned(), temporary, writer, rows: 0, times_us: None })
    }

    /// Adds rows.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.writer.write(rows)?;
        self.rows += rows.num_rows() as u64;
        for at_us in integers(rows, 2).values() {
            let (first, last) = self.times_us.get_or_insert((*at_us, *at_us));
            (*first, *last) = ((*first).min(*at_us), (*last).max(*at_us));
        }
        Ok(())
    }

    /// Closes both files under their name; `sorted` are the rows' fingerprints in order.
    pub(super) fn finish(
        self,
        source: &str,
        committed_at_us: i64,
        sorted: impl Iterator<Item = io::Result<Fingerprint>>,
    ) -> Result<Segment, ParquetError> {
        let file = self.writer.into_inner()?;
        file.inner.sync_all()?;
        let content_hash: String =
            file.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        fingerprint::write(&keys_path(&self.folder, &content_hash), sorted)?;
        fs::rename(&self.temporary, rows_path(&self.folder, &content_hash))?;
        // The names are on the disk only when the folder is.
        File::open(&self.folder)?.sync_all()?;
        let (first_at_us, last_at_us) = self.times_us.unwrap_or_default();
        let source = source.to_owned();
        let (row_count, bytes) = (self.rows, file.bytes);
        Ok(Segment {
            content_hash,
            source,
            row_count,
            bytes,
            first_at_us,
            last_at_us,
            committed_at_us,
        })
    }
}

fn properties() -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled(ColumnPath::from("at_us"), EnabledStatistics::Chunk);
    // Nearly every value is another one: a dictionary would only cost.
    for unique in ["external_id", "properties", "at_us"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(unique), false);
    }
    properties.build()
}

/// Hashes and counts what is written through it.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Rows of a segment, a row group at a time.
pub(super) fn read_rows(
    folder: &Path,
    content_hash: &str,
) -> Result<impl Iterator<Item = Result<RecordBatch, ParquetError>> + use<>, ParquetError> {
    let file = File::open(rows_path(folder, content_hash))?;
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)?
        .with_batch_size(1 << 13)
        .build()?;
    Ok(reader.map(|rows| rows.map_err(|error| ParquetError::External(Arc::new(error).into()))))
}
