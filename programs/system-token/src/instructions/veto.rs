//! `veto`: the guardian stops a proposal within its challenge window.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, ProposalVetoed};
use crate::state::{Distribution, Proposal};

/// Accounts of `veto`.
#[event_cpi]
#[derive(Accounts)]
pub struct Veto {
    /// The distribution's guardian.
    pub guardian: Signer,
    /// The distribution the proposal is for.
    pub distribution: Account<Distribution>,
    /// The proposal to stop, attested or not yet.
    #[account(mut)]
    pub proposal: Account<Proposal>,
}

impl Veto {
    /// Marks the proposal, which from then on is neither attested nor finalized.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate(Clock::get()?.unix_timestamp)?;
        self.proposal.vetoed = 1;
        let event = ProposalVetoed {
            distribution: *self.distribution.address(),
            digest: self.proposal.digest,
            epoch: self.proposal.epoch.get(),
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    fn validate(&self, now: i64) -> Result<()> {
        let (distribution, proposal) = (&*self.distribution, &*self.proposal);
        if *self.guardian.address() != distribution.guardian {
            return Err(SystemTokenError::NotGuardian.into());
        }
        if proposal.distribution != *self.distribution.address() {
            return Err(SystemTokenError::ForeignProposal.into());
        }
        if proposal.epoch.get() <= distribution.epoch.get() {
            return Err(SystemTokenError::EpochNotNext.into());
        }
        let window_end = proposal.window_end(distribution.challenge_seconds.get())?;
        if window_end.is_some_and(|end| now >= end) {
            return Err(SystemTokenError::ChallengeWindowClosed.into());
        }
        Ok(())
    }
}
