//! What paying an epoch's members would take, read from the chain before anything is sent.

use solana_program_pack::Pack;
use spl_token_interface::state::Account as TokenAccount;
use system_token_attestation::Leaf;
use system_token_chain::Chain;
use system_token_interface::LedgerPage;

use super::lookup_tables::ADDRESSES_PER_TRANSACTION;
use super::token_accounts::TOKEN_ACCOUNTS_PER_TRANSACTION;
use super::{SendError, Sender, Submitter, page_count};

/// What a signature costs, lamports: the chain's own price.
pub(crate) const LAMPORTS_PER_SIGNATURE: u64 = 5_000;

/// What paying the members would take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct ClaimPlan {
    /// Members who would be paid, those among them whose token account would be made.
    pub members: u64,
    /// Members who are due and have no token account.
    pub without_token_account: u64,
    /// Claims.
    pub claims: u64,
    /// Other transactions: pages, lookup tables, token accounts.
    pub other_transactions: u64,
    /// Base fees of all of them, lamports.
    pub fee_lamports: u64,
    /// Rent that would stay in accounts, lamports.
    pub deposit_lamports: u64,
}

impl<S: Sender> Submitter<S> {
    /// What paying the members would take. It sends nothing.
    ///
    /// # Errors
    /// [`SendError`] when the chain cannot be read.
    pub async fn plan_claim(&self, leaves: &[Leaf]) -> Result<ClaimPlan, SendError> {
        let mut plan = ClaimPlan::default();
        let page_rent = self.chain().rent(LedgerPage::ACCOUNT_LEN).await?;
        let account_rent = self.chain().rent(TokenAccount::LEN).await?;
        for page_index in 0..page_count(leaves) {
            let Some(mut page) = self.due_page(leaves, page_index).await? else { continue };
            let missing = page.missing().count() as u64;
            plan.without_token_account += missing;
            if !self.wallets.is_empty() && missing > 0 {
                plan.other_transactions += missing.div_ceil(TOKEN_ACCOUNTS_PER_TRANSACTION as u64);
                plan.deposit_lamports += missing * account_rent;
                page.assume_accounts();
            }
            let runs = page.payable();
            if runs.is_empty() {
                continue;
            }
            plan.members += runs.iter().sum::<u64>();
            plan.claims += runs.len() as u64;
            if !page.is_open {
                plan.other_transactions += 1;
                plan.deposit_lamports += page_rent;
            }
            let (table, missing) = self.missing_addresses(page_index, &page.accounts());
            let before = table.as_ref().map_or(0, |table| table.addresses.len());
            let extensions = missing.len().div_ceil(ADDRESSES_PER_TRANSACTION);
            plan.other_transactions += u64::from(table.is_none()) + extensions as u64;
            let kept = if table.is_some() { self.table_rent(before).await? } else { 0 };
            let rent = self.table_rent(before + missing.len()).await?;
            plan.deposit_lamports += rent.saturating_sub(kept);
        }
        plan.fee_lamports = (plan.claims + plan.other_transactions) * LAMPORTS_PER_SIGNATURE;
        Ok(plan)
    }
}
