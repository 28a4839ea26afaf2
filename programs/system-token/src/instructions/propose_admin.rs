//! `propose_admin`: the first of two steps that hand the distribution to another admin.

use anchor_lang::prelude::*;

use crate::error::SystemTokenError;
use crate::events::{emit, AdminProposed};
use crate::state::Distribution;

/// Accounts of `propose_admin`.
#[event_cpi]
#[derive(Accounts)]
pub struct ProposeAdmin {
    /// The distribution's admin, until the next one accepts.
    pub admin: Signer,
    /// The distribution to hand over.
    #[account(mut)]
    pub distribution: Account<Distribution>,
}

impl ProposeAdmin {
    /// Notes who may accept; the zero address withdraws what was proposed before.
    #[inline(always)]
    pub fn handler(&mut self, new_admin: Address, event_bump: u8) -> Result<()> {
        self.validate()?;
        self.distribution.pending_admin = new_admin;
        let event =
            AdminProposed { distribution: *self.distribution.address(), pending_admin: new_admin };
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
