//! `pause`: stops attest, finalize and claim.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, PauseChanged};
use crate::state::Distribution;

/// Accounts of `pause`.
#[event_cpi]
#[derive(Accounts)]
pub struct Pause {
    /// The distribution's guardian or its admin.
    pub authority: Signer,
    /// The distribution to stop.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl Pause {
    /// Stops the distribution; one that is stopped stays so.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate()?;
        self.distribution.paused = 1;
        let event = PauseChanged {
            distribution: *self.distribution.address(),
            authority: *self.authority.address(),
            paused: 1,
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        if !self.distribution.is_guardian_or_admin(self.authority.address()) {
            return Err(SystemTokenError::NotGuardianOrAdmin.into());
        }
        Ok(())
    }
}
