//! `close_proposal`: gives a proposal's rent back once it can never be attested again.
//!
//! A proposal lies at the address of its digest, so whoever still has the oracles' signatures can
//! create a closed one anew while `attest` takes them. That is why a vetoed proposal stays until
//! its epoch is over: closed and reopened, it would be the same proposal without the veto.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::state::{Distribution, Proposal};

/// Accounts of `close_proposal`.
#[derive(Accounts)]
pub struct CloseProposal {
    /// The distribution the proposal is for.
    pub distribution: Account<Distribution>,
    /// The proposal to close.
    #[account(mut, close = rent_payer)]
    pub proposal: Account<Proposal>,
    /// Who paid the proposal's rent, and gets it back.
    #[account(mut, address = proposal.rent_payer @ SystemTokenError::RentPayerMismatch)]
    pub rent_payer: UncheckedAccount,
}

impl CloseProposal {
    /// Checks that the proposal is over; the framework then closes it.
    #[inline(always)]
    pub fn handler(&mut self) -> Result<()> {
        self.validate()
    }

    fn validate(&self) -> Result<()> {
        let (distribution, proposal) = (&*self.distribution, &*self.proposal);
        if proposal.distribution != *self.distribution.address() {
            return Err(SystemTokenError::ForeignProposal.into());
        }
        // What `attest` refuses for ever: neither number ever goes back.
        let over = proposal.epoch.get() <= distribution.epoch.get()
            || proposal.oracle_set_version != distribution.oracle_set_version;
        if !over {
            return Err(SystemTokenError::ProposalOpen.into());
        }
        Ok(())
    }
}
