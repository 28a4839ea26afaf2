//! A segment as a file: Parquet, named by the SHA-256 of its bytes, with its fingerprints beside it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use arrow::array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use sha2::{Digest, Sha256};

use super::batch::{integers, schema};
use super::fingerprint::{self, Fingerprint};
use crate::hex::hex;
use crate::store::Segment;

/// Rows of a row group: what a reader holds at once.
const ROW_GROUP_ROWS: usize = 1 << 16;
/// Row groups that are encoded at once.
const PARALLEL_GROUPS: usize = 2;
/// The names of files that are not finished. Whoever holds the log's lock writes them, nobody reads
/// them.
const UNFINISHED_ROWS: &str = "unfinished.parquet";
const UNFINISHED_KEYS: &str = "unfinished.keys";

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
    writer: SerializedFileWriter<Hashing<File>>,
    encoders: ArrowRowGroupWriterFactory,
    groups: Vec<RowGroup>,
    written_groups: usize,
    rows: u64,
    times_us: Option<(i64, i64)>,
}

/// Rows that are encoded together.
#[derive(Default)]
struct RowGroup {
    rows: Vec<RecordBatch>,
    count: usize,
}

impl SegmentWriter {
    /// Starts a segment in a folder.
    pub(super) fn create(folder: &Path) -> Result<Self, ParquetError> {
        let file = File::create(folder.join(UNFINISHED_ROWS))?;
        let file = Hashing { inner: file, hash: Sha256::new(), bytes: 0 };
        let writer = ArrowWriter::try_new(file, schema(), Some(properties()))?;
        let (writer, encoders) = writer.into_serialized_writer()?;
        Ok(Self {
            folder: folder.to_owned(),
            writer,
            encoders,
            groups: vec![RowGroup::default()],
            written_groups: 0,
            rows: 0,
            times_us: None,
        })
    }

    /// Adds rows.
    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.rows += rows.num_rows() as u64;
        for at_us in integers(rows, 2).values() {
            let (first, last) = self.times_us.get_or_insert((*at_us, *at_us));
            (*first, *last) = ((*first).min(*at_us), (*last).max(*at_us));
        }
        let mut from = 0;
        while from < rows.num_rows() {
            if self.groups.last().is_none_or(|group| group.count == ROW_GROUP_ROWS) {
                if self.groups.len() == PARALLEL_GROUPS {
                    self.flush()?;
                }
                self.groups.push(RowGroup::default());
            }
            if let Some(group) = self.groups.last_mut() {
                let taken = (rows.num_rows() - from).min(ROW_GROUP_ROWS - group.count);
                group.rows.push(rows.slice(from, taken));
                group.count += taken;
                from += taken;
            }
        }
        Ok(())
    }

    /// Encodes the row groups that wait, each by a thread, and writes them in order.
    fn flush(&mut self) -> Result<(), ParquetError> {
        let groups = std::mem::take(&mut self.groups);
        let (encoders, first) = (&self.encoders, self.written_groups);
        let encoded = thread::scope(|scope| {
            let groups = groups.iter().filter(|group| group.count > 0);
            let encoding: Vec<_> = (first..)
                .zip(groups)
                .map(|(index, group)| scope.spawn(move || group.encode(encoders, index)))
                .collect();
            let encoded = encoding.into_iter();
            encoded.map(|group| group.join().expect("encoding does not panic")).collect::<Vec<_>>()
        });
        for columns in encoded {
            let mut group = self.writer.next_row_group()?;
            for column in columns? {
                column.append_to_row_group(&mut group)?;
            }
            group.close()?;
            self.written_groups += 1;
        }
        Ok(())
    }

    /// Closes both files under their name; `sorted` are the rows' fingerprints in order.
    pub(super) fn finish(
        mut self,
        source: &str,
        committed_at_us: i64,
        sorted: impl Iterator<Item = io::Result<Fingerprint>>,
    ) -> Result<Segment, ParquetError> {
        self.flush()?;
        let file = self.writer.into_inner()?;
        file.inner.sync_all()?;
        let content_hash = hex(&file.hash.finalize());
        // Fingerprints first: who finds rows under their name finds their fingerprints too.
        write_keys(&self.folder, &content_hash, sorted)?;
        fs::rename(self.folder.join(UNFINISHED_ROWS), rows_path(&self.folder, &content_hash))?;
        // The names are on the disk only when the folder is.
        File::open(&self.folder)?.sync_all()?;
        let (first_at_us, last_at_us) = self.times_us.unwrap_or_default();
        Ok(Segment {
            content_hash,
            source: source.to_owned(),
            row_count: self.rows,
            bytes: file.bytes,
            first_at_us,
            last_at_us,
            committed_at_us,
        })
    }
}

impl RowGroup {
    fn encode(
        &self,
        encoders: &ArrowRowGroupWriterFactory,
        index: usize,
    ) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
        let mut columns = encoders.create_column_writers(index)?;
        for rows in &self.rows {
            let schema = rows.schema();
            let fields = schema.fields().iter().zip(rows.columns());
            for (writer, (field, column)) in columns.iter_mut().zip(fields) {
                for leaf in compute_leaves(field, column)? {
                    writer.write(&leaf)?;
                }
            }
        }
        columns.into_iter().map(ArrowColumnWriter::close).collect()
    }
}

/// Writes a segment's fingerprints, which come sorted, under their name.
pub(super) fn write_keys(
    folder: &Path,
    content_hash: &str,
    sorted: impl Iterator<Item = io::Result<Fingerprint>>,
) -> io::Result<()> {
    let unfinished = folder.join(UNFINISHED_KEYS);
    fingerprint::write(&unfinished, sorted)?;
    fs::rename(unfinished, keys_path(folder, content_hash))
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

/// Rows of a segment, some at a time.
pub(super) fn read_rows(
    folder: &Path,
    content_hash: &str,
) -> Result<impl Iterator<Item = Result<RecordBatch, ParquetError>> + use<>, ParquetError> {
    let file = File::open(rows_path(folder, content_hash))?;
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(1 << 13).build()?;
    Ok(reader.map(|rows| rows.map_err(|error| ParquetError::External(Arc::new(error).into()))))
}

/// Whether a segment's file has the bytes that its name says.
pub(super) fn is_intact(folder: &Path, content_hash: &str) -> io::Result<bool> {
    let mut file = File::open(rows_path(folder, content_hash))?;
    let mut hash = Sha256::new();
    let mut bytes = vec![0; 1 << 18];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(hex(&hash.finalize()) == content_hash),
            read => hash.update(&bytes[..read]),
        }
    }
}
