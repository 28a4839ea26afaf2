//! `cancel_change`: drops the queued change.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, ChangeCancelled};
use crate::state::Distribution;

/// Accounts of `cancel_change`.
#[event_cpi]
#[derive(Accounts)]
pub struct CancelChange {
    /// The distribution's guardian or its admin.
    pub authority: Signer,
    /// The distribution that stays as it is.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl CancelChange {
    /// Forgets the change, before or after its timelock is over.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate()?;
        let kind = self.distribution.change_kind.into();
        self.distribution.clear_change();
        let distribution = *self.distribution.address();
        emit(&self.event_authority, event_bump, &ChangeCancelled { distribution, kind });
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        if !self.distribution.is_guardian_or_admin(self.authority.address()) {
            return Err(SystemTokenError::NotGuardianOrAdmin.into());
        }
        if !self.distribution.has_queued_change() {
            return Err(SystemTokenError::NoChangeQueued.into());
        }
        Ok(())
    }
}
