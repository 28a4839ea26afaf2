//! Brings a closed epoch to the chain and pays the members.
//!
//! Every transaction goes through one place, which keeps account of what was spent on what.

mod claims;
mod lookup_tables;
mod plan;
mod proposals;
mod sender;
mod settle;
mod setup;
mod spending;
mod standing;
mod token_accounts;

use std::sync::{Mutex, MutexGuard, PoisonError};

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use system_token_attestation::{Attestation, Hash};
use system_token_chain::{AddressLookupTableAccount, Chain, ChainError, Receipt};
use system_token_interface::instructions::{self, OracleSignature};
use system_token_interface::{Distribution, Proposal, distribution_address, proposal_address};

pub use claims::{ClaimSummary, page_count};
pub use lookup_tables::ReleaseSummary;
pub use plan::ClaimPlan;
#[cfg(feature = "store")]
pub(crate) use plan::LAMPORTS_PER_SIGNATURE;
pub use sender::{Direct, Order, SendError, Sender};
pub use setup::token_account_address;
pub use spending::{Purpose, Spending, Spent};
pub use standing::{Standing, read_distribution};

use lookup_tables::LookupTables;

/// Sends the transactions of one distribution, paid by one key.
pub struct Submitter<S> {
    sender: S,
    mint: Address,
    distribution: Address,
    lookup_tables: Mutex<LookupTables>,
    spending: Mutex<Spending>,
    /// Members' wallets, by index, where token accounts are made for those who have none.
    wallets: Vec<Option<Address>>,
    /// How many transactions may be on their way.
    at_once: usize,
}

impl<C: Chain> Submitter<Direct<C>> {
    /// For the distribution of a mint, straight to a chain; the payer pays fees and rent.
    pub fn new(chain: C, payer: Keypair, mint: Address) -> Self {
        Self::with(Direct::new(chain, payer), mint)
    }

    /// Gives the chain back.
    pub fn into_chain(self) -> C {
        self.sender.into_chain()
    }
}

impl<S: Sender> Submitter<S> {
    /// For the distribution of a mint, by whatever sends.
    pub fn with(sender: S, mint: Address) -> Self {
        Self {
            sender,
            mint,
            distribution: distribution_address(&mint).0,
            lookup_tables: Mutex::default(),
            spending: Mutex::default(),
            wallets: Vec::new(),
            at_once: 1,
        }
    }

    /// Has so many transactions on their way at once.
    #[must_use]
    pub fn at_once(mut self, transactions: usize) -> Self {
        self.at_once = transactions.max(1);
        self
    }

    /// Makes token accounts for members who are due and have none: their wallets, by index.
    pub fn make_token_accounts(&mut self, wallets: Vec<Option<Address>>) {
        self.wallets = wallets;
    }

    /// What sends its transactions.
    pub fn sender(&self) -> &S {
        &self.sender
    }

    /// The chain it sends to.
    pub fn chain(&self) -> &S::Chain {
        self.sender.chain()
    }

    /// The distribution's address.
    pub fn distribution_address(&self) -> Address {
        self.distribution
    }

    /// What the payer has, lamports.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be read.
    pub async fn payer_lamports(&self) -> Result<u64, ChainError> {
        let payer = self.chain().get_account(&self.sender.payer()).await?;
        Ok(payer.map_or(0, |account| account.lamports))
    }

    /// What was spent so far.
    pub fn spending(&self) -> Spending {
        locked(&self.spending).clone()
    }

    /// The distribution as the chain has it.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`] before it is initialized.
    pub async fn distribution(&self) -> Result<Distribution, ChainError> {
        read_distribution(self.chain(), &self.distribution).await
    }

    /// Sends oracles' signatures over an epoch.
    ///
    /// # Errors
    /// [`SendError::Chain`] when the program refuses them.
    pub async fn attest(
        &self,
        attestation: &Attestation,
        signatures: &[OracleSignature],
    ) -> Result<Receipt, SendError> {
        let attest = instructions::attest(&self.sender.payer(), attestation, signatures);
        let proposal = proposal_address(&self.distribution, &attestation.digest()).0;
        let deposit = match self.chain().get_account(&proposal).await? {
            Some(_) => 0,
            None => self.chain().rent(Proposal::ACCOUNT_LEN).await?,
        };
        self.send_with_deposit(Purpose::Attest, &attest, deposit).await
    }

    /// Installs an attested epoch.
    ///
    /// # Errors
    /// [`SendError::Chain`] when the program refuses it, before the window is over above all.
    pub async fn finalize(&self, digest: &Hash) -> Result<Receipt, SendError> {
        let finalize = instructions::finalize(&self.distribution, digest);
        self.send(Purpose::Finalize, &[finalize], &[], &[]).await
    }

    async fn send(
        &self,
        purpose: Purpose,
        instructions: &[Instruction],
        other_signers: &[&Keypair],
        lookup_tables: &[AddressLookupTableAccount],
    ) -> Result<Receipt, SendError> {
        let deposit_lamports = 0;
        self.order(Order { purpose, instructions, other_signers, lookup_tables, deposit_lamports })
            .await
    }

    /// Sends what makes or enlarges accounts.
    async fn send_with_deposit(
        &self,
        purpose: Purpose,
        instructions: &[Instruction],
        deposit_lamports: u64,
    ) -> Result<Receipt, SendError> {
        let (other_signers, lookup_tables) = (&[][..], &[][..]);
        self.order(Order { purpose, instructions, other_signers, lookup_tables, deposit_lamports })
            .await
    }

    /// Sends and accounts for one transaction.
    async fn order(&self, order: Order<'_>) -> Result<Receipt, SendError> {
        let receipt = self.sender.send(order).await?;
        locked(&self.spending).add(order.purpose, &receipt);
        Ok(receipt)
    }
}

/// What a lock keeps. A panic elsewhere leaves whole entries behind, never half of one.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
