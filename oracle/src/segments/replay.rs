//! Takes events into the log that were rejected before.

use super::append::{ATTEMPTS, CONFLICT, Fresh};
use super::batch::{Batch, Chunk};
use super::{EventLog, LogError, Receipt};
use crate::store::{Arrival, ArrivalOutcome, Replay};

/// Something that was rejected, and what its source's adapter and the door say of it now.
#[derive(Debug)]
pub struct Retried {
    /// Its id among the rejections.
    pub rejection_id: String,
    /// Its event, a chunk of one row; or why it is refused still.
    pub event: Result<Chunk, String>,
    /// The artifact that the event names, with its author.
    pub author: Option<(String, String)>,
}

/// What became of rejections that were replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Events that are new in the log.
    pub appended: u64,
    /// Events that were in the log already.
    pub repeated: u64,
    /// Ids of what is refused still, each with its reason.
    pub refused: Vec<(String, String)>,
}

impl EventLog {
    /// Takes events of a source into the log that were rejected before, delivered by it or by another
    /// one, and marks their rejections as replayed: both or neither. What is refused still is kept with its newest reason. A dry run says the same
    /// and changes nothing.
    ///
    /// # Errors
    /// [`LogError`] when a file or the database fails, or when somebody else replays the same; then
    /// nothing has changed.
    pub async fn replay(
        &self,
        delivered_by: &str,
        source: &str,
        retried: Vec<Retried>,
        dry_run: bool,
    ) -> Result<Replayed, LogError> {
        if retried.is_empty() {
            return Ok(Replayed::default());
        }
        let (log, source) = (self.clone(), source.to_owned());
        let (batch, retries) = Retries::of(delivered_by, &source, retried);
        // A task of its own: who stops waiting for it neither stops it halfway nor lets others in.
        let replaying =
            tokio::spawn(async move { log.replay_locked(&source, batch, retries, dry_run).await });
        replaying.await.map_err(|error| self.io(std::io::Error::other(error)))?
    }

    async fn replay_locked(
        &self,
        source: &str,
        mut batch: Batch,
        retries: Retries,
        dry_run: bool,
    ) -> Result<Replayed, LogError> {
        let _lock = self.lock().await?;
        for _ in 0..ATTEMPTS {
            let seen = self.store.get_seen(source).await?;
            let known = self.store.get_segments(Some(source)).await?;
            let (folder, now_us) = (self.folder.clone(), self.clock.now_us());
            let work = move || {
                let mut fresh = Fresh::of(&batch);
                fresh.leave_out_known(&folder, &known)?;
                let segment = if dry_run { None } else { fresh.write(&folder, &batch, now_us)? };
                Ok((batch, segment, fresh))
            };
            let (read, segment, fresh) = self.blocking(work).await?;
            batch = read;
            let (replay, replayed) = retries.settle(&fresh, &batch);
            if dry_run {
                return Ok(replayed);
            }
            let receipt = Receipt {
                appended: replayed.appended,
                repeated: replayed.repeated,
                ..Receipt::default()
            };
            let replay = Some(&replay);
            let arrival =
                Arrival { source, segment, advance: None, drained: &[], receipt, seen, replay };
            match self.store.put_arrival(&arrival, &[], now_us).await? {
                ArrivalOutcome::Written => return Ok(replayed),
                ArrivalOutcome::LogMoved | ArrivalOutcome::CursorMoved => {}
                ArrivalOutcome::ReplayMoved => {
                    return Err(LogError::ReplayMoved { source_name: source.to_owned() });
                }
            }
        }
        Err(LogError::Busy { source_name: source.to_owned() })
    }
}

/// What is tried once more.
struct Retries {
    delivered_by: String,
    /// Ids of the events' rejections, in the order of the batch's chunks.
    admitted: Vec<(String, Option<(String, String)>)>,
    refused: Vec<(String, String)>,
}

impl Retries {
    /// The events as a batch, each a chunk, and whose they are.
    fn of(delivered_by: &str, source: &str, retried: Vec<Retried>) -> (Batch, Self) {
        let mut batch = Batch::new(source);
        let delivered_by = delivered_by.to_owned();
        let mut retries = Self { delivered_by, admitted: Vec::new(), refused: Vec::new() };
        for Retried { rejection_id, event, author } in retried {
            match event {
                Ok(chunk) => {
                    batch.push(chunk);
                    retries.admitted.push((rejection_id, author));
                }
                Err(reason) => retries.refused.push((rejection_id, reason)),
            }
        }
        (batch, retries)
    }

    /// What becomes of each, after the log was searched.
    fn settle(&self, fresh: &Fresh, batch: &Batch) -> (Replay, Replayed) {
        // By what they say, not by their places: of two that say the same, only one was looked up.
        let conflicting = fresh.conflicting(batch);
        let (delivered_by, refused) = (self.delivered_by.clone(), self.refused.clone());
        let mut replay = Replay { delivered_by, refused, ..Replay::default() };
        for (chunk, (id, author)) in batch.chunks.iter().zip(&self.admitted) {
            if chunk.fingerprints.iter().any(|known| conflicting.contains(known)) {
                replay.refused.push((id.clone(), CONFLICT.to_owned()));
            } else {
                replay.replayed.push(id.clone());
                replay.authors.extend(author.clone());
            }
        }
        let appended = fresh.len() as u64;
        let replayed = Replayed {
            appended,
            repeated: replay.replayed.len() as u64 - appended,
            refused: replay.refused.clone(),
        };
        (replay, replayed)
    }
}
