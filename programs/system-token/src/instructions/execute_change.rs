//! `execute_change`: puts the queued change into force once its timelock is over.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, ChangeExecuted};
use crate::state::{Change, Distribution};

/// Accounts of `execute_change`.
#[event_cpi]
#[derive(Accounts)]
pub struct ExecuteChange {
    /// The distribution to change.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl ExecuteChange {
    /// Changes the distribution; nothing is queued any more.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        let change = self.validate(Clock::get()?.unix_timestamp)?;
        let kind = self.distribution.change_kind.into();
        change.apply(&mut self.distribution)?;
        self.distribution.clear_change();
        let distribution = *self.distribution.address();
        emit(&self.event_authority, event_bump, &ChangeExecuted { distribution, kind });
        Ok(())
    }

    /// The queued change, if it may come into force now: what was right when it was queued is
    /// checked again, for totals have grown since.
    fn validate(&self, now: i64) -> Result<Change> {
        if !self.distribution.has_queued_change() {
            return Err(SystemTokenError::NoChangeQueued.into());
        }
        if now < self.distribution.change_eta.get() {
            return Err(SystemTokenError::TimelockNotOver.into());
        }
        let change = self.distribution.queued_change()?;
        change.validate(&self.distribution)?;
        Ok(change)
    }
}
