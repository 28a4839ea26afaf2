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

impl std::ops::AddAssign for ClaimSummary {
    fn add_assign(&mut self, other: Self) {
        self.transactions += other.transactions;
        self.members += other.members;
        self.members_per_transaction_max =
            self.members_per_transaction_max.max(other.members_per_transaction_max);
    }
}

/// How many ledger pages so many members have.
pub fn page_count(leaves: &[Leaf]) -> u32 {
    u32::try_from(leaves.len().div_ceil(MEMBERS_PER_PAGE as usize)).unwrap_or(u32::MAX)
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
        for page_index in 0..page_count(leaves) {
            summary += self.claim_page(tree, leaves, page_index).await?;
        }
        Ok(summary)
    }

    /// Claims for the members of one page. Where nothing is due, nothing is sent.
    ///
    /// # Errors
    /// [`ChainError`] at the first transaction that fails; those before it are paid.
    pub async fn claim_page(
        &mut self,
        tree: &Tree,
        leaves: &[Leaf],
        page_index: u32,
    ) -> Result<ClaimSummary, ChainError> {
        let mut summary = ClaimSummary::default();
        let mut pages = leaves.chunks(MEMBERS_PER_PAGE as usize);
        let Some(on_page) = pages.nth(page_index as usize) else { return Ok(summary) };
        let page = match self.page(page_index).await {
            Ok(page) => Some(page),
            Err(ChainError::NoAccount(_)) => None,
            Err(error) => return Err(error),
        };
        let claimed = |place: usize| page.as_ref().map_or(0, |page| page.claimed[place].get());
        // A page is a multiple of the longest run, so no run crosses its end.
        let starts = (0..on_page.len()).step_by(MAX_RUN_LEAVES);
        let runs = starts.zip(on_page.chunks(MAX_RUN_LEAVES)).map(|(from, members)| {
            let due = (from..).zip(members).filter(|(place, leaf)| is_due(leaf, claimed(*place)));
            let start = (page_index * MEMBERS_PER_PAGE..).nth(from).unwrap_or(u32::MAX);
            (start, members, due.count())
        });
        let runs: Vec<_> = runs.filter(|(_, _, due)| *due > 0).collect();
        if runs.is_empty() {
            return Ok(summary);
        }
        self.open_page(page_index).await?;
        let accounts: Vec<_> = on_page
            .iter()
            .filter(|leaf| leaf.token_account != [0; 32])
            .map(|leaf| Address::from(leaf.token_account))
            .collect();
        let table = self.lookup_table(page_index, &accounts).await?;
        for (start, members, due) in runs {
            let run = claim_run(tree, start, members);
            let claim = claim_batch(&self.mint, &spl_token_interface::ID, &run);
            self.send(Purpose::Claim, &[claim], &[], std::slice::from_ref(&table)).await?;
            summary.transactions += 1;
            summary.members += due as u64;
            summary.members_per_transaction_max =
                summary.members_per_transaction_max.max(members.len());
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
