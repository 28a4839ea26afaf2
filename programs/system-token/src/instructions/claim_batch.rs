//! `claim_batch`: proves a run of leaves and mints what is still due to each member.
//!
//! due(i) = total(i) − claimed(i), where total is the leaf's cumulative total under the finalized
//! root and claimed what the ledger page says was minted to member i before.

use anchor_lang::address_eq;
use anchor_lang::prelude::*;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use system_token_attestation::{quad_hash_into, Hash, Run, QUAD_LEAVES};

use crate::error::SystemTokenError;
use crate::mint_batch::MintBatch;
use crate::state::{seeds, Distribution, LedgerPage, MEMBERS_PER_PAGE};
use crate::token::receives;

/// Accounts of `claim_batch`; one token account for each total follows them.
///
/// `unsafe(dup)`: a leaf may name one of these accounts as its token account. None of them can
/// receive, so that member is skipped like any other who cannot, and blocks nobody's claim.
#[derive(Accounts)]
pub struct ClaimBatch {
    /// The distribution, which signs as the mint authority.
    #[account(mut, unsafe(dup))]
    pub distribution: Account<Distribution>,
    /// The ledger page of the members.
    #[account(mut, unsafe(dup))]
    pub page: Account<LedgerPage>,
    /// The mint of STK.
    #[account(mut, unsafe(dup), address = distribution.mint @ SystemTokenError::MintMismatch)]
    pub mint: UncheckedAccount,
    /// The mint's token program.
    #[account(address = distribution.token_program @ SystemTokenError::MintMismatch)]
    pub token_program: UncheckedAccount,
}

/// What a claim says about its members: a run of leaves and its proof.
pub struct Claim<'a> {
    /// Index of the first member.
    pub start_index: u32,
    /// Cumulative total of each member, base units.
    pub totals: &'a [u64],
    /// The run's proof, lowest sibling first.
    pub proof: &'a [Hash],
    /// Token account of each member.
    pub token_accounts: &'a [AccountView],
}

impl Claim<'_> {
    /// Writes the hash of the run's quad number `quad`.
    ///
    /// Not inlined, so that the loop around it keeps its variables in registers.
    #[inline(never)]
    fn write_quad(&self, quad: usize, hash: &mut Hash) {
        let first = QUAD_LEAVES * quad;
        let (totals, accounts) = (&self.totals[first..], &self.token_accounts[first..]);
        let len = totals.len().min(QUAD_LEAVES);
        // Within the tree, and so within 32 bits: `Run::new` has checked.
        let first_index = self.start_index.wrapping_add(first as u32);
        quad_hash_into(first_index, &accounts[..len], address_of, &totals[..len], hash);
    }
}

impl ClaimBatch {
    /// Proves the run, updates the page, and mints every due amount in one call.
    #[inline(never)]
    pub fn handler(&mut self, claim: &Claim) -> Result<()> {
        self.validate(claim)?;
        // Copies of the views, so that the batch does not keep the accounts borrowed.
        let (mint, authority) = (*self.mint.account(), *self.distribution.account());
        let mut batch = MintBatch::new(&mint, &authority);
        let first = claim.start_index as usize % MEMBERS_PER_PAGE;
        let page = &mut *self.page;
        let distribution = &*self.distribution;
        let mut minted = 0u64;
        let members = claim.totals.iter().zip(claim.token_accounts).zip(&mut page.claimed[first..]);
        for ((total, token_account), claimed) in members {
            let due = total.saturating_sub(claimed.get());
            if due == 0 || !receives(token_account, &distribution.token_program, &distribution.mint)
            {
                continue;
            }
            *claimed = (*total).into();
            minted = minted.checked_add(due).ok_or(SystemTokenError::Overflow)?;
            batch.push(token_account, due)?;
        }
        if batch.is_empty() {
            return Ok(());
        }
        let minted_total = self
            .distribution
            .minted_total
            .get()
            .checked_add(minted)
            .ok_or(SystemTokenError::Overflow)?;
        self.distribution.minted_total = minted_total.into();
        self.invariant()?;
        let bump = [self.distribution.bump];
        let seeds = [
            Seed::from(seeds::DISTRIBUTION),
            Seed::from(self.mint.address().as_ref()),
            Seed::from(bump.as_ref()),
        ];
        batch.invoke_signed(self.token_program.address(), &CpiSigner::from(&seeds));
        Ok(())
    }

    #[inline(always)]
    fn validate(&self, claim: &Claim) -> Result<()> {
        let distribution = &*self.distribution;
        if distribution.paused != 0 {
            return Err(SystemTokenError::Paused.into());
        }
        let page = &*self.page;
        if !address_eq(&page.distribution, self.distribution.address()) {
            return Err(SystemTokenError::ForeignPage.into());
        }
        if page.page_index.get() != claim.start_index / MEMBERS_PER_PAGE as u32 {
            return Err(SystemTokenError::PageOutOfRange.into());
        }
        if claim.totals.len() != claim.token_accounts.len() {
            return Err(SystemTokenError::AccountCountMismatch.into());
        }
        // A run is aligned and at most 32 long, so it never crosses a page of 256.
        let run = Run::new(claim.start_index, claim.totals.len(), distribution.leaf_count.get())
            .map_err(|_| SystemTokenError::InvalidRun)?;
        let root = run
            .root(|quad, hash| claim.write_quad(quad, hash), claim.proof)
            .map_err(|_| SystemTokenError::InvalidRun)?;
        if root != distribution.root {
            return Err(SystemTokenError::InvalidProof.into());
        }
        Ok(())
    }

    /// What must hold after any claim.
    #[inline(always)]
    fn invariant(&self) -> Result<()> {
        if self.distribution.minted_total > self.distribution.cumulative_total {
            return Err(SystemTokenError::MintedExceedsTotal.into());
        }
        Ok(())
    }
}

#[inline(always)]
fn address_of(account: &AccountView) -> &[u8; 32] {
    account.address().as_array()
}
