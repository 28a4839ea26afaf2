//! `unpause`: lets attest, finalize and claim go on.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, PauseChanged};
use crate::state::Distribution;

/// Accounts of `unpause`.
#[event_cpi]
#[derive(Accounts)]
pub struct Unpause {
    /// The distribution's admin.
    pub admin: Signer,
    /// The distribution to let go on.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl Unpause {
    /// Lets the distribution go on; one that is not stopped stays so.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate()?;
        self.distribution.paused = 0;
        let event = PauseChanged {
            distribution: *self.distribution.address(),
            authority: *self.admin.address(),
            paused: 0,
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        if *self.admin.address() != self.distribution.admin {
            return Err(SystemTokenError::NotAdmin.into());
        }
        Ok(())
    }
}
