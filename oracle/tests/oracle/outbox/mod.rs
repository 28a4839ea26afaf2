//! Members are paid in all weather, whenever the process that pays ends: all, once, within the budget.

mod budget;
mod leases;
mod weather;

use std::sync::Arc;
use std::time::Duration;

use solana_address::Address;
use solana_signer::Signer;
use system_token_attestation::{Attestation, Leaf, Tree};
use system_token_chain::{Chain, EmbeddedChain, get_balance, get_supply};
use system_token_interface::PROGRAM_ID;
use system_token_interface::instructions::OracleSignature;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::epoch::LocalKey;
use system_token_oracle::outbox::{Lease, Outbox, OutboxSettings, PriceSettings};
use system_token_oracle::store::Store;
use system_token_oracle::submit::{SendError, Standing, Submitter};

use crate::distribution::{MINT, PAYER, START_AT, WEEK, founded, key};
use weather::{Faults, Weather};

const MEMBERS: u8 = 40;
/// More than an epoch takes here, lamports.
const ENOUGH: u64 = 200_000_000;

/// A community whose first epoch is closed and signed, its chain, and the oracle's database.
struct Town {
    chain: Arc<EmbeddedChain>,
    store: Store,
    leaves: Vec<Leaf>,
    tree: Tree,
    settings: OutboxSettings,
}

impl Town {
    async fn new() -> Self {
        let (setup, leaves) = founded(MEMBERS).await;
        let chain = setup.into_chain();
        chain.warp_to(START_AT + WEEK + 1);
        Self {
            chain: Arc::new(chain),
            store: Store::open("sqlite::memory:").await.unwrap(),
            tree: Tree::new(&leaves).unwrap(),
            leaves,
            settings: OutboxSettings {
                price: PriceSettings { floor: 1_000, cap: 100_000 },
                epoch_lamports: ENOUGH,
                token_account_lamports: 0,
                at_once: 1,
                poll_interval: Duration::ZERO,
            },
        }
    }

    fn mint(&self) -> Address {
        key(MINT).pubkey()
    }

    /// What a process that starts now sends with.
    async fn start(&self, weather: Weather) -> Submitter<Outbox<Weather>> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let minute = Duration::from_secs(60);
        let lease = Lease::take(&self.store, &self.mint(), minute, clock.clone()).await.unwrap();
        let of_database = (self.store.clone(), Arc::new(lease), clock);
        let settings = self.settings.clone();
        let outbox = Outbox::new(weather, key(PAYER), self.mint(), settings, of_database);
        outbox.work_on(1);
        Submitter::with(outbox, self.mint())
    }

    async fn payer_lamports(&self) -> u64 {
        self.chain.get_account(&key(PAYER).pubkey()).await.unwrap().unwrap().lamports
    }

    fn attestation(&self) -> Attestation {
        Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: system_token_interface::distribution_address(&self.mint()).0.to_bytes(),
            epoch: 1,
            oracle_set_version: 1,
            leaf_count: self.tree.leaf_count(),
            root: self.tree.root(),
            cumulative_total: self.tree.cumulative_total(),
            bundle_hash: [9; 32],
        }
    }

    /// What an oracle does at every start: settles what is open, submits, and pays.
    async fn run(&self, submitter: &Submitter<Outbox<Weather>>) -> Result<Standing, SendError> {
        submitter.sender().recover().await?;
        for (page, table) in self.store.get_lookup_tables(&self.mint()).await.unwrap() {
            submitter.reuse_lookup_table(page, table).await?;
        }
        let attestation = self.attestation();
        let sign = |seed: u8| LocalKey::new(key(seed)).sign(&attestation);
        let signatures: Vec<OracleSignature> = [1, 2].map(sign).to_vec();
        let mut standing = submitter.settle(&attestation, &signatures).await?;
        if let Standing::Challenge { until } = standing {
            self.chain.warp_to(until);
            standing = submitter.settle(&attestation, &signatures).await?;
        }
        if standing == Standing::Finalized {
            submitter.claim(&self.tree, &self.leaves).await?;
        }
        Ok(standing)
    }

    /// Everybody has what is theirs, and what it took is what the outbox says.
    async fn assert_paid(&self, before: u64) {
        for leaf in &self.leaves {
            let account = Address::from(leaf.token_account);
            let balance = get_balance(&*self.chain, &account).await.unwrap();
            assert_eq!(balance, leaf.cumulative_total);
        }
        let supply = get_supply(&*self.chain, &self.mint()).await.unwrap();
        assert_eq!(supply, self.tree.cumulative_total());
        let sums = self.store.get_outbox_sums(&self.mint().to_string(), 1).await.unwrap();
        assert_eq!(sums.open, 0, "{sums:?}");
        // The proposal's rent, which came back, is the only difference.
        let spent = before - self.payer_lamports().await;
        assert!(spent <= sums.lamports, "{spent} of {sums:?}");
        assert!(sums.lamports <= self.settings.epoch_lamports, "{sums:?}");
    }
}

/// Runs until everybody is paid; each process ends at its request of that number. Gives how many began.
async fn pay_in(town: &Town, faults: Faults, seed: u64, ends_at: impl Fn(u64) -> u64) -> u64 {
    let mut last = None;
    for process in 0..100 {
        let weather = Weather::new(town.chain.clone(), faults, seed + process, ends_at(process));
        let ended = weather.ended.clone();
        let submitter = town.start(weather).await;
        tokio::select! {
            done = town.run(&submitter) => match done {
                Ok(Standing::Finalized) => return process + 1,
                Ok(other) => panic!("{other:?}"),
                Err(error) => {
                    assert!(error.is_later(), "{error}");
                    last = Some(error);
                }
            },
            () = ended.notified() => {}
        }
    }
    panic!("it was never paid; the last error was {last:?}");
}

#[tokio::test]
async fn in_fair_weather_it_takes_one_process_and_every_transaction_lands() {
    let town = Town::new().await;
    let before = town.payer_lamports().await;
    assert_eq!(pay_in(&town, Faults::default(), 0, |_| u64::MAX).await, 1);
    town.assert_paid(before).await;
    let sums = town.store.get_outbox_sums(&town.mint().to_string(), 1).await.unwrap();
    // Attest, finalize, page, table with 40 addresses in two parts, two claims
    assert_eq!((sums.landed, sums.expired), (8, 0));
    // Once more sends nothing
    pay_in(&town, Faults::default(), 1, |_| u64::MAX).await;
    let again = town.store.get_outbox_sums(&town.mint().to_string(), 1).await.unwrap();
    assert_eq!(again, sums);
}

#[tokio::test]
async fn the_process_may_end_at_every_request() {
    let town = Town::new().await;
    let weather = Weather::new(town.chain.clone(), Faults::default(), 0, u64::MAX);
    let submitter = town.start(weather).await;
    town.run(&submitter).await.unwrap();
    let requests = submitter.chain().requests();
    assert!(requests > 60, "{requests}");
    for ends_at in 1..=requests {
        let town = Town::new().await;
        let before = town.payer_lamports().await;
        let first = |process| if process == 0 { ends_at } else { u64::MAX };
        assert_eq!(pay_in(&town, Faults::default(), 0, first).await, 2, "ended at {ends_at}");
        town.assert_paid(before).await;
    }
}

#[tokio::test]
async fn in_all_weather_with_processes_that_end_all_are_paid_once() {
    let foul = Faults { fails: 4, loses: 25, silences: 20, doubles: 20, delays: 20, lies: 0 };
    for seed in 0..60 {
        let town = Town::new().await;
        let before = town.payer_lamports().await;
        // Sooner or later, and later from process to process
        let ends_at = |process: u64| 20 + 15 * process + (seed * 37 + process * 11) % 90;
        pay_in(&town, foul, seed * 1_000, ends_at).await;
        town.assert_paid(before).await;
    }
}

#[tokio::test]
async fn a_node_that_lies_about_success_is_found_out_by_the_ledger() {
    let lying = Faults { loses: 50, lies: 50, ..Faults::default() };
    for seed in 0..20 {
        let town = Town::new().await;
        let before = town.payer_lamports().await;
        for round in 0..40 {
            let weather = Weather::new(town.chain.clone(), lying, seed * 100 + round, u64::MAX);
            let submitter = town.start(weather).await;
            // What is built on a lie fails, and what is left is done by the next round
            if let Err(error) = town.run(&submitter).await {
                assert!(error.is_later() || error.chain_error().is_some(), "{error}");
            }
        }
        let weather = Weather::new(town.chain.clone(), Faults::default(), seed, u64::MAX);
        let submitter = town.start(weather).await;
        town.run(&submitter).await.unwrap();
        town.assert_paid(before).await;
    }
}
