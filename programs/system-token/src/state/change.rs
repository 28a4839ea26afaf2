//! Changes of a distribution that wait for its timelock.

use anchor_lang::prelude::*;
use anchor_lang::wincode::config::{deserialize, serialize_into};
use anchor_lang::BORSH_CONFIG;

use super::rules::{check_emission, check_oracle_set, check_windows};
use super::{Distribution, MAX_CHANGE_BYTES};
use crate::error::SystemTokenError;

/// What an admin may change, after the timelock.
#[derive(AnchorDeserialize, AnchorSerialize, IdlType)]
pub enum Change {
    /// Another oracle set: it gets a new version, which voids open proposals.
    OracleSet {
        /// Signatures that make an attestation valid.
        threshold: u8,
        /// The keys whose signatures count: 1 to 16, distinct.
        oracles: Vec<Address>,
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
        guardian: Address,
    },
}

/// A change as bytes: its kind, then its fields.
type ChangeBytes = [u8; 1 + MAX_CHANGE_BYTES];

impl Change {
    /// Refuses a change that the distribution could not take now.
    pub fn validate(&self, distribution: &Distribution) -> Result<()> {
        match self {
            Self::OracleSet { threshold, oracles } => check_oracle_set(oracles, *threshold),
            Self::Emission { budget, growth_limit, decay_basis_points, supply_cap, .. } => {
                let supply = distribution
                    .initial_supply
                    .get()
                    .checked_add(distribution.cumulative_total.get())
                    .ok_or(SystemTokenError::Overflow)?;
                check_emission(*budget, *growth_limit, *decay_basis_points, *supply_cap, supply)
            }
            Self::Windows { challenge_seconds, timelock_seconds } => {
                check_windows(*challenge_seconds, *timelock_seconds)
            }
            Self::Guardian { .. } => Ok(()),
        }
    }

    /// Puts the change into force.
    pub fn apply(&self, distribution: &mut Distribution) -> Result<()> {
        match self {
            Self::OracleSet { threshold, oracles } => {
                let version = distribution
                    .oracle_set_version
                    .get()
                    .checked_add(1)
                    .ok_or(SystemTokenError::Overflow)?;
                distribution.oracle_set_version = version.into();
                distribution.set_oracles(oracles, *threshold);
            }
            Self::Emission {
                decay_epochs,
                decay_basis_points,
                budget,
                growth_limit,
                supply_cap,
            } => {
                let emission = &mut distribution.emission;
                emission.decay_epochs = (*decay_epochs).into();
                emission.decay_basis_points = (*decay_basis_points).into();
                emission.budget = (*budget).into();
                emission.growth_limit = (*growth_limit).into();
                emission.supply_cap = (*supply_cap).into();
            }
            Self::Windows { challenge_seconds, timelock_seconds } => {
                distribution.challenge_seconds = (*challenge_seconds).into();
                distribution.timelock_seconds = (*timelock_seconds).into();
            }
            Self::Guardian { guardian } => distribution.guardian = *guardian,
        }
        Ok(())
    }
}

impl Distribution {
    /// Whether a change waits.
    pub fn has_queued_change(&self) -> bool {
        self.change_eta.get() != 0
    }

    /// Lets a change wait until `eta`, UTC seconds.
    pub fn put_change(&mut self, change: &Change, eta: i64) -> Result<()> {
        let mut bytes: ChangeBytes = [0; 1 + MAX_CHANGE_BYTES];
        serialize_into(bytes.as_mut_slice(), change, BORSH_CONFIG)
            .map_err(|_| ProgramError::BorshIoError)?;
        self.change_kind = bytes[0];
        self.change.copy_from_slice(&bytes[1..]);
        self.change_eta = eta.into();
        Ok(())
    }

    /// The change that waits.
    pub fn queued_change(&self) -> Result<Change> {
        let mut bytes: ChangeBytes = [self.change_kind; 1 + MAX_CHANGE_BYTES];
        bytes[1..].copy_from_slice(&self.change);
        deserialize(&bytes, BORSH_CONFIG).map_err(|_| ProgramError::BorshIoError)
    }

    /// Lets nothing wait any more.
    pub fn clear_change(&mut self) {
        self.change_eta = 0.into();
        self.change_kind = 0;
        self.change = [0; MAX_CHANGE_BYTES];
    }
}
