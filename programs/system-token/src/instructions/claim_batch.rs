//! `claim_batch`: proves a run of leaves and mints what is still due to each member.
//!
//! due(i) = total(i) − claimed(i), where total is the leaf's cumulative total under the finalized
//! root and claimed what the ledger page says was minted to member i before.

use anchor_lang::address_eq;
use anchor_lang::prelude::*;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use system_token_attestation::{quad_hash, Hash, Run, MAX_RUN_QUADS, QUAD_LEAVES};

use crate::error::SystemTokenError;
use crate::mint_batch::MintBatch;
use crate::state::{seeds, Distribution, LedgerPage, MEMBERS_PER_PAGE};

/// Where a token account holds its mint.
const TOKEN_ACCOUNT_MINT: core::ops::Range<usize> = 0..32;
/// Where a token account holds its state, and what it is when tokens can be received.
const TOKEN_ACCOUNT_STATE: usize = 108;
const TOKEN_ACCOUNT_INITIALIZED: u8 = 1;
/// Length of a classic token account, bytes.
const TOKEN_ACCOUNT_LEN: usize = 165;

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

impl ClaimBatch {
    /// Proves the run, updates the page, and mints every due amount in one call.
    #[inline(always)]
    pub fn handler(
        &mut self,
        start_index: u32,
        totals: &[u64],
        proof: &[Hash],
        token_accounts: &[AccountView],
    ) -> Result<()> {
        self.validate(start_index, totals, proof, token_accounts)?;
        // Copies of the views, so that the batch does not keep the accounts borrowed.
        let (mint, authority) = (*self.mint.account(), *self.distribution.account());
        let mut batch = MintBatch::new(&mint, &authority);
        let first = start_index as usize % MEMBERS_PER_PAGE;
        let page = &mut *self.page;
        let distribution = &*self.distribution;
        let mut minted = 0u64;
        let members = totals.iter().zip(token_accounts).zip(&mut page.claimed[first..]);
        for ((total, token_account), claimed) in members {
            let due = total.saturating_sub(claimed.get());
            if due == 0 || !receives(token_account, distribution) {
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
    fn validate(
        &self,
        start_index: u32,
        totals: &[u64],
        proof: &[Hash],
        token_accounts: &[AccountView],
    ) -> Result<()> {
        let distribution = &*self.distribution;
        if distribution.paused != 0 {
            return Err(SystemTokenError::Paused.into());
        }
        if !address_eq(&self.page.distribution, self.distribution.address()) {
            return Err(SystemTokenError::ForeignPage.into());
        }
        if self.page.page_index.get() != start_index / MEMBERS_PER_PAGE as u32 {
            return Err(SystemTokenError::PageOutOfRange.into());
        }
        if totals.len() != token_accounts.len() {
            return Err(SystemTokenError::AccountCountMismatch.into());
        }
        // A run is aligned and at most 32 long, so it never crosses a page of 256.
        let run = Run::new(start_index, totals.len(), distribution.leaf_count.get())
            .map_err(|_| SystemTokenError::InvalidRun)?;
        let mut quads = [[0; 32]; MAX_RUN_QUADS];
        let per_quad = totals.chunks(QUAD_LEAVES).zip(token_accounts.chunks(QUAD_LEAVES));
        // The index comes last: nothing may step past the last index there can be.
        for ((quad, (totals, accounts)), first_index) in
            quads.iter_mut().zip(per_quad).zip((start_index..).step_by(QUAD_LEAVES))
        {
            let accounts = accounts.iter().map(|account| account.address().as_array());
            *quad = quad_hash(first_index, accounts, totals);
        }
        let quad_len = totals.len().div_ceil(QUAD_LEAVES);
        let root =
            run.root(&mut quads, quad_len, proof).map_err(|_| SystemTokenError::InvalidRun)?;
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

/// Whether an account can be minted to: a live token account of this mint, not frozen.
///
/// A member without a wallet has the zero address in the leaf, which is the System program's and
/// so never a token account: such a total waits until a wallet is linked.
#[inline(always)]
fn receives(account: &AccountView, distribution: &Distribution) -> bool {
    if !account.owned_by(&distribution.token_program) || account.data_len() != TOKEN_ACCOUNT_LEN {
        return false;
    }
    let Ok(data) = account.try_borrow() else {
        return false;
    };
    let Ok(mint) = <[u8; 32]>::try_from(&data[TOKEN_ACCOUNT_MINT]) else {
        return false;
    };
    address_eq(&Address::new_from_array(mint), &distribution.mint)
        && data[TOKEN_ACCOUNT_STATE] == TOKEN_ACCOUNT_INITIALIZED
}
