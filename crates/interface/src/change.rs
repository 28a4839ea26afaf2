//! Changes of a distribution that wait for its timelock.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Distribution;

/// What an admin may change, after the timelock.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another oracle set: it gets a new version, which voids open proposals.
    OracleSet {
        /// Signatures that make an attestation valid.
        threshold: u8,
        /// The keys whose signatures count: 1 to 16, distinct.
        oracles: Vec<[u8; 32]>,
    },
    /// Another emission from the next finalized epoch on. When epochs begin and how long they last
    /// never changes.
    Emission {
        /// Epochs between two decays of the budget; 0: it never decays.
        decay_epochs: u32,
        /// What a decay leaves of the budget, in 1/10000.
        decay_basis_points: u16,
        /// Budget of the next epoch to be finalized, base units.
        budget: u64,
        /// The most one epoch may add, base units.
        growth_limit: u64,
        /// The most the mint's supply may ever be, base units.
        supply_cap: u64,
    },
    /// Other waiting times.
    Windows {
        /// How long an attested proposal can be vetoed, seconds.
        challenge_seconds: u32,
        /// How long a queued change waits, seconds.
        timelock_seconds: u32,
    },
    /// Another guardian.
    Guardian {
        /// May veto and pause.
        guardian: [u8; 32],
    },
}

/// A change that waits for its timelock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedChange {
    /// What will change.
    pub change: Change,
    /// From when on anyone may execute it, UTC seconds.
    pub eta: i64,
}

impl Distribution {
    /// The change that waits; `None` when nothing is queued.
    ///
    /// # Errors
    /// When the account's bytes are no change, as a later program may write.
    pub fn queued_change(&self) -> Result<Option<QueuedChange>, std::io::Error> {
        let eta = self.change_eta.get();
        if eta == 0 {
            return Ok(None);
        }
        let bytes = [&[self.change_kind], self.change.as_slice()].concat();
        let change = Change::deserialize(&mut bytes.as_slice())?;
        Ok(Some(QueuedChange { change, eta }))
    }
}
