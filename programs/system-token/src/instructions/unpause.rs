//! `unpause`: lets attest, finalize and claim go on.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::state::Distribution;

/// Accounts of `unpause`.
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
    pub fn handler(&mut self) -> Result<()> {
        self.validate()?;
        self.distribution.paused = 0;
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        if *self.admin.address() != self.distribution.admin {
            return Err(SystemTokenError::NotAdmin.into());
        }
        Ok(())
    }
}
