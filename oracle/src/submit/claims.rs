//! Pays the members: what is due is read from the chain's own ledger pages.
//!
//! due(i) = total(i) − claimed(i)

use solana_address::Address;
use system_token_attestation::{Leaf, MAX_RUN_LEAVES, Tree};
use system_token_chain::{Chain, ChainError};
use system_token_interface::instructions::{ClaimRun, claim_batch};
use system_token_interface::{LedgerPage, MEMBERS_PER_PAGE, page_address};

use super::{Purpose, Submitter};

/// What one epoch's claims did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimSummary {
    /// Transactions sent.
    pub transactions: u64,
    /// Members to whom something was due.
    pub members: u64,
    /// The most members in one transaction.
    pub members_per_transaction_max: usize,
}

impl<C: Chain> Submitter<C> {
    /// Claims for every member to whom something is due, up to 32 in a transaction.
    ///
    /// Sound to repeat: what was paid is due no more.
    ///
    /// # Errors
    /// [`ChainError`] at the first transaction that fails; those before it are paid.
    pub async fn claim(
        &mut self,
        tree: &Tree,
        leaves: &[Leaf],
    ) -> Result<ClaimSummary, ChainError> {
        let mut summary = ClaimSummary::default();
        let members_per_page = MEMBERS_PER_PAGE as usize;
        for (page_index, on_page) in (0u32..).zip(leaves.chunks(members_per_page)) {
            self.open_page(page_index).await?;
            let accounts: Vec<_> = on_page
                .iter()
                .filter(|leaf| leaf.token_account != [0; 32])
                .map(|leaf| Address::from(leaf.token_account))
                .collect();
            let table = self.lookup_table(page_index, &accounts).await?;
            let page = self.page(page_index).await?;
            // A page is a multiple of the longest run, so no run crosses its end.
            let runs = on_page.chunks(MAX_RUN_LEAVES).zip(page.claimed.chunks(MAX_RUN_LEAVES));
            let starts = (page_index * MEMBERS_PER_PAGE..).step_by(MAX_RUN_LEAVES);
            for ((members, claimed), start) in runs.zip(starts) {
                let due = members
                    .iter()
                    .zip(claimed)
                    .filter(|(leaf, claimed)| is_due(leaf, claimed.get()))
                    .count();
                if due == 0 {
                    continue;
                }
                let claim = claim_batch(
                    &self.mint,
                    &spl_token_interface::ID,
                    &claim_run(tree, start, members),
                );
                self.send(Purpose::Claim, &[claim], &[], std::slice::from_ref(&table)).await?;
                summary.transactions += 1;
                summary.members += due as u64;
                summary.members_per_transaction_max =
                    summary.members_per_transaction_max.max(members.len());
            }
        }
        Ok(summary)
    }

    /// A ledger page as the chain has it.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`] before it is opened.
    pub async fn page(&self, page_index: u32) -> Result<LedgerPage, ChainError> {
        let address = page_address(&self.distribution, page_index).0;
        let account = self.chain.get_account(&address).await?;
        let account = account.ok_or(ChainError::NoAccount(address))?;
        LedgerPage::from_account_data(&account.data)
            .copied()
            .map_err(|source| ChainError::Account { address, source })
    }
}

fn is_due(leaf: &Leaf, claimed: u64) -> bool {
    leaf.token_account != [0; 32] && leaf.cumulative_total > claimed
}

fn claim_run(tree: &Tree, start_index: u32, members: &[Leaf]) -> ClaimRun {
    ClaimRun {
        start_index,
        totals: members.iter().map(|leaf| leaf.cumulative_total).collect(),
        token_accounts: members.iter().map(|leaf| leaf.token_account.into()).collect(),
        proof: tree
            .proof(start_index, members.len())
            .expect("a tree's own runs are runs of the tree"),
    }
}
