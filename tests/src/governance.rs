//! Changes of a distribution as its admin makes them, and what they start from.

use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::{ChainError, Receipt};
use system_token_interface::Change;
use system_token_interface::instructions::{cancel_change, execute_change, queue_change};

use crate::world::{World, admin, default_args};

impl World {
    /// Starts a world whose mint had a supply before its distribution; the first member holds it.
    pub fn start_with_supply(members: usize, supply_base_units: u64) -> Self {
        let mut world = Self::with_mint();
        world.wallets = (0..members).map(|_| world.key()).collect();
        world.token_accounts = world.create_token_accounts(&world.wallets);
        world.mint_before_initialize(0, supply_base_units);
        world.initialize(&default_args(&world.oracles)).expect("the distribution is initialized");
        world
    }

    /// Queues a change as the admin.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn queue_change(&self, change: &Change) -> Result<Receipt, ChainError> {
        let admin = admin();
        let queue = queue_change(&admin.pubkey(), &self.distribution, change);
        self.send_with(&[&admin], &[queue], &[])
    }

    /// Executes the queued change, as anyone may.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn execute_change(&self) -> Result<Receipt, ChainError> {
        self.send(&[execute_change(&self.distribution)])
    }

    /// Cancels the queued change.
    ///
    /// # Errors
    /// What the chain says against it.
    pub fn cancel_change(&self, authority: &Keypair) -> Result<Receipt, ChainError> {
        let cancel = cancel_change(&authority.pubkey(), &self.distribution);
        self.send_with(&[authority], &[cancel], &[])
    }

    /// Moves the time on by the timelock in force.
    pub fn end_timelock(&self) {
        let seconds = self.distribution().timelock_seconds.get();
        self.warp(self.now() + i64::from(seconds));
    }

    /// Queues a change as the admin, lets its timelock end and executes it.
    pub fn enact(&self, change: &Change) {
        self.queue_change(change).expect("the change is queued");
        self.end_timelock();
        self.execute_change().expect("the change is executed");
    }
}
