//! A small community whose events come when they come.

use serde_json::{Value, json};
use solana_address::Address;
use system_token_oracle::epoch::{ClosedEpoch, Ledger, Schedule};
use system_token_oracle::identity::{Alias, MemberIndex, Members, Role};
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;

/// Its rules.
pub(super) const BOOK: &str = include_str!("../policies/small.toml");
/// Its members; the first one is a master.
pub(super) const PEOPLE: [&str; 5] = ["anna", "boris", "clara", "daniel", "elena"];
const MINT: Address = Address::new_from_array([9; 32]);
const HOUR_US: i64 = 60 * 60 * 1_000_000;

/// What somebody does at an hour of the community's life.
pub(super) fn event(hour: u32, actor: &str, name: &str, properties: Value) -> Event {
    let start_us = Schedule::new(&Policy::parse(BOOK).unwrap()).end_us(0);
    Event {
        at_us: start_us + i64::from(hour) * HOUR_US,
        source: "club".to_owned(),
        external_id: format!("{hour}:{actor}:{name}:{properties}"),
        name: name.to_owned(),
        actor: actor.to_owned(),
        properties: serde_json::from_value(properties).unwrap(),
    }
}

/// A work of somebody's.
pub(super) fn work(hour: u32, actor: &str, name: &str, artifact: &str) -> Event {
    event(hour, actor, name, json!({ "artifact": artifact }))
}

/// What anna finds a work to be worth.
pub(super) fn assessment(hour: u32, artifact: &str, score: u64) -> Event {
    event(hour, "anna", "artifact_assessed", json!({ "artifact": artifact, "score": score }))
}

/// The community, epoch after epoch.
pub(super) struct Community {
    pub(super) members: Members,
    pub(super) ledger: Ledger,
    /// What has come so far.
    pub(super) events: Vec<Event>,
    budgets: u64,
}

impl Community {
    pub(super) fn new(policy: &Policy) -> Self {
        let mut members = Members::default();
        for name in PEOPLE {
            members.add(Alias::new("club", name)).unwrap();
        }
        members.grant(0, Role::Master).unwrap();
        let ledger = Ledger::new(policy, MINT);
        Self { members, ledger, events: Vec::new(), budgets: 0 }
    }

    /// Closes the next epoch over what has come so far, and holds every law.
    pub(super) fn close(&mut self, policy: &Policy) -> ClosedEpoch {
        let before = self.ledger.totals().to_vec();
        let closed = self.ledger.close(policy, &self.members, &self.events).unwrap();
        let epoch = closed.epoch;
        // No total falls
        let totals = self.ledger.totals();
        assert!(before.iter().zip(totals).all(|(before, now)| before <= now), "epoch {epoch}");
        // What is paid, held and carried are the budgets
        self.budgets += closed.budget;
        let paid = closed.tree.cumulative_total();
        assert_eq!(totals.iter().sum::<u64>(), paid, "epoch {epoch}");
        let carried: u64 = self.ledger.carried().iter().sum();
        assert_eq!(paid + self.ledger.held() + carried, self.budgets, "epoch {epoch}");
        // So are each pool's share and what it had before
        let shares: u64 = closed.pools.iter().map(|pool| pool.share).sum();
        assert_eq!(shares, closed.budget, "epoch {epoch}");
        for pool in &closed.pools {
            let granted: u64 = pool.amounts.values().sum();
            assert_eq!(granted + pool.carried_out, pool.share + pool.carried_in, "epoch {epoch}");
        }
        closed
    }

    pub(super) fn total(&self, member: MemberIndex) -> u64 {
        self.ledger.totals()[member as usize]
    }
}

/// A member's points in a pool of a closed epoch.
pub(super) fn points(closed: &ClosedEpoch, pool: usize, member: MemberIndex) -> u64 {
    closed.weights.pools[pool].points.get(&member).copied().unwrap_or_default()
}
