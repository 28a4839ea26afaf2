//! A model of the governance: who may do what, and what is in force. It is told which epochs were
//! finalized and never looks at the program.

use system_token_interface::{Change, Distribution, QueuedChange};

/// A key, as accounts have it.
pub(crate) type Key = [u8; 32];

/// Nobody's key.
pub(crate) const NOBODY: Key = [0; 32];

/// Every setting of a distribution, and what waits to change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) admin: Key,
    pub(crate) pending_admin: Key,
    pub(crate) guardian: Key,
    pub(crate) oracles: Vec<Key>,
    pub(crate) threshold: u8,
    pub(crate) oracle_set_version: u32,
    pub(crate) challenge_seconds: u32,
    pub(crate) timelock_seconds: u32,
    pub(crate) paused: bool,
    pub(crate) queued: Option<QueuedChange>,
    pub(crate) decay_epochs: u32,
    pub(crate) decay_basis_points: u16,
    pub(crate) budget: u64,
    pub(crate) allowance: u64,
    pub(crate) growth_limit: u64,
    pub(crate) supply_cap: u64,
}

impl Rules {
    /// The rules as an account has them.
    pub(crate) fn of(distribution: &Distribution) -> Self {
        let emission = &distribution.emission;
        let (used, unused) = distribution.oracles.split_at(distribution.oracle_count.into());
        assert!(unused.iter().all(|slot| *slot == NOBODY), "an unused slot holds a key");
        Self {
            admin: distribution.admin,
            pending_admin: distribution.pending_admin,
            guardian: distribution.guardian,
            oracles: used.to_vec(),
            threshold: distribution.threshold,
            oracle_set_version: distribution.oracle_set_version.get(),
            challenge_seconds: distribution.challenge_seconds.get(),
            timelock_seconds: distribution.timelock_seconds.get(),
            paused: distribution.paused != 0,
            queued: distribution.queued_change().expect("bytes of a change"),
            decay_epochs: emission.decay_epochs.get(),
            decay_basis_points: emission.decay_basis_points.get(),
            budget: emission.budget.get(),
            allowance: emission.allowance.get(),
            growth_limit: emission.growth_limit.get(),
            supply_cap: emission.supply_cap.get(),
        }
    }

    /// Whether a key may cancel and pause.
    pub(crate) fn is_guardian_or_admin(&self, key: Key) -> bool {
        key == self.guardian || key == self.admin
    }

    /// Whether a change would be right with so much granted, base units. Its keys are distinct.
    pub(crate) fn allows(change: &Change, granted: u64) -> bool {
        match change {
            Change::OracleSet { threshold, oracles } => {
                (1..=oracles.len()).contains(&usize::from(*threshold))
            }
            Change::Emission { decay_basis_points, budget, growth_limit, supply_cap, .. } => {
                *budget > 0
                    && *growth_limit > 0
                    && *decay_basis_points <= 10_000
                    && *supply_cap >= granted
            }
            Change::Windows { .. } | Change::Guardian { .. } => true,
        }
    }

    /// Queues a change; whether it is allowed.
    pub(crate) fn queue(&mut self, by: Key, change: &Change, granted: u64, now: i64) -> bool {
        let passes = by == self.admin && self.queued.is_none() && Self::allows(change, granted);
        if passes {
            let eta = now + i64::from(self.timelock_seconds);
            self.queued = Some(QueuedChange { change: change.clone(), eta });
        }
        passes
    }

    /// Executes what is queued; whether it is allowed.
    pub(crate) fn execute(&mut self, granted: u64, now: i64) -> bool {
        let ready =
            |queued: &mut QueuedChange| now >= queued.eta && Self::allows(&queued.change, granted);
        let Some(QueuedChange { change, .. }) = self.queued.take_if(ready) else {
            return false;
        };
        match change {
            Change::OracleSet { threshold, oracles } => {
                (self.threshold, self.oracles) = (threshold, oracles);
                self.oracle_set_version += 1;
            }
            Change::Emission {
                decay_epochs,
                decay_basis_points,
                budget,
                growth_limit,
                supply_cap,
            } => {
                (self.decay_epochs, self.decay_basis_points) = (decay_epochs, decay_basis_points);
                self.budget = budget;
                (self.growth_limit, self.supply_cap) = (growth_limit, supply_cap);
            }
            Change::Windows { challenge_seconds, timelock_seconds } => {
                self.challenge_seconds = challenge_seconds;
                self.timelock_seconds = timelock_seconds;
            }
            Change::Guardian { guardian } => self.guardian = guardian,
        }
        true
    }

    /// Cancels what is queued; whether it is allowed.
    pub(crate) fn cancel(&mut self, by: Key) -> bool {
        self.is_guardian_or_admin(by) && self.queued.take().is_some()
    }

    /// Makes the proposed admin the admin; whether it is allowed.
    pub(crate) fn accept_admin(&mut self, by: Key) -> bool {
        let passes = by == self.pending_admin;
        if passes {
            (self.admin, self.pending_admin) = (by, NOBODY);
        }
        passes
    }

    /// Moves the emission on by a finalized epoch.
    pub(crate) fn finalized(&mut self, epoch: u64) {
        self.allowance += self.budget;
        if self.decay_epochs != 0 && epoch.is_multiple_of(self.decay_epochs.into()) {
            let budget = u128::from(self.budget) * u128::from(self.decay_basis_points) / 10_000;
            self.budget = u64::try_from(budget).expect("no more than before");
        }
    }
}
