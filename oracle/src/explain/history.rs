//! Closes a community's epochs in memory, up to the one that is to be explained.

use solana_address::Address;

use super::{ExplainError, Explanation, explain};
use crate::epoch::{ClosedEpoch, Ledger, Replay, ReplayError, Schedule, events_of_window};
use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;
use crate::policy::{Policy, Timeline};
use crate::weigh::window_epochs;

/// An epoch that was closed, with all that its explanations need.
#[derive(Debug)]
pub struct Explainer<'a> {
    policy: &'a Policy,
    members: Members,
    events: Vec<&'a Event>,
    before: Ledger,
    closed: ClosedEpoch,
}

/// Why an epoch cannot be closed in memory.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// It has not ended, or there is no such epoch.
    #[error("there is no epoch {epoch} to explain: {}", ended(*.last))]
    NoEpoch {
        /// The epoch that was asked for.
        epoch: u64,
        /// The last one that has ended.
        last: u64,
    },
    /// Totals or members leave their range.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

fn ended(last: u64) -> String {
    match last {
        0 => "none has ended".to_owned(),
        last => format!("1 to {last} have ended"),
    }
}

impl<'a> Explainer<'a> {
    /// Closes the epochs up to one, each by the rules that held. The events are all that count, by
    /// time, source and id; members who are known already keep their indices. An epoch has ended when
    /// it had by a time, UTC microseconds.
    ///
    /// # Errors
    /// [`HistoryError`] when the epoch has not ended, or cannot be closed.
    pub fn new(
        timeline: &'a Timeline,
        members: Members,
        events: &'a [Event],
        epoch: u64,
        now_us: i64,
    ) -> Result<Self, HistoryError> {
        let policy = timeline.at(epoch);
        let schedule = Schedule::new(policy);
        let last = schedule.last_ended(now_us);
        if !(1..=last).contains(&epoch) {
            return Err(HistoryError::NoEpoch { epoch, last });
        }
        // Amounts do not depend on the mint.
        let mut replay = Replay::new(timeline.at(1), members, events, Address::default());
        for earlier in 1..epoch {
            replay.close(timeline.at(earlier))?;
        }
        let before = replay.ledger().clone();
        let closed = replay.close(policy)?;
        let members = replay.members().clone();
        let window = schedule.window_of(events, epoch, window_epochs(policy));
        let events = events_of_window(policy, epoch, window);
        Ok(Self { policy, members, events, before, closed })
    }

    /// Everybody who was known by the end of the epoch.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The epoch.
    pub fn closed(&self) -> &ClosedEpoch {
        &self.closed
    }

    /// Why a member got what it got.
    ///
    /// # Errors
    /// [`ExplainError::NoMember`].
    pub fn explain(&self, member: MemberIndex) -> Result<Explanation, ExplainError> {
        let before = self.before.earned(member);
        explain(self.policy, &self.members, &self.events, &self.closed, before, member)
    }
}
