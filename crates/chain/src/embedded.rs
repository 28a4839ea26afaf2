//! A whole Solana cluster inside this process, for demos and tests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use litesvm::LiteSVM;
use solana_account::Account;
use solana_address::Address;
use solana_clock::Clock;
use solana_hash::Hash;
use solana_signature::Signature;
use solana_slot_hashes::SlotHashes;
use solana_transaction::versioned::VersionedTransaction;
use system_token_interface::PROGRAM_ID;

use crate::{
    Blockhash, Chain, ChainError, ChainTime, Cluster, DataFilter, Fate, Receipt, Simulation,
    transaction_bytes,
};

/// The program, as `scripts/build-program.sh` builds it.
pub const PROGRAM_ELF: &[u8] = include_bytes!("../artifact/system_token.so");

/// LiteSVM with the program deployed. Every transaction is a slot of its own; the time stands
/// still until [`EmbeddedChain::warp_to`] moves it.
pub struct EmbeddedChain {
    svm: Mutex<LiteSVM>,
}

impl EmbeddedChain {
    /// Starts a chain at a time, UTC seconds, with the program at its address.
    ///
    /// # Errors
    /// [`ChainError::Embedded`] when the program cannot be loaded.
    pub fn start(unix_timestamp: i64) -> Result<Self, ChainError> {
        let mut svm = LiteSVM::new();
        svm.add_program(PROGRAM_ID, PROGRAM_ELF)
            .map_err(|error| ChainError::Embedded(format!("the program does not load: {error}")))?;
        let chain = Self { svm: Mutex::new(svm) };
        chain.warp_to(unix_timestamp);
        Ok(chain)
    }

    /// Sets the clock that programs see, UTC seconds.
    pub fn warp_to(&self, unix_timestamp: i64) {
        let mut svm = self.svm();
        let clock = Clock { unix_timestamp, ..svm.get_sysvar() };
        svm.set_sysvar(&clock);
        next_slot(&mut svm);
    }

    /// Gives an address lamports out of nothing.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when the transfer fails.
    pub fn airdrop(&self, address: &Address, lamports: u64) -> Result<(), ChainError> {
        let mut svm = self.svm();
        svm.airdrop(address, lamports)
            .map_err(|failed| ChainError::Rejected { error: failed.err, logs: failed.meta.logs })?;
        next_slot(&mut svm);
        Ok(())
    }

    /// The virtual machine itself, for tests that set accounts or simulate.
    pub fn svm(&self) -> MutexGuard<'_, LiteSVM> {
        // A panic in another thread leaves whole transactions behind, never half of one.
        self.svm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Chain for EmbeddedChain {
    async fn latest_blockhash(&self) -> Result<Hash, ChainError> {
        Ok(self.svm().latest_blockhash())
    }

    async fn get_account(&self, address: &Address) -> Result<Option<Account>, ChainError> {
        Ok(self.svm().get_account(address))
    }

    async fn get_program_accounts(
        &self,
        program: &Address,
        filters: &[DataFilter],
    ) -> Result<Vec<(Address, Account)>, ChainError> {
        let mut accounts = self.svm().get_program_accounts(program);
        accounts.retain(|(_, account)| filters.iter().all(|filter| filter.matches(&account.data)));
        Ok(accounts)
    }

    async fn time(&self) -> Result<ChainTime, ChainError> {
        let Clock { slot, unix_timestamp, .. } = self.svm().get_sysvar();
        Ok(ChainTime { slot, unix_timestamp })
    }

    async fn rent(&self, data_len: usize) -> Result<u64, ChainError> {
        Ok(self.svm().minimum_balance_for_rent_exemption(data_len))
    }

    async fn simulate(&self, transaction: &VersionedTransaction) -> Result<Simulation, ChainError> {
        // Only a chain that never checks signatures can try a transaction without them.
        let svm = self.svm().clone().with_sigverify(false).with_blockhash_check(false);
        let (error, meta) = match svm.simulate_transaction(transaction.clone()) {
            Ok(simulated) => (None, simulated.meta),
            Err(failed) => (Some(failed.err), failed.meta),
        };
        Ok(Simulation {
            error,
            logs: meta.logs,
            compute_units: meta.compute_units_consumed,
            fee_lamports: meta.fee,
        })
    }

    async fn send(&self, transaction: &VersionedTransaction) -> Result<Receipt, ChainError> {
        let mut svm = self.svm();
        let result = svm.send_transaction(transaction.clone());
        next_slot(&mut svm);
        let sent = result
            .map_err(|failed| ChainError::Rejected { error: failed.err, logs: failed.meta.logs })?;
        Ok(Receipt {
            signature: sent.signature,
            compute_units: sent.compute_units_consumed,
            fee_lamports: sent.fee,
            bytes: transaction_bytes(transaction),
        })
    }
}

impl Cluster for EmbeddedChain {
    async fn blockhash(&self) -> Result<Blockhash, ChainError> {
        let svm = self.svm();
        let Clock { slot, .. } = svm.get_sysvar();
        Ok(Blockhash { hash: svm.latest_blockhash(), last_valid_block_height: slot })
    }

    async fn block_height(&self) -> Result<u64, ChainError> {
        Ok(self.time().await?.slot)
    }

    async fn post(&self, transaction: &VersionedTransaction) -> Result<(), ChainError> {
        let mut svm = self.svm();
        // What became of it is asked by its signature.
        let _ = svm.send_transaction(transaction.clone());
        next_slot(&mut svm);
        Ok(())
    }

    async fn fate(&self, signature: &Signature) -> Result<Fate, ChainError> {
        Ok(match self.svm().get_transaction(signature) {
            None => Fate::Unknown,
            Some(Ok(_)) => Fate::Succeeded,
            Some(Err(failed)) => Fate::Failed(failed.err.clone()),
        })
    }

    async fn recent_prices(&self, _accounts: &[Address]) -> Result<Vec<u64>, ChainError> {
        Ok(Vec::new())
    }

    async fn wait_for_news(&self, _signature: &Signature, _at_most: Duration) {}
}

/// Ends the slot: a new blockhash, and the slot's hash known to programs.
fn next_slot(svm: &mut LiteSVM) {
    let ended: Clock = svm.get_sysvar();
    svm.expire_blockhash();
    let hash = svm.latest_blockhash();
    svm.set_sysvar(&SlotHashes::new(&[(ended.slot, hash)]));
    svm.warp_to_slot(ended.slot + 1);
}
