//! `open_page`: creates the ledger page of 256 members.

// The accounts macro binds the instruction's argument in places that do not use it.
#![allow(unused_variables)]

use anchor_lang::prelude::*;

use crate::create_account::create_account;
use crate::error::SystemTokenError;
use crate::state::{seeds, Distribution, LedgerPage, MEMBERS_PER_PAGE};

/// Accounts of `open_page`.
#[derive(Accounts)]
#[instruction(page_index: u32)]
pub struct OpenPage {
    /// Pays the page's rent.
    #[account(mut)]
    pub payer: Signer,
    /// The distribution the page belongs to.
    pub distribution: Account<Distribution>,
    /// The page to create.
    #[account(
        mut,
        seeds = [seeds::PAGE, distribution.address().as_ref(), bytemuck::bytes_of(&page_index)],
        bump
    )]
    pub page: UncheckedAccount,
    /// Creates the account.
    pub system_program: Program<System>,
}

impl OpenPage {
    /// Marks the page as the distribution's; its 256 totals are zero.
    #[inline(always)]
    pub fn handler(&mut self, page_index: u32, bump: u8) -> Result<()> {
        self.validate(page_index)?;
        let distribution = *self.distribution.address();
        let seeds: [&[u8]; 4] =
            [seeds::PAGE, distribution.as_ref(), &page_index.to_le_bytes(), &[bump]];
        let mut page: Account<LedgerPage> =
            create_account(self.payer.account(), self.page.account(), &seeds)?;
        page.distribution = distribution;
        page.page_index = page_index.into();
        Ok(())
    }

    fn validate(&self, page_index: u32) -> Result<()> {
        if page_index > u32::MAX / MEMBERS_PER_PAGE as u32 {
            return Err(SystemTokenError::InvalidPageIndex.into());
        }
        Ok(())
    }
}
