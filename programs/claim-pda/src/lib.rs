//! **Test-only, never deployed:** the design that peers use, for comparison.
//!
//! An epoch has a root over what each member is paid in it. A claim proves one member's leaf and
//! creates an account of its own, a [`ClaimStatus`] for each member and epoch, whose existence is
//! what refuses a second claim. `scripts/bench.sh chain` measures it beside SystemToken, on the same
//! chain, framework, token program and number of members.
//!
//! Where a choice was open it is the one that costs this design the least: no quorum and no window
//! before a root, a member need not sign, the proof's order follows from the index, the status is as
//! small as the smallest that was found, and tokens are minted, not moved out of a vault.
#![deny(unsafe_op_in_unsafe_fn)]

mod claim;
mod initialize;
mod merkle;
mod set_root;
mod state;

use anchor_lang::prelude::*;
use claim::*;
use initialize::*;
use set_root::*;
pub use state::{ClaimStatus, Distributor};

declare_id!("CLaimPDA6aQvTHFr391LtgFoK64HBunpe7mE8Ct7fsK");

/// Every way this program refuses; codes count from 6000.
#[error_code]
pub enum ClaimPdaError {
    /// The signer is not the distributor's admin.
    #[msg("The signer is not the distributor's admin")]
    NotAdmin,
    /// The mint or token program is not the distributor's.
    #[msg("The mint or token program is not the distributor's")]
    MintMismatch,
    /// The proof does not lead to the root.
    #[msg("The proof does not lead to the epoch's root")]
    InvalidProof,
    /// The epochs left 64 bits.
    #[msg("There are no more epochs")]
    Overflow,
}

/// The program's instructions.
#[program]
pub mod claim_pda {
    use super::*;

    /// Creates the distributor of a mint and takes over its mint authority.
    ///
    /// Signers: the payer and the mint's current authority, who becomes the admin.
    /// Errors: the token program's when the signer is not the mint's authority.
    pub fn initialize(ctx: &mut Context<Initialize>) -> Result<()> {
        let bump = ctx.bumps.distributor;
        ctx.accounts.handler(bump)
    }

    /// Begins the next epoch with the root of what it pays.
    ///
    /// Signers: the admin.
    /// Errors: `NotAdmin`, `Overflow`.
    pub fn set_root(ctx: &mut Context<SetRoot>, root: [u8; 32]) -> Result<()> {
        ctx.accounts.handler(root)
    }

    /// Proves what a member is paid in the current epoch and mints it, once.
    ///
    /// Signers: the payer of the status account's rent; anyone.
    /// Errors: `MintMismatch`, `InvalidProof`; the System program's when it was claimed before.
    pub fn claim(
        ctx: &mut Context<Claim>,
        index: u32,
        amount: u64,
        proof: &[[u8; 32]],
    ) -> Result<()> {
        let bump = ctx.bumps.status;
        ctx.accounts.handler(index, amount, proof, bump)
    }
}
