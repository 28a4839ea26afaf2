//! Sends transactions so that a crash at any point loses nothing and pays nothing twice.
//!
//! ```text
//! tried → signed → written with its signature → sent, again and again → settled
//! ```
//!
//! What is written as signed may have been sent. So whoever starts settles first what is open: it landed,
//! or its blockhash has expired and it never will. Only then is anything signed anew.

mod lease;
mod price;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::StreamExt;
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use system_token_chain::{
    ChainError, Cluster, Fate, MAX_COMPUTE_UNITS, Receipt, compute_unit_limit, from_wire,
    sign_transaction, to_wire,
};
use system_token_interface::distribution_address;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::store::{Allowance, Entered, OutboxEntry, Settlement, Store, StoreError};
use crate::submit::{Order, Purpose, SendError, Sender};

pub use lease::{Lease, LeaseError};
pub use price::PriceSettings;

/// How often a transaction is signed anew when it does not land.
const ATTEMPTS: u32 = 6;
/// How often in a row a cluster may not answer before the rest is left to the next run.
const PATIENCE: u32 = 30;

/// How an outbox sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxSettings {
    /// What is paid for a compute unit.
    pub price: PriceSettings,
    /// What an epoch's transactions may take in all, fees and rent, lamports.
    pub epoch_lamports: u64,
    /// What members' token accounts may take of it, lamports.
    pub token_account_lamports: u64,
    /// Transactions on their way at once.
    pub at_once: usize,
    /// How long news of a transaction is waited for before it is sent again and asked for.
    pub poll_interval: Duration,
}

/// The outbox of one distribution: its payer's transactions, in SQL, each for the epoch that is worked on.
pub struct Outbox<C> {
    cluster: C,
    store: Store,
    payer: Keypair,
    mint: Address,
    epoch: AtomicU64,
    settings: OutboxSettings,
    lease: Arc<Lease>,
    clock: Arc<dyn Clock>,
    places: Semaphore,
}

/// What a transaction came to.
enum Outcome {
    Succeeded,
    Failed(ChainError),
    Expired,
}

impl From<StoreError> for SendError {
    fn from(error: StoreError) -> Self {
        Self::Outbox(Box::new(error))
    }
}

impl<C: Cluster> Outbox<C> {
    /// For a mint's distribution, while the lease is held; say next which epoch is worked on.
    pub fn new(
        cluster: C,
        payer: Keypair,
        mint: Address,
        settings: OutboxSettings,
        (store, lease, clock): (Store, Arc<Lease>, Arc<dyn Clock>),
    ) -> Self {
        let places = Semaphore::new(settings.at_once.max(1));
        let epoch = AtomicU64::new(0);
        Self { cluster, store, payer, mint, epoch, settings, lease, clock, places }
    }

    /// From now on transactions are for this epoch, and its budget pays for them.
    pub fn work_on(&self, epoch: u64) {
        self.epoch.store(epoch, Ordering::SeqCst);
    }

    /// The lease under which it signs.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Settles what was on its way when another process ended: it landed, or it never will.
    ///
    /// # Errors
    /// [`SendError`] when the cluster does not say what became of one.
    pub async fn recover(&self) -> Result<usize, SendError> {
        let open = self.store.get_open_transactions(&self.mint.to_string()).await?;
        let count = open.len();
        let settled = open.into_iter().map(|entry| async move { self.settle(&entry).await });
        let mut settled =
            futures::stream::iter(settled).buffer_unordered(self.settings.at_once.max(1));
        let mut first = None;
        while let Some(outcome) = settled.next().await {
            first = first.or(outcome.err());
        }
        first.map_or(Ok(count), Err)
    }

    /// Tries a transaction, signs it, writes it down, and sends it until its fate is certain.
    async fn attempt(
        &self,
        order: &Order<'_>,
        attempt: u32,
    ) -> Result<(Receipt, Outcome), SendError> {
        let price = self.price(attempt).await?;
        let entry = self.sign(order, price).await?;
        let needed = entry.fee_lamports.saturating_add(entry.deposit_lamports);
        let (epoch, budget) = (entry.epoch, self.settings.epoch_lamports);
        let own = self.settings.token_account_lamports;
        let of_purpose = (Purpose::TokenAccounts.name(), own);
        let allowance = Allowance { epoch_lamports: budget, of_purpose };
        let now_us = self.clock.now_us();
        match self.store.put_signed(&entry, &allowance, self.lease.holder(), now_us).await? {
            Entered::Yes => {}
            Entered::LeaseLost => return Err(SendError::LeaseLost),
            Entered::OverBudget { spent } => {
                return Err(SendError::Budget { epoch, budget, spent, needed });
            }
            Entered::OverPurpose { spent } => {
                return Err(SendError::TokenAccounts { epoch, budget: own, spent });
            }
        }
        let outcome = self.settle(&entry).await?;
        let receipt = Receipt {
            signature: entry.signature.parse().unwrap_or_default(),
            compute_units: entry.compute_units,
            fee_lamports: entry.fee_lamports,
            bytes: BASE64_STANDARD.decode(&entry.wire).map_or(0, |wire| wire.len()),
        };
        Ok((receipt, outcome))
    }

    /// A transaction with what it needs of compute units, tried and signed.
    async fn sign(&self, order: &Order<'_>, price: u64) -> Result<OutboxEntry, SendError> {
        let signers = [&[&self.payer], order.other_signers].concat();
        let blockhash = self.cluster.blockhash().await?;
        let with_limit = |limit: u32| {
            let mut instructions = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
            if price > 0 {
                instructions.push(ComputeBudgetInstruction::set_compute_unit_price(price));
            }
            instructions.extend_from_slice(order.instructions);
            sign_transaction(&signers, &instructions, order.lookup_tables, blockhash.hash)
        };
        let tried = self.cluster.simulate(&with_limit(MAX_COMPUTE_UNITS)?).await?;
        if let Some(error) = tried.error {
            return Err(ChainError::Rejected { error, logs: tried.logs }.into());
        }
        let limit = compute_unit_limit(tried.compute_units);
        let transaction = with_limit(limit)?;
        Ok(OutboxEntry {
            signature: transaction.signatures.first().map(Signature::to_string).unwrap_or_default(),
            mint: self.mint.to_string(),
            epoch: self.epoch.load(Ordering::SeqCst),
            purpose: order.purpose.name().to_owned(),
            payer: self.payer.pubkey().to_string(),
            wire: BASE64_STANDARD.encode(to_wire(&transaction)),
            last_valid_block_height: blockhash.last_valid_block_height,
            compute_units: tried.compute_units,
            fee_lamports: price::fee(&transaction, order.instructions, price, limit),
            deposit_lamports: order.deposit_lamports,
        })
    }

    /// Sends a written transaction until its fate is certain, and writes that down.
    async fn settle(&self, entry: &OutboxEntry) -> Result<Outcome, SendError> {
        let outcome = self.watch(entry).await?;
        let (settlement, outcome_name) = match &outcome {
            Outcome::Succeeded => (Settlement::Succeeded, "succeeded"),
            Outcome::Failed(error) => (Settlement::Failed(error.to_string()), "failed"),
            Outcome::Expired => (Settlement::Expired, "expired"),
        };
        self.store.settle_signed(&entry.signature, &settlement, self.clock.now_us()).await?;
        tracing::info!(
            signature = entry.signature,
            purpose = entry.purpose,
            epoch = entry.epoch,
            outcome = outcome_name,
            "a transaction is settled"
        );
        Ok(outcome)
    }

    async fn watch(&self, entry: &OutboxEntry) -> Result<Outcome, SendError> {
        let damaged = |problem: &str| {
            let problem = format!("{}: {problem}", entry.signature);
            SendError::from(StoreError::Row { table: "outbox", problem })
        };
        let wire = BASE64_STANDARD.decode(&entry.wire);
        let wire = wire.map_err(|_| damaged("the transaction is not base64"))?;
        let transaction = from_wire(&wire).ok_or_else(|| damaged("it is no transaction"))?;
        let signature: Signature =
            entry.signature.parse().map_err(|_| damaged("it is no signature"))?;
        let (mut unanswered, mut landed) = (0, false);
        loop {
            match self.step(entry, &transaction, &signature, &mut landed).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => unanswered = 0,
                Err(error) if unanswered < PATIENCE => {
                    unanswered += 1;
                    tracing::warn!(%error, signature = entry.signature, "asking again");
                }
                Err(error) => {
                    let source = Box::new(error);
                    return Err(ChainError::Unconfirmed { signature, source }.into());
                }
            }
            self.cluster.wait_for_news(&signature, self.settings.poll_interval).await;
        }
    }

    /// Sends it once more, unless it has landed, and asks what became of it.
    async fn step(
        &self,
        entry: &OutboxEntry,
        transaction: &VersionedTransaction,
        signature: &Signature,
        landed: &mut bool,
    ) -> Result<Option<Outcome>, ChainError> {
        // The height first: what is not there after it was read can never land.
        let height = self.cluster.block_height().await?;
        let is_over = height > entry.last_valid_block_height;
        if !is_over
            && !*landed
            && let Err(error) = self.cluster.post(transaction).await
        {
            // It may have arrived all the same.
            tracing::debug!(%error, signature = entry.signature, "no node says that it took it");
        }
        let fate = self.cluster.fate(signature).await?;
        *landed = fate == Fate::Pending;
        match fate {
            Fate::Succeeded => Ok(Some(Outcome::Succeeded)),
            Fate::Failed(error) => {
                Ok(Some(Outcome::Failed(ChainError::Rejected { error, logs: Vec::new() })))
            }
            Fate::Unknown if is_over => Ok(Some(Outcome::Expired)),
            // The last block that can hold it is certain: so is what is in it.
            Fate::Pending | Fate::Disputed if is_over => Err(ChainError::Disputed),
            Fate::Unknown | Fate::Pending | Fate::Disputed => Ok(None),
        }
    }

    async fn price(&self, attempt: u32) -> Result<u64, ChainError> {
        let accounts = [distribution_address(&self.mint).0, self.mint];
        let recent = self.cluster.recent_prices(&accounts).await?;
        Ok(self.settings.price.choose(&recent, attempt))
    }
}

impl<C: Cluster> Sender for Outbox<C> {
    type Chain = C;

    fn chain(&self) -> &C {
        &self.cluster
    }

    fn payer(&self) -> Address {
        self.payer.pubkey()
    }

    async fn keep_lookup_table(&self, page_index: u32, table: &Address) -> Result<(), SendError> {
        let now_us = self.clock.now_us();
        Ok(self.store.put_lookup_table(&self.mint, page_index, table, now_us).await?)
    }

    async fn send(&self, order: Order<'_>) -> Result<Receipt, SendError> {
        // Nobody closes it.
        let _place = self.places.acquire().await;
        let mut signature = Signature::default();
        for attempt in 0..ATTEMPTS {
            let (receipt, outcome) = self.attempt(&order, attempt).await?;
            match outcome {
                Outcome::Succeeded => return Ok(receipt),
                Outcome::Failed(error) => return Err(error.into()),
                Outcome::Expired => signature = receipt.signature,
            }
            tracing::warn!(%signature, attempt, "it expired and is signed anew, at a higher price");
        }
        let source = Box::new(ChainError::Unlanded(ATTEMPTS));
        Err(ChainError::Unconfirmed { signature, source }.into())
    }
}
