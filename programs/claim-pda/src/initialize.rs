//! `initialize`: creates a mint's distributor and takes over its mint authority.

use anchor_lang::prelude::*;
use anchor_lang::unchecked_invoke_signed_fixed;
use pinocchio::instruction::InstructionAccount;

use crate::state::DISTRIBUTOR;
use crate::Distributor;

/// Accounts of `initialize`.
#[derive(Accounts)]
pub struct Initialize {
    /// Pays the distributor's rent.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    /// The mint's current authority, which hands it over and becomes the admin.
    pub mint_authority: Signer,
    /// The mint that members are paid in.
    #[account(mut)]
    pub mint: UncheckedAccount,
    /// The distributor to create.
    #[account(init, payer = payer, seeds = [DISTRIBUTOR, mint.address().as_ref()], bump)]
    pub distributor: Account<Distributor>,
    /// The mint's token program.
    pub token_program: Program<Token>,
    /// Creates the account.
    pub system_program: Program<System>,
}

impl Initialize {
    /// Writes the distributor and hands it the mint authority.
    #[inline(always)]
    pub fn handler(&mut self, bump: u8) -> Result<()> {
        let (mint, authority) = (*self.mint.address(), *self.mint_authority.address());
        self.distributor.mint = mint;
        self.distributor.token_program = *self.token_program.address();
        self.distributor.admin = authority;
        self.distributor.bump = bump;
        let data = set_mint_authority(self.distributor.address());
        let handles = [self.mint.to_cpi_handle_mut().into(), self.mint_authority.to_cpi_handle()];
        let accounts =
            [InstructionAccount::writable(&mint), InstructionAccount::readonly_signer(&authority)];
        // The token program refuses any other mint or authority, which fails the whole transaction.
        unchecked_invoke_signed_fixed(
            self.token_program.address(),
            &data,
            &accounts,
            &handles,
            &[],
        );
        Ok(())
    }
}

/// Data of the token program's `SetAuthority` that hands a mint to a new authority.
fn set_mint_authority(new_authority: &Address) -> [u8; 35] {
    const SET_AUTHORITY_OF_MINT_TO_SOME: [u8; 3] = [6, 0, 1];
    let mut data = [0; 35];
    data[..3].copy_from_slice(&SET_AUTHORITY_OF_MINT_TO_SOME);
    data[3..].copy_from_slice(new_authority.as_ref());
    data
}
