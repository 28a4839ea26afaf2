//! Pays the members: what is due is read from the chain's own ledger pages.
//!
//! due(i) = total(i) − claimed(i)

use futures::StreamExt;
use solana_address::Address;
use system_token_attestation::{Leaf, MAX_RUN_LEAVES, Tree};
use system_token_chain::{Chain, ChainError};
use system_token_interface::instructions::{ClaimRun, claim_batch};
use system_token_interface::{LedgerPage, MEMBERS_PER_PAGE, page_address};

use super::token_accounts::Receiver;
use super::{Purpose, SendError, Sender, Submitter};

/// What one epoch's claims did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimSummary {
    /// Transactions sent.
    pub transactions: u64,
    /// Members who were paid.
    pub members: u64,
    /// Members to whom something is due who cannot be paid: their token account is missing, frozen, or of
    /// another mint.
    pub unpayable: u64,
    /// The most members in one transaction.
    pub members_per_transaction_max: usize,
}

impl std::ops::AddAssign for ClaimSummary {
    fn add_assign(&mut self, other: Self) {
        self.transactions += other.transactions;
        self.members += other.members;
        self.unpayable += other.unpayable;
        self.members_per_transaction_max =
            self.members_per_transaction_max.max(other.members_per_transaction_max);
    }
}

/// How many ledger pages so many members have.
pub fn page_count(leaves: &[Leaf]) -> u32 {
    u32::try_from(leaves.len().div_ceil(MEMBERS_PER_PAGE as usize)).unwrap_or(u32::MAX)
}

/// A page's members to whom something is due.
pub(super) struct DuePage<'a> {
    /// Its leaves.
    on_page: &'a [Leaf],
    /// Whether the page is on chain.
    pub(super) is_open: bool,
    /// Who is due, by place on the page, and whether their token account can take it.
    due: Vec<(usize, Receiver)>,
}

/// Leaves that one transaction claims for.
struct Run<'a> {
    start: u32,
    members: &'a [Leaf],
    payable: u64,
}

impl<S: Sender> Submitter<S> {
    /// Claims for every member to whom something is due, up to 32 in a transaction.
    ///
    /// Sound to repeat: what was paid is due no more.
    ///
    /// # Errors
    /// [`SendError`] of the first transaction that fails; the others are sent all the same.
    pub async fn claim(&self, tree: &Tree, leaves: &[Leaf]) -> Result<ClaimSummary, SendError> {
        self.claim_watched(tree, leaves, &|_, _| {}).await
    }

    /// As [`Self::claim`]; `watch` is told after each page how many of how many are done.
    ///
    /// # Errors
    /// As [`Self::claim`].
    pub async fn claim_watched(
        &self,
        tree: &Tree,
        leaves: &[Leaf],
        watch: &(dyn Fn(u32, u32) + Sync),
    ) -> Result<ClaimSummary, SendError> {
        let count = page_count(leaves);
        let pages = (0..count).map(|page_index| self.claim_page(tree, leaves, page_index));
        let mut pages = futures::stream::iter(pages).buffer_unordered(self.at_once);
        let (mut summary, mut first, mut done) = (ClaimSummary::default(), None, 0);
        while let Some(claimed) = pages.next().await {
            match claimed {
                Ok(claimed) => summary += claimed,
                Err(error) => first = first.or(Some(error)),
            }
            done += 1;
            watch(done, count);
        }
        first.map_or(Ok(summary), Err)
    }

    /// Claims for the members of one page. Where nothing is due, nothing is sent.
    ///
    /// # Errors
    /// [`SendError`] of the first transaction that fails; the others are sent all the same.
    pub async fn claim_page(
        &self,
        tree: &Tree,
        leaves: &[Leaf],
        page_index: u32,
    ) -> Result<ClaimSummary, SendError> {
        let mut summary = ClaimSummary::default();
        let Some(mut page) = self.due_page(leaves, page_index).await? else { return Ok(summary) };
        self.make_receivers(page_index, &mut page).await?;
        summary.unpayable = page.unpayable();
        let runs = page.runs(page_index);
        if runs.is_empty() {
            return Ok(summary);
        }
        self.open_page(page_index).await?;
        let table = self.lookup_table(page_index, &page.accounts()).await?;
        let claims = runs.iter().map(|run| {
            let claim = claim_run(tree, run.start, run.members);
            let claim = claim_batch(&self.mint, &spl_token_interface::ID, &claim);
            let table = &table;
            async move {
                let tables = std::slice::from_ref(table);
                self.send(Purpose::Claim, &[claim], &[], tables).await.map(|_| run)
            }
        });
        let mut first = None;
        let mut claims = futures::stream::iter(claims).buffer_unordered(self.at_once);
        while let Some(claimed) = claims.next().await {
            match claimed {
                Ok(run) => summary += run.summary(),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or(Ok(summary), Err)
    }

    /// Who of a page is due, by the chain; `None` when the tree has no such page.
    pub(super) async fn due_page<'a>(
        &self,
        leaves: &'a [Leaf],
        page_index: u32,
    ) -> Result<Option<DuePage<'a>>, SendError> {
        let mut pages = leaves.chunks(MEMBERS_PER_PAGE as usize);
        let Some(on_page) = pages.nth(page_index as usize) else { return Ok(None) };
        let page = match self.page(page_index).await {
            Ok(page) => Some(page),
            Err(ChainError::NoAccount(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let claimed = |place: usize| page.as_ref().map_or(0, |page| page.claimed[place].get());
        let due = on_page.iter().enumerate().filter(|(place, leaf)| is_due(leaf, claimed(*place)));
        let (places, due): (Vec<_>, Vec<_>) = due.map(|(place, leaf)| (place, *leaf)).unzip();
        let receivers = self.receivers(&due).await?;
        let due = places.into_iter().zip(receivers).collect();
        Ok(Some(DuePage { on_page, is_open: page.is_some(), due }))
    }

    /// Makes token accounts for those who have none, where that was asked for.
    async fn make_receivers(
        &self,
        page_index: u32,
        page: &mut DuePage<'_>,
    ) -> Result<(), SendError> {
        let first = (page_index * MEMBERS_PER_PAGE) as usize;
        let missing: Vec<_> = page.missing().map(|(place, leaf)| (first + place, leaf)).collect();
        let made = self.make_missing(&missing).await?;
        for (place, receiver) in &mut page.due {
            if made.contains(&(first + *place)) {
                *receiver = Receiver::Open;
            }
        }
        Ok(())
    }

    /// A ledger page as the chain has it.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`] before it is opened.
    pub async fn page(&self, page_index: u32) -> Result<LedgerPage, ChainError> {
        let address = page_address(&self.distribution, page_index).0;
        let account = self.chain().get_account(&address).await?;
        let account = account.ok_or(ChainError::NoAccount(address))?;
        LedgerPage::from_account_data(&account.data)
            .copied()
            .map_err(|source| ChainError::Account { address, source })
    }
}

impl<'a> DuePage<'a> {
    /// Members who are due and have no token account, by place.
    pub(super) fn missing(&self) -> impl Iterator<Item = (usize, Leaf)> {
        let missing = self.due.iter().filter(|(_, receiver)| *receiver == Receiver::Missing);
        missing.map(|(place, _)| (*place, self.on_page[*place]))
    }

    /// As if everybody who is due had a token account.
    pub(super) fn assume_accounts(&mut self) {
        for (_, receiver) in &mut self.due {
            if *receiver == Receiver::Missing {
                *receiver = Receiver::Open;
            }
        }
    }

    fn unpayable(&self) -> u64 {
        self.due.iter().filter(|(_, receiver)| *receiver != Receiver::Open).count() as u64
    }

    /// The runs in which somebody can be paid, and to how many.
    pub(super) fn payable(&self) -> Vec<u64> {
        self.runs(0).iter().map(|run| run.payable).collect()
    }

    /// A page is a multiple of the longest run, so no run crosses its end.
    fn runs(&self, page_index: u32) -> Vec<Run<'a>> {
        let starts = (0..self.on_page.len()).step_by(MAX_RUN_LEAVES);
        let runs = starts.zip(self.on_page.chunks(MAX_RUN_LEAVES)).map(|(from, members)| {
            let places = from..from + members.len();
            let payable = self
                .due
                .iter()
                .filter(|(place, receiver)| places.contains(place) && *receiver == Receiver::Open);
            let start = (page_index * MEMBERS_PER_PAGE..).nth(from).unwrap_or(u32::MAX);
            Run { start, members, payable: payable.count() as u64 }
        });
        runs.filter(|run| run.payable > 0).collect()
    }

    /// The token accounts of all who have one, paid or not: their places in a lookup table.
    pub(super) fn accounts(&self) -> Vec<Address> {
        let with_account = self.on_page.iter().filter(|leaf| leaf.token_account != [0; 32]);
        with_account.map(|leaf| Address::from(leaf.token_account)).collect()
    }
}

impl Run<'_> {
    fn summary(&self) -> ClaimSummary {
        ClaimSummary {
            transactions: 1,
            members: self.payable,
            unpayable: 0,
            members_per_transaction_max: self.members.len(),
        }
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
