//! Of several processes on one database one acts, on SQLite and PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use solana_address::Address;
use system_token_oracle::clock::ManualClock;
use system_token_oracle::outbox::{Lease, LeaseError};
use system_token_oracle::store::{Allowance, Entered, OutboxEntry, Settlement, Store};
use system_token_test_databases::TestDatabase;

const MINT: Address = Address::new_from_array([7; 32]);
const SECOND: i64 = 1_000_000;

fn entry(signature: &str, purpose: &str, lamports: u64) -> OutboxEntry {
    OutboxEntry {
        signature: signature.to_owned(),
        mint: MINT.to_string(),
        epoch: 3,
        purpose: purpose.to_owned(),
        payer: String::new(),
        wire: String::new(),
        last_valid_block_height: 1,
        compute_units: 0,
        fee_lamports: 10,
        deposit_lamports: lamports - 10,
    }
}

#[tokio::test]
async fn one_holds_the_lease_until_it_runs_out_or_is_given_back() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        let name = MINT.to_string();
        let take = |holder: &'static str, now: i64, gone: bool| {
            let (store, name) = (store.clone(), name.clone());
            async move {
                let until = now + 30 * SECOND;
                let taken = store.take_lease(&name, holder, now, until, |_| gone).await.unwrap();
                taken.map(|held| held.holder)
            }
        };
        assert_eq!(take("one", 0, false).await, None);
        assert_eq!(take("two", SECOND, false).await, Some("one".to_owned()));
        // It renews, so the other one waits on
        assert_eq!(take("one", 20 * SECOND, false).await, None);
        assert_eq!(take("two", 40 * SECOND, false).await, Some("one".to_owned()));
        assert_eq!(take("two", 50 * SECOND, false).await, None);
        assert_eq!(take("one", 51 * SECOND, false).await, Some("two".to_owned()));
        // Whoever is known to be gone is not waited for
        assert_eq!(take("three", 52 * SECOND, true).await, None);
        store.release_lease(&name, "two").await.unwrap();
        assert_eq!(store.get_lease(&name).await.unwrap().unwrap().holder, "three");
        store.release_lease(&name, "three").await.unwrap();
        assert_eq!(store.get_lease(&name).await.unwrap(), None);
        assert_eq!(take("one", 53 * SECOND, false).await, None);
    }
}

#[tokio::test]
async fn only_the_holder_signs_and_only_within_the_budget() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        let name = MINT.to_string();
        let allowance = Allowance { epoch_lamports: 1_000, of_purpose: ("token_accounts", 300) };
        let put = |entry: OutboxEntry, holder: &'static str, now: i64| {
            let store = store.clone();
            async move { store.put_signed(&entry, &allowance, holder, now).await.unwrap() }
        };
        assert_eq!(put(entry("a", "claim", 100), "one", 0).await, Entered::LeaseLost);
        assert_eq!(store.take_lease(&name, "one", 0, SECOND, |_| false).await.unwrap(), None);
        assert_eq!(put(entry("a", "claim", 100), "two", 0).await, Entered::LeaseLost);
        assert_eq!(put(entry("a", "claim", 100), "one", SECOND).await, Entered::LeaseLost);
        assert_eq!(put(entry("a", "claim", 700), "one", 0).await, Entered::Yes);
        let over = Entered::OverBudget { spent: 700 };
        assert_eq!(put(entry("b", "claim", 301), "one", 0).await, over);
        assert_eq!(put(entry("b", "token_accounts", 200), "one", 0).await, Entered::Yes);
        // What failed left no deposit; what expired took nothing
        store.settle_signed("a", &Settlement::Failed("no".to_owned()), 5).await.unwrap();
        let over = Entered::OverPurpose { spent: 200 };
        assert_eq!(put(entry("c", "token_accounts", 101), "one", 0).await, over);
        store.settle_signed("b", &Settlement::Expired, 6).await.unwrap();
        assert_eq!(put(entry("c", "token_accounts", 300), "one", 0).await, Entered::Yes);
        // The same one again is one
        assert_eq!(put(entry("b", "claim", 100), "one", 0).await, Entered::Yes);
        assert_eq!(store.get_open_transactions(&name).await.unwrap().len(), 2);
        store.settle_signed("b", &Settlement::Expired, 6).await.unwrap();
        // What is settled stays so
        store.settle_signed("b", &Settlement::Succeeded, 7).await.unwrap();
        let sums = store.get_outbox_sums(&name, 3).await.unwrap();
        assert_eq!((sums.landed, sums.open, sums.expired, sums.lamports), (1, 1, 1, 310));
        let open = store.get_open_transactions(&name).await.unwrap();
        assert_eq!(open, [entry("c", "token_accounts", 300)]);
    }
}

#[tokio::test]
async fn of_many_that_begin_at_once_one_acts() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        let name = MINT.to_string();
        let takes = (0..20).map(|holder| {
            let (store, name) = (store.clone(), name.clone());
            tokio::spawn(async move {
                let holder = format!("holder {holder}");
                store.take_lease(&name, &holder, 0, SECOND, |_| false).await.unwrap()
            })
        });
        let taken = futures::future::join_all(takes).await;
        let winners = taken.into_iter().filter(|taken| taken.as_ref().unwrap().is_none());
        assert_eq!(winners.count(), 1);
    }
}

#[tokio::test]
async fn a_lease_names_its_holder_and_is_given_back() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    let clock = Arc::new(ManualClock::at(0));
    let until = 30 * SECOND;
    store.take_lease(&MINT.to_string(), "elsewhere 1 2", 0, until, |_| false).await.unwrap();
    let take = || Lease::take(&store, &MINT, Duration::from_secs(30), clock.clone());
    let error = take().await.unwrap_err();
    assert!(matches!(&error, LeaseError::Held { holder, .. } if holder == "elsewhere 1 2"));
    let said = "elsewhere 1 2 acts for this distribution until 1970-01-01T00:00:30Z";
    assert!(error.to_string().starts_with(said), "{error}");
    clock.set(until);
    let lease = take().await.unwrap();
    assert!(lease.is_held());
    lease.release().await.unwrap();
    assert_eq!(store.get_lease(&MINT.to_string()).await.unwrap(), None);
}
