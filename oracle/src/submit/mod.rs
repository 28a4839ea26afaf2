//! Brings a closed epoch to the chain and pays the members.
//!
//! Every transaction goes through one place, which keeps account of what was spent on what.

mod claims;
mod lookup_tables;
mod settle;
mod setup;
mod spending;
mod standing;

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::{Attestation, Hash};
use system_token_chain::{AddressLookupTableAccount, Chain, ChainError, Receipt, sign_transaction};
use system_token_interface::instructions::{self, OracleSignature};
use system_token_interface::{Distribution, distribution_address};

pub use claims::{ClaimSummary, page_count};
pub use setup::token_account_address;
pub use spending::{Purpose, Spending, Spent};
pub use standing::{Standing, read_distribution};

use lookup_tables::LookupTables;

/// Sends the transactions of one distribution, paid by one key.
pub struct Submitter<C> {
    chain: C,
    payer: Keypair,
    mint: Address,
    distribution: Address,
    lookup_tables: LookupTables,
    spending: Spending,
}

impl<C: Chain> Submitter<C> {
    /// For the distribution of a mint; the payer pays fees and rent.
    pub fn new(chain: C, payer: Keypair, mint: Address) -> Self {
        Self {
            chain,
            payer,
            mint,
            distribution: distribution_address(&mint).0,
            lookup_tables: LookupTables::default(),
            spending: Spending::default(),
        }
    }

    /// The chain it sends to.
    pub fn chain(&self) -> &C {
        &self.chain
    }

    /// Gives the chain back.
    pub fn into_chain(self) -> C {
        self.chain
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
        let payer = self.chain.get_account(&self.payer.pubkey()).await?;
        Ok(payer.map_or(0, |account| account.lamports))
    }

    /// What was spent so far.
    pub fn spending(&self) -> &Spending {
        &self.spending
    }

    /// The distribution as the chain has it.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`] before it is initialized.
    pub async fn distribution(&self) -> Result<Distribution, ChainError> {
        read_distribution(&self.chain, &self.distribution).await
    }

    /// Sends oracles' signatures over an epoch.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when the program refuses them.
    pub async fn attest(
        &mut self,
        attestation: &Attestation,
        signatures: &[OracleSignature],
    ) -> Result<Receipt, ChainError> {
        let attest = instructions::attest(&self.payer.pubkey(), attestation, signatures);
        self.send(Purpose::Attest, &attest, &[], &[]).await
    }

    /// Installs an attested epoch.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when the program refuses it, before the window is over above all.
    pub async fn finalize(&mut self, digest: &Hash) -> Result<Receipt, ChainError> {
        let finalize = instructions::finalize(&self.distribution, digest);
        self.send(Purpose::Finalize, &[finalize], &[], &[]).await
    }

    /// Signs, sends and accounts for one transaction.
    async fn send(
        &mut self,
        purpose: Purpose,
        instructions: &[Instruction],
        other_signers: &[&Keypair],
        lookup_tables: &[AddressLookupTableAccount],
    ) -> Result<Receipt, ChainError> {
        let signers = [&[&self.payer], other_signers].concat();
        let blockhash = self.chain.latest_blockhash().await?;
        let transaction = sign_transaction(&signers, instructions, lookup_tables, blockhash)?;
        let receipt = self.chain.send(&transaction).await?;
        self.spending.add(purpose, &receipt);
        Ok(receipt)
    }
}
