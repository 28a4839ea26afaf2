//! `finalize`: installs an attested epoch once its challenge window is over.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, EpochFinalized};
use crate::state::{Distribution, Proposal};

/// Accounts of `finalize`.
#[event_cpi]
#[derive(Accounts)]
pub struct Finalize {
    /// The distribution whose root moves on.
    #[account(mut)]
    pub distribution: Account<Distribution>,
    /// The attested epoch.
    pub proposal: Account<Proposal>,
}

impl Finalize {
    /// Moves the proposal's root and totals into the distribution and the emission on by an epoch.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate(Clock::get()?.unix_timestamp)?;
        let distribution = &mut *self.distribution;
        let epoch = self.proposal.epoch.get();
        let emission = &distribution.emission;
        // A ceiling: past 64 bits the supply cap alone limits.
        let allowance = emission.allowance.get().saturating_add(emission.budget.get());
        let budget = distribution.emission.budget_after(epoch);
        distribution.emission.allowance = allowance.into();
        distribution.emission.budget = budget.into();
        distribution.epoch = self.proposal.epoch;
        distribution.root = self.proposal.root;
        distribution.leaf_count = self.proposal.leaf_count;
        distribution.cumulative_total = self.proposal.cumulative_total;
        self.invariant()?;
        let event = EpochFinalized {
            distribution: *self.distribution.address(),
            root: self.proposal.root,
            epoch,
            cumulative_total: self.proposal.cumulative_total.get(),
            leaf_count: self.proposal.leaf_count.get().into(),
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    fn validate(&self, now: i64) -> Result<()> {
        let (distribution, proposal) = (&*self.distribution, &*self.proposal);
        if distribution.paused != 0 {
            return Err(SystemTokenError::Paused.into());
        }
        if proposal.distribution != *self.distribution.address() {
            return Err(SystemTokenError::ForeignProposal.into());
        }
        if proposal.vetoed != 0 {
            return Err(SystemTokenError::Vetoed.into());
        }
        if proposal.oracle_set_version != distribution.oracle_set_version {
            return Err(SystemTokenError::StaleOracleSet.into());
        }
        if Some(proposal.epoch.get()) != distribution.epoch.get().checked_add(1) {
            return Err(SystemTokenError::EpochNotNext.into());
        }
        if now < distribution.emission.epoch_end(proposal.epoch.get())? {
            return Err(SystemTokenError::EpochNotEnded.into());
        }
        let window_end = proposal
            .window_end(distribution.challenge_seconds.get())?
            .ok_or(SystemTokenError::BelowThreshold)?;
        if proposal.signatures.get().count_ones() < u32::from(distribution.threshold) {
            return Err(SystemTokenError::BelowThreshold.into());
        }
        if now < window_end {
            return Err(SystemTokenError::ChallengeWindowOpen.into());
        }
        let growth = proposal
            .cumulative_total
            .get()
            .checked_sub(distribution.cumulative_total.get())
            .ok_or(SystemTokenError::TotalDecreased)?;
        if growth > distribution.emission.growth_limit.get() {
            return Err(SystemTokenError::GrowthLimitExceeded.into());
        }
        Ok(())
    }

    /// What must hold of any finalized distribution.
    fn invariant(&self) -> Result<()> {
        let distribution = &*self.distribution;
        let total = distribution.cumulative_total.get();
        if total > distribution.emission.allowance.get() {
            return Err(SystemTokenError::EmissionExceeded.into());
        }
        let supply = distribution
            .initial_supply
            .get()
            .checked_add(total)
            .ok_or(SystemTokenError::SupplyCapExceeded)?;
        if supply > distribution.emission.supply_cap.get() {
            return Err(SystemTokenError::SupplyCapExceeded.into());
        }
        if distribution.minted_total.get() > total {
            return Err(SystemTokenError::MintedExceedsTotal.into());
        }
        Ok(())
    }
}
