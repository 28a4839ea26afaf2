//! Closes epochs anew out of a log's events, in memory: what was closed, or what other rules would have
//! made of it. Nothing is written.
//!
//! epoch(e) = close(rules of e, members seen by the end of e, events of e's window)   e = 1, 2, …
//!
//! An epoch depends on those before it, by what pools carried, what is held, who was trusted and what
//! is owed. So a replay begins at epoch 1, whichever epochs are asked for.
//!
//! The events are the log's as it is now: what came after an epoch was closed counts in the epoch that
//! it is of, where it changed later ones when it came.

use solana_address::Address;
use system_token_attestation::Hash;

use super::{ClosedEpoch, Digests, EpochError, Ledger, Schedule, bundle_hash};
use crate::identity::{IdentityError, Members};
use crate::ingest::Event;
use crate::policy::Policy;
use crate::weigh::window_epochs;

/// A community's history, part way.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    events: &'a [Event],
    schedule: Schedule,
    members: Members,
    ledger: Ledger,
    epoch: u64,
    bundle_hash: Hash,
}

/// Why an epoch cannot be closed anew.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Totals leave their range.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// There are too many members.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl<'a> Replay<'a> {
    /// Begins before epoch 1, with the members that the community knows by now; others become members
    /// in the order in which they act.
    ///
    /// Events come by time, source and id, those in quarantine left out. Members are paid in tokens of
    /// the mint.
    pub fn new(policy: &Policy, members: Members, events: &'a [Event], mint: Address) -> Self {
        let (schedule, ledger) = (Schedule::new(policy), Ledger::new(policy, mint));
        Self { events, schedule, members, ledger, epoch: 0, bundle_hash: [0; 32] }
    }

    /// Closes the next epoch by its rules, which have the epochs that the replay began with.
    ///
    /// # Errors
    /// [`ReplayError`] when totals or members leave their range.
    pub fn close(&mut self, policy: &Policy) -> Result<ClosedEpoch, ReplayError> {
        self.epoch += 1;
        self.members.observe(self.schedule.events_of(self.events, self.epoch))?;
        let epochs = window_epochs(policy);
        let window = self.schedule.window_of(self.events, self.epoch, epochs);
        let closed = self.ledger.close(policy, &self.members, window)?;
        let arrived = self.schedule.arrivals_of(self.events, self.epoch);
        let digests = Digests::of(arrived, &self.members, policy);
        self.bundle_hash = bundle_hash(self.epoch, &self.bundle_hash, &digests);
        Ok(closed)
    }

    /// The hash of the last epoch's bundle, had every event come in its epoch.
    pub fn bundle_hash(&self) -> Hash {
        self.bundle_hash
    }

    /// Makes the next epoch begin as after a change of rules, even if they stay the same.
    pub fn begin_anew(&mut self) {
        self.ledger.begin_anew();
    }

    /// The last epoch that was closed; 0 before the first.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Who was seen by its end.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What carries over to the next one.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
