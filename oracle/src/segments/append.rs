//! Takes a batch into the log.

use std::collections::BTreeSet;
use std::ops::AddAssign;
use std::path::Path;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use parquet::errors::ParquetError;

use super::batch::{Batch, Chunk, Rejection};
use super::check::ensure_keys;
use super::file::{SegmentWriter, keys_path};
use super::fingerprint::{self, Fingerprint, Known};
use super::{EventLog, LogError, RawForm};
use crate::store::{Arrival, ArrivalOutcome, Segment};

/// How far a batch brings its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// Which of the source's streams: a file's name, or empty where there is only one.
    pub stream: String,
    /// The position before, `None` for the first batch.
    pub from: Option<String>,
    /// The position after.
    pub to: String,
    /// All that the source will ever say about times before this one is in the log, UTC
    /// microseconds.
    pub synced_until_us: i64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// What the source delivered.
    pub read: u64,
    /// Events that are new.
    pub appended: u64,
    /// Events that had been delivered before.
    pub repeated: u64,
    /// What was turned away, conflicts among it.
    pub rejected: u64,
}

impl AddAssign for Receipt {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.appended += other.appended;
        self.repeated += other.repeated;
        self.rejected += other.rejected;
    }
}

/// A row by its place: the chunk, and the row in it.
type Place = (u32, u32);

/// How often a batch is looked at anew when somebody else's delivery was faster.
pub(super) const ATTEMPTS: usize = 20;
/// Why a row is turned away whose id is in the log with something else.
pub(super) const CONFLICT: &str = "its id belongs to another event, which came first: the source uses an \
                                   id twice, or changes events afterwards";

impl EventLog {
    /// Takes a batch into the log and moves its source's cursor, both or neither.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails, or when the cursor is elsewhere; then nothing
    /// has changed.
    pub async fn append(
        &self,
        batch: Batch,
        advance: Option<&Advance>,
    ) -> Result<Receipt, LogError> {
        self.append_drained(batch, advance, &[]).await
    }

    /// As [`append`](Self::append), and takes events out of the inbox with it.
    pub(super) async fn append_drained(
        &self,
        batch: Batch,
        advance: Option<&Advance>,
        drained: &[String],
    ) -> Result<Receipt, LogError> {
        if batch.is_empty() && advance.is_none() {
            return Ok(Receipt::default());
        }
        let (log, advance, drained) = (self.clone(), advance.cloned(), drained.to_vec());
        // A task of its own: who stops waiting for it neither stops it halfway nor lets others in.
        let appending =
            tokio::spawn(async move { log.append_locked(batch, advance, &drained).await });
        appending.await.map_err(|error| self.io(std::io::Error::other(error)))?
    }

    async fn append_locked(
        &self,
        mut batch: Batch,
        advance: Option<Advance>,
        drained: &[String],
    ) -> Result<Receipt, LogError> {
        let _lock = self.lock().await?;
        let given_rejections = batch.rejections.len();
        for _ in 0..ATTEMPTS {
            // Counted before the manifest is read: what is committed in between shows in the count.
            let seen = self.store.get_seen(&batch.source).await?;
            let known = self.store.get_segments(Some(&batch.source)).await?;
            let (folder, now_us) = (self.folder.clone(), self.clock.now_us());
            batch.rejections.truncate(given_rejections);
            let work = move || {
                let mut fresh = Fresh::of(&batch);
                fresh.leave_out_known(&folder, &known)?;
                batch.rejections.append(&mut fresh.conflicts(&batch));
                let segment = fresh.write(&folder, &batch, now_us)?;
                Ok((batch, segment))
            };
            let segment;
            (batch, segment) = self.blocking(work).await?;
            let receipt = receipt(&batch, segment.as_ref());
            let advance = advance.as_ref();
            let source = &batch.source;
            let arrival =
                Arrival { source, segment, advance, drained, receipt, seen, replay: None };
            match self.store.put_arrival(&arrival, &batch.rejections, now_us).await? {
                ArrivalOutcome::Written => return Ok(receipt),
                ArrivalOutcome::LogMoved | ArrivalOutcome::ReplayMoved => {}
                ArrivalOutcome::CursorMoved => {
                    let stream = advance.map(|advance| advance.stream.as_str()).unwrap_or_default();
                    return Err(LogError::CursorMoved { stream: format!("{source} {stream}") });
                }
            }
        }
        Err(LogError::Busy { source_name: batch.source })
    }
}

fn receipt(batch: &Batch, segment: Option<&Segment>) -> Receipt {
    let appended = segment.map_or(0, |segment| segment.row_count);
    let rejected = batch.rejections.len() as u64;
    let repeated = batch.read - appended - rejected;
    Receipt { read: batch.read, appended, repeated, rejected }
}

/// A batch's rows that are not in the log yet.
pub(super) struct Fresh {
    /// By fingerprint; each key once.
    rows: Vec<(Fingerprint, Place)>,
    /// Rows whose id belongs to another event.
    conflicts: Vec<Place>,
}

impl Fresh {
    /// The batch's rows, the first of each key.
    pub(super) fn of(batch: &Batch) -> Self {
        let mut rows: Vec<(Fingerprint, Place)> = Vec::with_capacity(batch.len());
        for (c, chunk) in (0..).zip(&batch.chunks) {
            rows.extend((0..).zip(&chunk.fingerprints).map(|(r, known)| (*known, (c, r))));
        }
        // By key, then as they came.
        rows.sort_unstable_by(|(a, a_place), (b, b_place)| {
            a.cmp_key(b).then_with(|| a_place.cmp(b_place))
        });
        let mut conflicts = Vec::new();
        rows.dedup_by(|(later, place), (first, _)| {
            let same_key = later.same_key(first);
            if same_key && later.against(first) == Known::Other {
                conflicts.push(*place);
            }
            same_key
        });
        Self { rows, conflicts }
    }

    /// Leaves out what the segments on disk know.
    pub(super) fn leave_out_known(
        &mut self,
        folder: &Path,
        segments: &[Segment],
    ) -> Result<(), ParquetError> {
        let wanted: Vec<_> = self.rows.iter().map(|(fingerprint, _)| *fingerprint).collect();
        let mut known = vec![None; wanted.len()];
        for segment in segments {
            ensure_keys(folder, segment)?;
            let path = keys_path(folder, &segment.content_hash);
            fingerprint::look_up(&path, &wanted, |at, found| known[at] = Some(found))?;
        }
        let mut known = known.into_iter();
        self.rows.retain(|(_, place)| {
            let known = known.next().flatten();
            if known == Some(Known::Other) {
                self.conflicts.push(*place);
            }
            known.is_none()
        });
        Ok(())
    }

    /// The conflicts as rejections.
    fn conflicts(&mut self, batch: &Batch) -> Vec<Rejection> {
        self.conflicts.sort_unstable();
        let rejection = |(chunk, row): &Place| {
            let row = batch.chunks[*chunk as usize].row(*row as usize);
            Rejection {
                place: row.external_id.to_owned(),
                reason: CONFLICT.to_owned(),
                form: RawForm::Event,
                raw: row.to_json(),
            }
        };
        self.conflicts.iter().map(rejection).collect()
    }

    /// How many rows are fresh.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The fingerprints of rows whose id belongs to another event.
    pub(super) fn conflicting(&self, batch: &Batch) -> BTreeSet<Fingerprint> {
        let fingerprint =
            |(chunk, row): &Place| batch.chunks[*chunk as usize].fingerprints[*row as usize];
        self.conflicts.iter().map(fingerprint).collect()
    }

    /// Writes the fresh rows as a segment; none when there are none.
    pub(super) fn write(
        &self,
        folder: &Path,
        batch: &Batch,
        now_us: i64,
    ) -> Result<Option<Segment>, ParquetError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let sizes = batch.chunks.iter().map(|chunk| chunk.fingerprints.len());
        let mut masks: Vec<_> = sizes.map(|rows| vec![false; rows]).collect();
        for (_, (chunk, row)) in &self.rows {
            masks[*chunk as usize][*row as usize] = true;
        }
        let mut writer = SegmentWriter::create(folder)?;
        for (Chunk { columns, .. }, mask) in batch.chunks.iter().zip(masks) {
            if mask.iter().all(|fresh| *fresh) {
                writer.write(columns)?;
            } else {
                writer.write(&filter_record_batch(columns, &BooleanArray::from(mask))?)?;
            }
        }
        let sorted = self.rows.iter().map(|(fingerprint, _)| Ok(*fingerprint));
        writer.finish(&batch.source, now_us, sorted).map(Some)
    }
}
