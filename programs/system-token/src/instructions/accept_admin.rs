//! `accept_admin`: the second of two steps that hand the distribution to another admin.
//!
//! The next admin signs, so that the distribution never goes to an address that cannot act.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, AdminChanged};
use crate::state::Distribution;

/// Accounts of `accept_admin`.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptAdmin {
    /// The proposed next admin.
    pub pending_admin: Signer,
    /// The distribution to take over.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl AcceptAdmin {
    /// Makes the signer the admin; the former one may do nothing any more.
    #[inline(always)]
    pub fn handler(&mut self, event_bump: u8) -> Result<()> {
        self.validate()?;
        let distribution = &mut *self.distribution;
        distribution.admin = distribution.pending_admin;
        distribution.pending_admin = Address::new_from_array([0; 32]);
        let event = AdminChanged {
            distribution: *self.distribution.address(),
            admin: *self.pending_admin.address(),
        };
        emit(&self.event_authority, event_bump, &event);
        Ok(())
    }

    fn validate(&self) -> Result<()> {
        let pending = self.distribution.pending_admin;
        if pending == Address::new_from_array([0; 32]) || *self.pending_admin.address() != pending {
            return Err(SystemTokenError::NotPendingAdmin.into());
        }
        Ok(())
    }
}
