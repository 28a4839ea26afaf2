//! Rewards that are held before they are paid: they mature, or are cancelled and return to their pool.

use serde_json::{Value, json};
use solana_address::Address;
use system_token_oracle::epoch::{ClosedEpoch, Ledger};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;

use crate::rule_books::policy;

const STK_V3: &str = include_str!("../../../examples/policies/stk-v3.toml");
const LEARNING: &str = include_str!("../../../examples/policies/learning-community.toml");
/// Monday, 2026-01-05, for both rule books.
const START: i64 = 1_767_571_200;
const DAY: i64 = 86_400;
const STK: u64 = 1_000_000;

fn event(day: i64, actor: &str, name: &str, properties: Value) -> Event {
    Event {
        at_us: (START + day * DAY) * 1_000_000,
        source: "lms".to_owned(),
        external_id: format!("{day:06}-{actor}-{name}"),
        name: name.to_owned(),
        actor: actor.to_owned(),
        properties: serde_json::from_value(properties).unwrap(),
    }
}

/// Closes so many epochs; after each Σ budgets = Σ paid + held + carried.
fn close(policy: &Policy, events: &[Event], epochs: u64) -> (Vec<ClosedEpoch>, Ledger, Members) {
    let mut members = Members::default();
    members.observe(events).unwrap();
    let mut ledger = Ledger::new(policy, Address::default());
    let mut budgets = 0;
    let closed = (1..=epochs).map(|_| {
        let closed = ledger.close(policy, &members, events).unwrap();
        budgets += closed.budget;
        let paid: u64 = ledger.totals().iter().sum();
        let left = ledger.held() + ledger.carried().iter().sum::<u64>();
        assert_eq!(paid + left, budgets, "epoch {}", closed.epoch);
        closed
    });
    let closed: Vec<_> = closed.collect();
    (closed, ledger, members)
}

fn review() -> Event {
    let properties = json!({ "artifact": "r", "target": "t", "target_author": "b" });
    event(1, "a", "review_submitted", properties)
}

fn withdrawn(day: i64) -> Event {
    event(day, "a", "artifact_withdrawn", json!({ "artifact": "r" }))
}

#[test]
fn a_reward_is_paid_when_its_holding_period_is_over() {
    let (closed, ledger, _) = close(&policy(STK_V3), &[review()], 6);
    assert_eq!(closed[0].allocated(), 100 * STK);
    assert_eq!(closed[0].held.iter().map(|held| held.amount).sum::<u64>(), 100 * STK);
    // Day 1 + 30 is in the fifth week
    let totals: Vec<u64> = closed.iter().map(|epoch| epoch.leaves[0].cumulative_total).collect();
    assert_eq!(totals, [0, 0, 0, 0, 100 * STK, 100 * STK]);
    assert_eq!((closed[4].matured.len(), ledger.held()), (1, 0));
}

#[test]
fn what_is_withdrawn_meanwhile_returns_to_its_pool_and_is_not_owed_too() {
    for book in [STK_V3, LEARNING] {
        let policy = policy(book);
        let events = [review(), withdrawn(15)];
        let (closed, ledger, members) = close(&policy, &events, 6);
        let reviewer = members.find("lms", "a").unwrap() as usize;
        let held: u64 = closed[0].held.iter().map(|held| held.amount).sum();
        assert!(held > 0);
        assert_eq!(closed[2].cancelled.iter().map(|held| held.amount).sum::<u64>(), held);
        assert_eq!(closed[5].leaves[reviewer].cumulative_total, 0);
        assert_eq!(ledger.held(), 0);
        // What was cancelled is there again, beside what the week before carried
        let carried =
            |epoch: &ClosedEpoch| -> u64 { epoch.pools.iter().map(|pool| pool.carried_out).sum() };
        let carried_in: u64 = closed[2].pools.iter().map(|pool| pool.carried_in).sum();
        assert_eq!(carried_in, carried(&closed[1]) + held);
        let owed = closed.iter().flat_map(|epoch| &epoch.weights.pools).map(|pool| pool.owed.len());
        assert_eq!(owed.sum::<usize>(), 0);
    }
}

#[test]
fn what_is_withdrawn_after_it_was_paid_stays_paid() {
    let (closed, ..) = close(&policy(STK_V3), &[review(), withdrawn(37)], 7);
    assert_eq!(closed[6].leaves[0].cumulative_total, 100 * STK);
}

#[test]
fn what_is_withdrawn_in_its_own_week_earns_nothing() {
    let (closed, ..) = close(&policy(STK_V3), &[review(), withdrawn(2)], 6);
    assert!(closed.iter().all(|epoch| epoch.allocated() == 0 && epoch.held.is_empty()));
}

#[test]
fn nobody_else_can_cancel_a_reward() {
    let stranger = event(15, "c", "artifact_withdrawn", json!({ "artifact": "r" }));
    let (closed, _, members) = close(&policy(STK_V3), &[review(), stranger], 6);
    let reviewer = members.find("lms", "a").unwrap() as usize;
    assert_eq!(closed[5].leaves[reviewer].cumulative_total, 100 * STK);
}

#[test]
fn what_matures_waits_when_an_epoch_would_pay_more_than_the_chain_lets_it() {
    // Given two projects of a budget's worth each that mature in one week, and a week's budget spent
    let small = STK_V3.replace("budget = 9_589_041", "budget = 1_000");
    let project = |day: i64, who: &str| {
        event(day, who, "project_completed", json!({ "artifact": format!("{who}{day}") }))
    };
    let mut events = vec![project(5, "a"), project(8, "b")];
    events.push(event(65, "c", "topic_created", json!({})));
    events.sort_by_key(|event| event.at_us);
    let policy = policy(&small);
    let (closed, ..) = close(&policy, &events, 12);
    let paid: Vec<u64> = closed
        .iter()
        .scan(0, |before, epoch| {
            let total = epoch.tree.cumulative_total();
            Some(total - std::mem::replace(before, total))
        })
        .collect();
    assert!(paid.iter().all(|paid| *paid <= policy.growth_limit()), "{paid:?}");
    // The tenth week pays for a topic, and of the projects what the limit leaves
    assert_eq!(paid[9..], [1_000, 1_000, 200].map(|paid| paid * STK));
}
