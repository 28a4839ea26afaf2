//! How a transaction gets to the chain: at once, or through an outbox.

use std::error::Error;
use std::future::Future;

use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::{AddressLookupTableAccount, Chain, ChainError, Receipt, sign_transaction};

use super::Purpose;

/// What one transaction shall do.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// What it does.
    pub instructions: &'a [Instruction],
    /// Who signs beside the payer.
    pub other_signers: &'a [&'a Keypair],
    /// Where it finds accounts by their places.
    pub lookup_tables: &'a [AddressLookupTableAccount],
    /// Rent that the payer leaves in the accounts that it makes, lamports.
    pub deposit_lamports: u64,
}

/// Why a transaction did not do what it was ordered to.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The chain refused it, or cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The epoch's budget would be exceeded; nothing was signed.
    #[error(
        "epoch {epoch} has spent {spent} of its budget of {budget} lamports, and the next transaction may \
         take {needed}: nothing more is sent. Raise submit.epoch_lamports if that is right"
    )]
    Budget {
        /// The epoch.
        epoch: u64,
        /// What its transactions may take in all, lamports.
        budget: u64,
        /// What they took, or may still take, lamports.
        spent: u64,
        /// What the next one may take, lamports.
        needed: u64,
    },
    /// What members' token accounts may take in an epoch is spent; nothing was signed.
    #[error(
        "epoch {epoch} has spent {spent} of the {budget} lamports that members' token accounts may take: no \
         more are made. Raise submit.token_account_lamports if that is right"
    )]
    TokenAccounts {
        /// The epoch.
        epoch: u64,
        /// What token accounts may take, lamports.
        budget: u64,
        /// What they took, or may still take, lamports.
        spent: u64,
    },
    /// Another process acts now.
    #[error("the lease was lost: another process acts for this distribution now")]
    LeaseLost,
    /// What must be kept before a transaction is sent cannot be kept; nothing was sent.
    #[error("the outbox: {0}")]
    Outbox(Box<dyn Error + Send + Sync>),
}

impl SendError {
    /// Whether it may go by itself.
    pub fn is_later(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_later(),
            Self::LeaseLost => true,
            Self::Budget { .. } | Self::TokenAccounts { .. } | Self::Outbox(_) => false,
        }
    }

    /// The chain's own word, when it is that which failed.
    pub fn chain_error(&self) -> Option<&ChainError> {
        match self {
            Self::Chain(error) => Some(error),
            _ => None,
        }
    }
}

/// Sends transactions that one key pays for.
pub trait Sender: Send + Sync {
    /// The chain that it sends to.
    type Chain: Chain;

    /// The chain, to read from.
    fn chain(&self) -> &Self::Chain;

    /// Who pays.
    fn payer(&self) -> Address;

    /// Keeps the address of a page's lookup table, before the table is made.
    fn keep_lookup_table(
        &self,
        _page_index: u32,
        _table: &Address,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Signs a transaction, sends it, and waits until its result is certain.
    fn send(&self, order: Order<'_>) -> impl Future<Output = Result<Receipt, SendError>> + Send;
}

/// Signs and sends, and keeps nothing: for a chain of one's own.
pub struct Direct<C> {
    chain: C,
    payer: Keypair,
}

impl<C> Direct<C> {
    /// Sends to a chain; the key pays.
    pub fn new(chain: C, payer: Keypair) -> Self {
        Self { chain, payer }
    }

    /// Gives the chain back.
    pub fn into_chain(self) -> C {
        self.chain
    }
}

impl<C: Chain> Sender for Direct<C> {
    type Chain = C;

    fn chain(&self) -> &C {
        &self.chain
    }

    fn payer(&self) -> Address {
        self.payer.pubkey()
    }

    async fn send(&self, order: Order<'_>) -> Result<Receipt, SendError> {
        let signers = [&[&self.payer], order.other_signers].concat();
        let blockhash = self.chain.latest_blockhash().await?;
        let transaction =
            sign_transaction(&signers, order.instructions, order.lookup_tables, blockhash)?;
        Ok(self.chain.send(&transaction).await?)
    }
}
