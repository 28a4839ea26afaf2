//! Epochs closed over the real export, and what an attestation commits to.

use solana_address::Address;
use system_token_oracle::epoch::{ClosedEpoch, Ledger, Schedule};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::store::Store;
use system_token_test_databases::TestDatabase;

use crate::log::NOW_US;
use crate::real_export;
use crate::rule_books::{CONTRIBUTION, VERSION_1};

const MINT: Address = Address::new_from_array([9; 32]);

fn policy() -> Policy {
    Policy::parse(CONTRIBUTION).unwrap()
}

/// Closes the first epochs of the real export.
fn close(policy: &Policy, events: &[Event], epochs: u64) -> (Vec<ClosedEpoch>, Members) {
    let (schedule, mut ledger) = (Schedule::new(policy), Ledger::new(policy, MINT));
    let mut members = Members::default();
    let closed = (1..=epochs)
        .map(|epoch| {
            members.observe(schedule.events_of(events, epoch)).unwrap();
            ledger.close(policy, &members, events).unwrap()
        })
        .collect();
    (closed, members)
}

#[tokio::test]
async fn totals_never_decrease_and_add_up_over_the_real_year() {
    let events = real_export::events().await;
    for text in [VERSION_1, CONTRIBUTION] {
        adds_up(&Policy::parse(text).unwrap(), &events);
    }
}

fn adds_up(policy: &Policy, events: &[Event]) {
    let (closed, members) = close(policy, events, 71);
    let (mut paid, mut before) = (0, Vec::new());
    for epoch in &closed {
        paid += epoch.allocated();
        assert_eq!(epoch.tree.cumulative_total(), paid, "epoch {}", epoch.epoch);
        let totals: Vec<_> = epoch.leaves.iter().map(|leaf| leaf.cumulative_total).collect();
        assert!(before.iter().zip(&totals).all(|(before, now)| before <= now));
        assert!(epoch.allocated() <= policy.growth_limit());
        before = totals;
    }
    let budgets: u64 = closed.iter().map(|epoch| epoch.budget).sum();
    let carried: u64 = closed[70].pools.iter().map(|pool| pool.carried_out).sum();
    assert_eq!(paid + carried, budgets);
    assert_eq!(closed[70].leaves.len(), members.len() as usize);
}

#[tokio::test]
async fn the_store_keeps_what_was_closed_and_refuses_to_close_twice() {
    let (policy, events) = (policy(), real_export::events().await);
    let (closed, members) = close(&policy, &events, 20);
    let ended_us = Schedule::new(&policy).end_us(20);
    let until = events.partition_point(|event| event.at_us < ended_us);
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        store.update_members(NOW_US, |members| members.observe(&events[..until])).await.unwrap();
        for epoch in &closed {
            store.put_epoch(policy.rules(), epoch, &[7; 32]).await.unwrap();
        }
        assert!(store.has_epoch(20).await.unwrap() && !store.has_epoch(21).await.unwrap());
        let sums = store.get_sums().await.unwrap();
        assert_eq!(sums.epochs, 20);
        assert_eq!(sums.allocated, closed[19].tree.cumulative_total());
        assert_eq!(sums.budget, closed.iter().map(|epoch| epoch.budget).sum::<u64>());
        let carried = closed[19].pools.iter().map(|pool| pool.carried_out);
        assert_eq!(sums.carried, carried.sum::<u64>());
        assert_eq!(sums.allocated + sums.carried, sums.budget);

        // When the last epoch is written once more, it is refused and nothing is counted twice
        assert!(store.put_epoch(policy.rules(), &closed[19], &[7; 32]).await.is_err());
        assert_eq!(store.get_sums().await.unwrap(), sums);

        // Then the members come by what they earned, with the totals of the leaves
        let top = store.get_top_members(1_000).await.unwrap();
        assert!(top.is_sorted_by(|a, b| a.amount >= b.amount));
        for member in &top {
            let leaf = &closed[19].leaves[member.member_index as usize];
            assert_eq!(member.amount, leaf.cumulative_total, "{}", member.external_id);
            assert_eq!(members.find("posthog", &member.external_id), Some(member.member_index));
            let points = closed.iter().flat_map(|epoch| &epoch.weights.pools);
            let points = points.filter_map(|pool| pool.points.get(&member.member_index));
            assert_eq!(member.micro_points, points.sum::<u64>(), "{}", member.external_id);
        }
        let counted = closed.iter().flat_map(|epoch| &epoch.weights.contributions);
        let counted = counted.filter(|contribution| contribution.counted > 0).count() as u64;
        assert_eq!(top.iter().map(|member| member.contributions).sum::<u64>(), counted);
        assert_eq!(store.get_top_members(3).await.unwrap(), top[..3]);
    }
}

#[tokio::test]
async fn an_empty_store_has_empty_sums() {
    for database in TestDatabase::each() {
        let store = Store::open(database.url()).await.unwrap();
        assert_eq!(store.get_sums().await.unwrap(), Default::default());
        assert_eq!(store.get_top_members(10).await.unwrap(), []);
    }
}
