//! SystemToken on chain: a quorum of oracles signs each epoch's totals, and anyone may send
//! the batches that mint them to the members.
//!
//! Everything hangs on a [`Distribution`] account, one for each mint, so one deployed program
//! serves any community:
//!
//! ```text
//! attest     oracles' Ed25519 signatures over one epoch's attestation → Proposal
//! finalize   after the challenge window: the proposal's root becomes the distribution's
//! claim_batch  a run of leaves proved against the root → the missing part of each is minted
//! ```
//!
//! The guardian may veto a proposal within its window and stop everything; the admin hands over in
//! two steps.
//!
//! Totals are cumulative: one claim pays every epoch a member missed, and a replay mints nothing.
//!
//! Each instruction has a file of its own under `instructions/`, which reads accounts →
//! `validate` → handler → `invariant`. Its compute units are those of docs/costs.md, where they are
//! measured; a test holds them equal.
// The framework's account macro writes its own `unsafe impl Pod`.
#![deny(unsafe_op_in_unsafe_fn)]

mod create_account;
pub mod ed25519;
#[cfg(not(feature = "cpi"))]
pub mod entrypoint;
pub mod error;
pub mod events;
pub mod instructions;
mod mint_batch;
pub mod state;
mod token;

use anchor_lang::prelude::*;
use instructions::*;
pub use state::{Change, Distribution, LedgerPage, Proposal};

declare_id!("STKdBo6ATHqWdx2KMp9EHtM959f9tdMqgoxKcLuDYdF");

// Whom to tell of a fault, where explorers and researchers look for it: in the program itself.
#[cfg(all(target_os = "solana", not(feature = "cpi")))]
solana_security_txt::security_txt! {
    name: "SystemToken",
    project_url: "https://systemtoken.example",
    contacts: "other:see SECURITY.md beside the source",
    policy: "SECURITY.md beside the source"
}

/// The program's instructions.
#[program]
pub mod system_token {
    use super::*;

    /// Creates the distribution of a mint and takes over its mint authority.
    ///
    /// Signers: the payer and the mint's current authority, so nobody else can be first.
    /// Errors: `UnsupportedMint`, `UnsupportedExtension`, `MintHasFreezeAuthority`,
    /// `MintAuthorityMismatch`, `InvalidOracleSet`, `InvalidThreshold`, `InvalidEmission`,
    /// `InvalidWindow`.
    /// Compute units: 5,282.
    pub fn initialize(ctx: &mut Context<Initialize>, args: InitializeArgs) -> Result<()> {
        let bump = ctx.bumps.distribution;
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(&args, bump, event_bump)
    }

    /// Counts oracles' signatures over one epoch's attestation.
    ///
    /// The instruction right before this one must be the Ed25519 precompile with one or more
    /// signatures over the attestation whose SHA-256 is `digest`. Creates the proposal, or adds
    /// signatures to it; the one that reaches the threshold starts the challenge window.
    /// Signers: the payer of the proposal's rent; anyone.
    /// Errors: `Paused`, `MissingPrecompile`, `MalformedPrecompile`, `ForeignOffset`,
    /// `DigestMismatch`, `InvalidAttestation`, `ForeignAttestation`, `StaleOracleSet`,
    /// `EpochNotNext`, `EpochNotEnded`, `UnknownOracle`, `RepeatedOracle`, `Vetoed`.
    /// Compute units: 5,580 with three signatures.
    pub fn attest(ctx: &mut Context<Attest>, digest: [u8; 32]) -> Result<()> {
        let bump = ctx.bumps.proposal;
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(&digest, bump, event_bump)
    }

    /// Installs an attested epoch once its challenge window is over.
    ///
    /// Signers: none; anyone.
    /// Errors: `Paused`, `ForeignProposal`, `BelowThreshold`, `Vetoed`, `StaleOracleSet`,
    /// `EpochNotNext`, `EpochNotEnded`, `ChallengeWindowOpen`, `TotalDecreased`,
    /// `GrowthLimitExceeded`, `EmissionExceeded`, `SupplyCapExceeded`.
    /// Compute units: 1,787.
    pub fn finalize(ctx: &mut Context<Finalize>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Stops a proposal for good, until its challenge window is over.
    ///
    /// Signers: the guardian. Works while paused.
    /// Errors: `NotGuardian`, `ForeignProposal`, `EpochNotNext`, `ChallengeWindowClosed`.
    /// Compute units: 1,702.
    pub fn veto(ctx: &mut Context<Veto>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Closes a proposal that can never be attested again and returns its rent to who paid it.
    ///
    /// That is one whose epoch is finalized, or another in its place, or whose oracle set is no
    /// longer the current one. A vetoed proposal of a later epoch stays: the same signatures would
    /// create it anew, without the veto.
    /// Signers: none; anyone. Works while paused.
    /// Errors: `RentPayerMismatch`, `ForeignProposal`, `ProposalOpen`.
    /// Compute units: 295.
    pub fn close_proposal(ctx: &mut Context<CloseProposal>) -> Result<()> {
        ctx.accounts.handler()
    }

    /// Creates the ledger page of the 256 members from index `256 × page_index`.
    ///
    /// Signers: the payer of the page's rent; anyone.
    /// Compute units: 2,118.
    pub fn open_page(ctx: &mut Context<OpenPage>, page_index: u32) -> Result<()> {
        let bump = ctx.bumps.page;
        ctx.accounts.handler(page_index, bump)
    }

    /// Proves an aligned run of leaves and mints to each member what is still due.
    ///
    /// `totals` are the cumulative totals of the 4, 8, 16 or 32 members from `start_index` (fewer at
    /// the end of the tree), one trailing token account each, and `proof` the run's one proof.
    /// Members that are paid already, or whose token account is missing, frozen, closed or of another
    /// mint, are skipped.
    /// Signers: none; anyone.
    /// Errors: `Paused`, `MintMismatch`, `ForeignPage`, `PageOutOfRange`, `AccountCountMismatch`,
    /// `InvalidRun`, `InvalidProof`, `MintedExceedsTotal`.
    /// Compute units: 573 a member in a batch of 32, 4,966 alone, 2,708 in a batch of Token-2022; all in a
    /// tree of 1,048,576 leaves.
    pub fn claim_batch(
        ctx: &mut Context<ClaimBatch>,
        start_index: u32,
        totals: &[u64],
        proof: &[[u8; 32]],
    ) -> Result<()> {
        // On chain `entrypoint` takes claims before the dispatch that leads here; this is what the
        // IDL is made of, and the same handler.
        let token_accounts = &ctx.remaining_accounts()?;
        ctx.accounts.handler(&Claim { start_index, totals, proof, token_accounts })
    }

    /// Stops attest, finalize and claim; what is paused already stays so.
    ///
    /// Signers: the guardian or the admin.
    /// Errors: `NotGuardianOrAdmin`.
    /// Compute units: 1,488.
    pub fn pause(ctx: &mut Context<Pause>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Lets attest, finalize and claim go on; what is not paused stays so.
    ///
    /// Signers: the admin.
    /// Errors: `NotAdmin`.
    /// Compute units: 1,488.
    pub fn unpause(ctx: &mut Context<Unpause>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Lets a change wait for its timelock; one at a time.
    ///
    /// Signers: the admin. Works while paused.
    /// Errors: `NotAdmin`, `ChangeQueued`, `InvalidOracleSet`, `InvalidThreshold`,
    /// `InvalidEmission`, `InvalidWindow`.
    /// Compute units: 2,047.
    pub fn queue_change(ctx: &mut Context<QueueChange>, change: Change) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(&change, event_bump)
    }

    /// Puts the queued change into force once its timelock is over.
    ///
    /// Signers: none; anyone. Works while paused.
    /// Errors: `NoChangeQueued`, `TimelockNotOver`, and those of `queue_change` for a change that
    /// the distribution cannot take any more.
    /// Compute units: 2,011.
    pub fn execute_change(ctx: &mut Context<ExecuteChange>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Drops the queued change.
    ///
    /// Signers: the guardian or the admin. Works while paused.
    /// Errors: `NotGuardianOrAdmin`, `NoChangeQueued`.
    /// Compute units: 1,520.
    pub fn cancel_change(ctx: &mut Context<CancelChange>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }

    /// Proposes the next admin, who must accept; the zero address withdraws the proposal.
    ///
    /// Signers: the admin. Works while paused.
    /// Errors: `NotAdmin`.
    /// Compute units: 1,536.
    pub fn propose_admin(ctx: &mut Context<ProposeAdmin>, new_admin: Address) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(new_admin, event_bump)
    }

    /// Makes the proposed admin the admin. A queued change stays, and the new admin may cancel it.
    ///
    /// Signers: the proposed admin. Works while paused.
    /// Errors: `NotPendingAdmin`.
    /// Compute units: 1,514.
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        let event_bump = ctx.bumps.event_authority;
        ctx.accounts.handler(event_bump)
    }
}
