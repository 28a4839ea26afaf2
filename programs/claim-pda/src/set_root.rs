//! `set_root`: begins the next epoch.

use anchor_lang::prelude::*;

use crate::merkle::Hash;
use crate::{ClaimPdaError, Distributor};

/// Accounts of `set_root`.
#[derive(Accounts)]
pub struct SetRoot {
    /// The distributor's admin.
    #[account(address = distributor.admin @ ClaimPdaError::NotAdmin)]
    pub admin: Signer,
    /// The distributor.
    #[account(mut)]
    pub distributor: Account<Distributor>,
}

impl SetRoot {
    /// Installs the root; what the epoch before did not pay is forfeit.
    #[inline(always)]
    pub fn handler(&mut self, root: Hash) -> Result<()> {
        let epoch = self.distributor.epoch.get().checked_add(1).ok_or(ClaimPdaError::Overflow)?;
        self.distributor.epoch = epoch.into();
        self.distributor.root = root;
        Ok(())
    }
}
