//! `attest`: counts oracles' Ed25519 signatures over one epoch's attestation.
//!
//! The signatures are verified by the runtime's precompile, in the instruction right before this
//! one. What this file must make sure of is that the precompile verified *these* bytes under
//! *these* keys: every offset lies in that same instruction, and all signatures cover the one
//! message that is read here.

// The accounts macro binds the instruction's argument in places that do not use it.
#![allow(unused_variables)]

use anchor_lang::prelude::*;
use anchor_lang::{AnchorAccount, Id};
use system_token_attestation::Attestation;

use crate::create_account::create_account;
use crate::ed25519::{message_of, signers_of, ED25519_PROGRAM};
use crate::error::SystemTokenError;
use crate::events::{emit, ProposalAttested};
use crate::state::{seeds, Distribution, Proposal};

/// Accounts of `attest`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(digest: [u8; 32])]
pub struct Attest {
    /// Pays the proposal's rent when it is new.
    #[account(mut)]
    pub payer: Signer,
    /// The distribution the attestation is for.
    pub distribution: Account<Distribution>,
    /// The candidate epoch; created by its first signatures.
    #[account(
        mut,
        seeds = [seeds::PROPOSAL, distribution.address().as_ref(), digest.as_ref()],
        bump
    )]
    pub proposal: UncheckedAccount,
    /// Where the precompile instruction is read from.
    pub instructions: Sysvar<SysvarInstructions>,
    /// Creates the account.
    pub system_program: Program<System>,
}

impl Attest {
    /// Adds the signers' bits; the signature that reaches the threshold stamps the time.
    #[inline(always)]
    pub fn handler(&mut self, digest: &[u8; 32], bump: u8, event_bump: u8) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let (attestation, signers) = self.validate(digest, now)?;
        let mut account = self.load_or_create(&attestation, digest, bump)?;
        let proposal = &mut *account;
        if proposal.vetoed != 0 {
            return Err(SystemTokenError::Vetoed.into());
        }
        let signatures = proposal.signatures.get() | signers;
        proposal.signatures = signatures.into();
        if proposal.attested_at.get() == 0
            && signatures.count_ones() >= u32::from(self.distribution.threshold)
        {
            proposal.attested_at = now.into();
            let event = ProposalAttested {
                distribution: proposal.distribution,
                digest: *digest,
                epoch: proposal.epoch.get(),
                attested_at: now,
            };
            emit(&self.event_authority, event_bump, &event);
        }
        Ok(())
    }

    /// The proposal of the attestation; a new one has no signature yet.
    #[inline(always)]
    fn load_or_create(
        &self,
        attestation: &Attestation,
        digest: &[u8; 32],
        bump: u8,
    ) -> Result<Account<Proposal>> {
        let view = self.proposal.account();
        if !view.owned_by(&System::id()) {
            // SAFETY: nothing else of this instruction refers to the proposal's data.
            return unsafe { Account::load_mut(*view) };
        }
        let distribution = *self.distribution.address();
        let seeds: [&[u8]; 4] = [seeds::PROPOSAL, distribution.as_ref(), digest, &[bump]];
        let mut account: Account<Proposal> = create_account(self.payer.account(), view, &seeds)?;
        let proposal = &mut *account;
        proposal.distribution = distribution;
        proposal.rent_payer = *self.payer.address();
        proposal.digest = *digest;
        proposal.root = attestation.root;
        proposal.bundle_hash = attestation.bundle_hash;
        proposal.epoch = attestation.epoch.into();
        proposal.cumulative_total = attestation.cumulative_total.into();
        proposal.leaf_count = attestation.leaf_count.into();
        proposal.oracle_set_version = attestation.oracle_set_version.into();
        proposal.bump = bump;
        Ok(account)
    }

    /// The attestation and the bits of its signers, once everything about them is checked.
    #[inline(always)]
    fn validate(&self, digest: &[u8; 32], now: i64) -> Result<(Attestation, u16)> {
        let distribution = &*self.distribution;
        if distribution.paused != 0 {
            return Err(SystemTokenError::Paused.into());
        }
        let precompile = self
            .instructions
            .get_instruction_relative(-1)
            .map_err(|_| SystemTokenError::MissingPrecompile)?;
        if *precompile.get_program_id() != ED25519_PROGRAM {
            return Err(SystemTokenError::MissingPrecompile.into());
        }
        let data = precompile.get_instruction_data();
        let message = message_of(data)?;
        if Attestation::digest_of(message) != *digest {
            return Err(SystemTokenError::DigestMismatch.into());
        }
        let attestation =
            Attestation::from_bytes(message).map_err(|_| SystemTokenError::InvalidAttestation)?;
        if attestation.program_id != crate::ID.to_bytes()
            || attestation.distribution != self.distribution.address().to_bytes()
        {
            return Err(SystemTokenError::ForeignAttestation.into());
        }
        if attestation.oracle_set_version != distribution.oracle_set_version.get() {
            return Err(SystemTokenError::StaleOracleSet.into());
        }
        if attestation.epoch <= distribution.epoch.get() {
            return Err(SystemTokenError::EpochNotNext.into());
        }
        if now < distribution.emission.epoch_end(attestation.epoch)? {
            return Err(SystemTokenError::EpochNotEnded.into());
        }
        Ok((attestation, signers_of(data, distribution.oracle_set())?))
    }
}
