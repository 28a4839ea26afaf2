//! Merges small segments, so that a year of hourly pulls is not ten thousand files.
//!
//! Segments of a source are of one tier when their rows have the same number of base-8 digits; eight
//! of a tier become one. So each event is rewritten once a tier, and what is live stays few.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use parquet::errors::ParquetError;

use super::check::{check_rows, ensure_keys};
use super::file::{SegmentWriter, keys_path, read_rows};
use super::fingerprint::{self, Fingerprint};
use super::{EventLog, LogError};
use crate::store::Segment;

/// Segments of a tier that become one.
const FAN_IN: usize = 8;
/// Segments with more rows than this are left as they are.
const LARGE_ROWS: u64 = 1 << 22;
/// How long merged segments stay for those who are reading them, microseconds.
const KEPT_US: i64 = 3_600_000_000;

/// What compaction did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// Segments that were merged.
    pub merged: u64,
    /// Segments that they became.
    pub written: u64,
}

/// What tidying up did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// What was merged.
    pub compaction: Compaction,
    /// Files that were removed.
    pub removed_files: u64,
}

impl EventLog {
    /// Merges small segments, and removes what nobody has needed for an hour.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails; the log stays readable.
    pub async fn tidy(&self) -> Result<Tidied, LogError> {
        let compaction = self.compact().await?;
        let removed_files = self.remove_garbage(self.clock.now_us() - KEPT_US).await?;
        Ok(Tidied { compaction, removed_files })
    }

    /// Merges small segments until there is nothing left to merge; the events stay the same.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails; the log stays readable.
    pub async fn compact(&self) -> Result<Compaction, LogError> {
        let mut done = Compaction::default();
        loop {
            let log = self.clone();
            // A task of its own: who stops waiting for it does not let others in halfway.
            let compacting = tokio::spawn(async move { log.compact_group().await });
            let merged =
                compacting.await.map_err(|error| self.io(std::io::Error::other(error)))??;
            if merged == 0 {
                return Ok(done);
            }
            done.merged += merged;
            done.written += 1;
        }
    }

    /// Merges one group, and says how many segments it had.
    async fn compact_group(&self) -> Result<u64, LogError> {
        let _lock = self.lock().await?;
        let Some(group) = next_group(self.store.get_segments(None).await?) else {
            return Ok(0);
        };
        let (folder, now_us) = (self.folder.clone(), self.clock.now_us());
        let work = move || {
            let merged = merge(&folder, &group, now_us)?;
            Ok((group, merged))
        };
        let (group, merged) = self.blocking(work).await?;
        match self.store.replace_segments(&group, &merged, now_us).await? {
            true => Ok(group.len() as u64),
            // Somebody else merged them meanwhile.
            false => Ok(0),
        }
    }

    /// Removes files that no manifest row names: what a crash left, and segments that were merged
    /// before a time, UTC microseconds.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails.
    pub async fn remove_garbage(&self, merged_before_us: i64) -> Result<u64, LogError> {
        let _lock = self.lock().await?;
        let needed = self.store.get_needed_segments(merged_before_us).await?;
        let remove = || {
            let mut removed = 0;
            for entry in fs::read_dir(&self.folder)? {
                let path = entry?.path();
                let is_segment = path.extension().is_some_and(|x| x == "parquet" || x == "keys");
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                if is_segment && !needed.contains(&*name) {
                    fs::remove_file(&path)?;
                    removed += 1;
                }
            }
            Ok(removed)
        };
        remove().map_err(|error| self.io(error))
    }
}

/// The next segments to merge: those of one source and tier, when there are enough of them.
fn next_group(segments: Vec<Segment>) -> Option<Vec<Segment>> {
    let mut tiers: BTreeMap<(String, u32), Vec<Segment>> = BTreeMap::new();
    for segment in segments {
        if segment.row_count <= LARGE_ROWS {
            let tier = segment.row_count.max(1).ilog2() / 3;
            tiers.entry((segment.source.clone(), tier)).or_default().push(segment);
        }
    }
    let mut group = tiers.into_values().find(|tier| tier.len() >= FAN_IN)?;
    group.sort_by(|a, b| (a.first_at_us, &a.content_hash).cmp(&(b.first_at_us, &b.content_hash)));
    group.truncate(FAN_IN);
    Some(group)
}

fn merge(folder: &Path, group: &[Segment], now_us: i64) -> Result<Segment, ParquetError> {
    // A damaged segment must not be written anew, under a name that would vouch for it.
    for segment in group {
        check_rows(folder, &segment.content_hash)?;
        ensure_keys(folder, segment)?;
    }
    let mut writer = SegmentWriter::create(folder)?;
    for segment in group {
        for rows in read_rows(folder, &segment.content_hash)? {
            writer.write(&rows?)?;
        }
    }
    let mut runs = Vec::new();
    for segment in group {
        runs.push(fingerprint::read(&keys_path(folder, &segment.content_hash))?.peekable());
    }
    let sorted = std::iter::from_fn(|| next_of(&mut runs));
    writer.finish(&group[0].source, now_us, sorted)
}

/// The smallest of what comes next in some sorted runs.
fn next_of<I: Iterator<Item = std::io::Result<Fingerprint>>>(
    runs: &mut [std::iter::Peekable<I>],
) -> Option<std::io::Result<Fingerprint>> {
    let smallest = |run: &mut std::iter::Peekable<I>| match run.peek() {
        Some(Ok(fingerprint)) => Some(Some(*fingerprint)),
        // An error comes before everything.
        Some(Err(_)) => Some(None),
        None => None,
    };
    let heads = runs.iter_mut().enumerate();
    let (at, _) =
        heads.filter_map(|(at, run)| Some((at, smallest(run)?))).min_by_key(|head| head.1)?;
    runs[at].next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(rows: u64) -> Segment {
        Segment {
            content_hash: rows.to_string(),
            source: "posthog".into(),
            row_count: rows,
            bytes: 0,
            first_at_us: 0,
            last_at_us: 0,
            committed_at_us: 0,
        }
    }

    #[test]
    fn only_enough_segments_of_one_tier_are_merged() {
        let small: Vec<_> = (64..71).map(segment).collect();
        assert_eq!(next_group(small.clone()), None);
        let mixed = [small.clone(), vec![segment(512), segment(LARGE_ROWS + 1)]].concat();
        assert_eq!(next_group(mixed), None);
        let enough = [small, vec![segment(100)]].concat();
        assert_eq!(next_group(enough).unwrap().len(), 8);
    }
}
