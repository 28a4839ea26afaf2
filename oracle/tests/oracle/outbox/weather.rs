//! A cluster in all weather: requests fail, transactions are lost, doubled or delayed, answers are old or
//! lies, and the process that asks can end at any request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use solana_account::Account;
use solana_address::Address;
use solana_hash::Hash;
use solana_signature::Signature;
use solana_transaction::versioned::VersionedTransaction;
use std::sync::Mutex;
use system_token_chain::{
    Blockhash, Chain, ChainError, ChainTime, Cluster, DataFilter, EmbeddedChain, Fate, Receipt,
    Simulation,
};
use tokio::sync::Notify;

/// How likely what is, percent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    /// A request fails.
    pub(super) fails: u32,
    /// A transaction is lost on its way.
    pub(super) loses: u32,
    /// A transaction arrives, and the answer does not.
    pub(super) silences: u32,
    /// A transaction arrives twice.
    pub(super) doubles: u32,
    /// What became of a transaction is not known yet, though it is.
    pub(super) delays: u32,
    /// A transaction is said to have succeeded that never arrived.
    pub(super) lies: u32,
}

/// The chain that all processes see.
pub(super) struct Weather {
    chain: Arc<EmbeddedChain>,
    faults: Faults,
    random: Mutex<ChaCha8Rng>,
    requests: AtomicU64,
    /// The request at which the process ends.
    ends_at: u64,
    /// Told when it has.
    pub(super) ended: Arc<Notify>,
}

impl Weather {
    pub(super) fn new(chain: Arc<EmbeddedChain>, faults: Faults, seed: u64, ends_at: u64) -> Self {
        let random = Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        let (requests, ended) = (AtomicU64::new(0), Arc::default());
        Self { chain, faults, random, requests, ends_at, ended }
    }

    /// How many requests were made.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    fn happens(&self, percent: u32) -> bool {
        self.random.lock().unwrap().next_u32() % 100 < percent
    }

    /// Counts a request. At the last one the process is gone: nothing after it happens.
    async fn request(&self, what: &'static str) -> Result<(), ChainError> {
        if self.requests.fetch_add(1, Ordering::SeqCst) + 1 == self.ends_at {
            self.ended.notify_one();
            std::future::pending::<()>().await;
        }
        if self.happens(self.faults.fails) {
            return Err(ChainError::Stale { what, slot: 1, seen: 2 });
        }
        Ok(())
    }
}

impl Chain for Weather {
    async fn latest_blockhash(&self) -> Result<Hash, ChainError> {
        self.request("read the latest blockhash").await?;
        self.chain.latest_blockhash().await
    }

    async fn get_account(&self, address: &Address) -> Result<Option<Account>, ChainError> {
        self.request("read an account").await?;
        self.chain.get_account(address).await
    }

    async fn get_program_accounts(
        &self,
        program: &Address,
        filters: &[DataFilter],
    ) -> Result<Vec<(Address, Account)>, ChainError> {
        self.chain.get_program_accounts(program, filters).await
    }

    async fn time(&self) -> Result<ChainTime, ChainError> {
        self.request("read the time").await?;
        self.chain.time().await
    }

    async fn rent(&self, data_len: usize) -> Result<u64, ChainError> {
        self.chain.rent(data_len).await
    }

    async fn simulate(&self, transaction: &VersionedTransaction) -> Result<Simulation, ChainError> {
        self.request("simulate").await?;
        self.chain.simulate(transaction).await
    }

    async fn send(&self, _transaction: &VersionedTransaction) -> Result<Receipt, ChainError> {
        panic!("an outbox sends one step at a time");
    }
}

impl Cluster for Weather {
    async fn blockhash(&self) -> Result<Blockhash, ChainError> {
        self.request("read the latest blockhash").await?;
        self.chain.blockhash().await
    }

    async fn block_height(&self) -> Result<u64, ChainError> {
        self.request("read the height").await?;
        self.chain.block_height().await
    }

    async fn post(&self, transaction: &VersionedTransaction) -> Result<(), ChainError> {
        self.request("send").await?;
        if self.happens(self.faults.loses) {
            return Ok(());
        }
        self.chain.post(transaction).await?;
        if self.happens(self.faults.doubles) {
            self.chain.post(transaction).await?;
        }
        if self.happens(self.faults.silences) {
            return Err(ChainError::Stale { what: "send", slot: 1, seen: 2 });
        }
        Ok(())
    }

    async fn fate(&self, signature: &Signature) -> Result<Fate, ChainError> {
        self.request("read a fate").await?;
        let fate = self.chain.fate(signature).await?;
        if fate == Fate::Unknown && self.happens(self.faults.lies) {
            return Ok(Fate::Succeeded);
        }
        if fate != Fate::Unknown && self.happens(self.faults.delays) {
            return Ok(Fate::Pending);
        }
        Ok(fate)
    }

    async fn recent_prices(&self, accounts: &[Address]) -> Result<Vec<u64>, ChainError> {
        self.request("read prices").await?;
        self.chain.recent_prices(accounts).await
    }

    async fn wait_for_news(&self, _signature: &Signature, _at_most: Duration) {
        // Time goes on: a slot.
        let now = self.chain.time().await.unwrap().unix_timestamp;
        self.chain.warp_to(now);
    }
}
