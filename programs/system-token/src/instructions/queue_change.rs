//! `queue_change`: lets a change of the distribution wait for its timelock.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, ChangeQueued};
use crate::state::{Change, Distribution};

/// Accounts of `queue_change`.
#[event_cpi]
#[derive(Accounts)]
pub struct QueueChange {
    /// The distribution's admin.
    pub admin: Signer,
    /// The distribution to change.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl QueueChange {
    /// Notes the change and from when on it may be executed.
    #[inline(always)]
    pub fn handler(&mut self, change: &Change, event_bump: u8) -> Result<()> {
        self.validate(change)?;
        let wait = i64::from(self.distribution.timelock_seconds.get());
        let eta =
            Clock::get()?.unix_timestamp.checked_add(wait).ok_or(SystemTokenError::Overflow)?;
        self.distribution.put_change(change, eta)?;
        let distribution = *self.distribution.address();
        let kind = self.distribution.change_kind.into();
        emit(&self.event_authority, event_bump, &ChangeQueued { distribution, eta, kind });
        Ok(())
    }

    fn validate(&self, change: &Change) -> Result<()> {
        if *self.admin.address() != self.distribution.admin {
            return Err(SystemTokenError::NotAdmin.into());
        }
        // A second change would hide the first one from those who watch.
        if self.distribution.has_queued_change() {
            return Err(SystemTokenError::ChangeQueued.into());
        }
        change.validate(&self.distribution)
    }
}
