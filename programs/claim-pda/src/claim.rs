//! `claim`: proves one member's leaf, marks it as claimed by a new account, and mints its amount.

// The accounts macro binds the instruction's arguments in places that do not use them.
#![allow(unused_variables)]

use anchor_lang::prelude::*;
use anchor_lang::unchecked_invoke_signed_fixed;
use pinocchio::instruction::InstructionAccount;

use crate::merkle::{leaf_hash, root_of, Hash};
use crate::state::{CLAIM, DISTRIBUTOR};
use crate::{ClaimPdaError, ClaimStatus, Distributor};

/// Accounts of `claim`.
#[derive(Accounts)]
#[instruction(index: u32)]
pub struct Claim {
    /// Pays the status account's rent.
    #[account(mut)]
    pub payer: Signer,
    /// The distributor, which signs as the mint authority.
    pub distributor: Account<Distributor>,
    /// The claim's status; a second claim fails because it is there.
    #[account(
        init,
        payer = payer,
        seeds = [
            CLAIM,
            distributor.address().as_ref(),
            bytemuck::bytes_of(&distributor.epoch),
            bytemuck::bytes_of(&index)
        ],
        bump
    )]
    pub status: Account<ClaimStatus>,
    /// The mint that members are paid in.
    #[account(mut, address = distributor.mint @ ClaimPdaError::MintMismatch)]
    pub mint: UncheckedAccount,
    /// The member's token account, which the leaf names.
    #[account(mut)]
    pub token_account: UncheckedAccount,
    /// The mint's token program.
    #[account(address = distributor.token_program @ ClaimPdaError::MintMismatch)]
    pub token_program: UncheckedAccount,
    /// Creates the account.
    pub system_program: Program<System>,
}

impl Claim {
    /// Checks the proof, writes the status and mints.
    #[inline(always)]
    pub fn handler(
        &mut self,
        index: u32,
        amount_base_units: u64,
        proof: &[Hash],
        bump: u8,
    ) -> Result<()> {
        let token_account = *self.token_account.address();
        let leaf = leaf_hash(index, token_account.as_array(), amount_base_units);
        if root_of(leaf, index, proof) != Some(self.distributor.root) {
            return Err(ClaimPdaError::InvalidProof.into());
        }
        self.status.amount = amount_base_units.into();
        self.status.bump = bump;
        self.mint(amount_base_units);
        Ok(())
    }

    /// Mints by the token program, signed for the distributor; a refusal fails the transaction.
    #[inline(always)]
    fn mint(&mut self, amount_base_units: u64) {
        const MINT_TO: u8 = 7;
        let mut data = [MINT_TO; 9];
        data[1..].copy_from_slice(&amount_base_units.to_le_bytes());
        let (mint, token_account) = (*self.mint.address(), *self.token_account.address());
        let authority = *self.distributor.address();
        let bump = [self.distributor.bump];
        let handles = [
            self.mint.to_cpi_handle_mut().into(),
            self.token_account.to_cpi_handle_mut().into(),
            self.distributor.to_cpi_handle(),
        ];
        let accounts = [
            InstructionAccount::writable(&mint),
            InstructionAccount::writable(&token_account),
            InstructionAccount::readonly_signer(&authority),
        ];
        unchecked_invoke_signed_fixed(
            self.token_program.address(),
            &data,
            &accounts,
            &handles,
            &[&[DISTRIBUTOR, mint.as_ref(), &bump]],
        );
    }
}
