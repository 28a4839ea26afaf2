//! What every member has earned over all epochs, and how an epoch is closed into it.
//!
//! total(i, e) = total(i, e−1) + Σₚ amount(i, p, e); it never decreases, so one claim of the last
//! total pays every epoch that a member missed.
//!
//! A member who was merged into another keeps leaf and total; the leaf pays the survivor's wallet.

use system_token_attestation::{Attestation, Hash, Leaf, Tree, TreeError};
use system_token_interface::PROGRAM_ID;

use solana_address::Address;

use super::token_accounts::TokenAccounts;
use super::{Schedule, bundle_hash, extend_events_hash};
use crate::allocation::{PoolAllocation, allocate};
use crate::identity::Members;
use crate::ingest::Event;
use crate::policy::Policy;
use crate::weigh::{Weights, weigh};

/// Why an epoch cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum EpochError {
    /// Totals or members leave their range.
    #[error("epoch {epoch}: {source}")]
    Tree {
        /// The epoch.
        epoch: u64,
        /// What is out of range.
        source: TreeError,
    },
}

/// Everything that carries over from epoch to epoch.
#[derive(Clone, Debug)]
pub struct Ledger {
    epoch: u64,
    totals: Vec<u64>,
    carried: Vec<u64>,
    events_hash: Hash,
    token_accounts: TokenAccounts,
}

/// An epoch that is ready to be attested.
#[derive(Clone, Debug)]
pub struct ClosedEpoch {
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// When it ended, UTC microseconds.
    pub ended_at_us: i64,
    /// Its budget, base units.
    pub budget: u64,
    /// Its contributions and points.
    pub weights: Weights,
    /// What each pool paid and carried.
    pub pools: Vec<PoolAllocation>,
    /// Every member's cumulative total and token account, by index.
    pub leaves: Vec<Leaf>,
    /// The tree over them.
    pub tree: Tree,
    /// Commits to the inputs.
    pub bundle_hash: Hash,
}

impl Ledger {
    /// The state before the first epoch; members are paid in tokens of the mint.
    pub fn new(policy: &Policy, mint: Address) -> Self {
        Self {
            epoch: 0,
            totals: Vec::new(),
            carried: vec![0; policy.rules().pools.len()],
            events_hash: [0; 32],
            token_accounts: TokenAccounts::new(mint),
        }
    }

    /// Closes the next epoch over its events.
    ///
    /// # Errors
    /// [`EpochError`] when totals leave 64 bits; the ledger is then as it was.
    pub fn close(
        &mut self,
        policy: &Policy,
        members: &Members,
        events: &[Event],
    ) -> Result<ClosedEpoch, EpochError> {
        let mut next = self.clone();
        next.epoch += 1;
        let epoch = next.epoch;
        let budget = policy.budget(epoch);
        let weights = weigh(policy.rules(), members, events);
        let pools = allocate(policy.rules(), budget, &weights.points, &mut next.carried);
        next.totals.resize(members.len() as usize, 0);
        for (member, amount) in pools.iter().flat_map(|pool| &pool.amounts) {
            let total = &mut next.totals[*member as usize];
            *total = total
                .checked_add(*amount)
                .ok_or(EpochError::Tree { epoch, source: TreeError::TotalOverflow })?;
        }
        let leaves: Vec<_> = members
            .iter()
            .zip(&next.totals)
            .map(|((member, _), total)| Leaf {
                token_account: next.token_accounts.of(members, member),
                cumulative_total: *total,
            })
            .collect();
        let tree = Tree::new(&leaves).map_err(|source| EpochError::Tree { epoch, source })?;
        next.events_hash = extend_events_hash(&next.events_hash, events);
        let bundle_hash = bundle_hash(&next.events_hash, members, &policy.hash());
        *self = next;
        let ended_at_us = Schedule::new(policy).end_us(epoch);
        Ok(ClosedEpoch { epoch, ended_at_us, budget, weights, pools, leaves, tree, bundle_hash })
    }

    /// What each member has earned so far, base units, by index.
    pub fn totals(&self) -> &[u64] {
        &self.totals
    }

    /// What each pool has left, base units.
    pub fn carried(&self) -> &[u64] {
        &self.carried
    }
}

impl ClosedEpoch {
    /// What the oracles sign for this epoch.
    pub fn attestation(&self, distribution: &Address, oracle_set_version: u32) -> Attestation {
        Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: distribution.to_bytes(),
            epoch: self.epoch,
            oracle_set_version,
            leaf_count: self.tree.leaf_count(),
            root: self.tree.root(),
            cumulative_total: self.tree.cumulative_total(),
            bundle_hash: self.bundle_hash,
        }
    }

    /// What all pools paid in this epoch, base units.
    pub fn allocated(&self) -> u64 {
        self.pools.iter().map(PoolAllocation::allocated).sum()
    }
}
