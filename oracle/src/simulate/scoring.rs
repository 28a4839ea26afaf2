//! Three ways to share the same budgets among the same people: ours, counting, and CredRank.
//!
//! reward(i) = Σ over epochs of budget × what the way gives i of the epoch, ours with all that a rule
//! book does

use std::collections::BTreeMap;

use solana_address::Address;

use super::counting::share_by_count;
use super::credrank::{Cred, CredGraph, CredRankError, Parameters, credrank};
use crate::allocation::split;
use crate::epoch::{EpochError, Ledger, Schedule};
use crate::identity::{IdentityError, Members};
use crate::ingest::Event;
use crate::policy::Policy;
use crate::weigh::window_epochs;

/// What everybody gets in each epoch, base units; the first one is epoch 1.
pub type Rewards = BTreeMap<String, Vec<u64>>;

/// A way to share budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scoring {
    /// This project's rule book.
    Ours,
    /// By the number of events.
    Counting,
    /// By SourceCred's CredRank.
    CredRank,
}

/// Why nothing can be shared.
#[derive(Debug, thiserror::Error)]
pub enum ScoringError {
    /// Members cannot be registered.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// An epoch cannot be closed.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// The graph has no cred.
    #[error(transparent)]
    CredRank(#[from] CredRankError),
}

impl Scoring {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ours, Self::Counting, Self::CredRank];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Counting => "counting",
            Self::CredRank => "credrank",
        }
    }

    /// Shares the budgets of so many epochs; events are sorted by time. `prepare` gives members their
    /// roles, once all are known.
    ///
    /// # Errors
    /// [`ScoringError`] when members, totals or the graph leave their range.
    pub fn rewards(
        self,
        policy: &Policy,
        events: &[Event],
        epochs: u64,
        prepare: impl Fn(&mut Members),
    ) -> Result<Rewards, ScoringError> {
        match self {
            Self::Ours => ours(policy, events, epochs, prepare),
            Self::Counting => Ok(by_count(policy, events, epochs)),
            Self::CredRank => by_cred(policy, events, epochs),
        }
    }
}

fn ours(
    policy: &Policy,
    events: &[Event],
    epochs: u64,
    prepare: impl Fn(&mut Members),
) -> Result<Rewards, ScoringError> {
    let schedule = Schedule::new(policy);
    let mut members = Members::default();
    members.observe(events)?;
    prepare(&mut members);
    let mut ledger = Ledger::new(policy, Address::default());
    let mut totals = vec![0; members.len() as usize];
    let mut rewards = Rewards::new();
    for epoch in 1..=epochs {
        let window = schedule.window_of(events, epoch, window_epochs(policy));
        ledger.close(policy, &members, window)?;
        for ((_, member), (before, now)) in members.iter().zip(totals.iter().zip(ledger.totals())) {
            if let Some(alias) = member.aliases.first() {
                rewards.entry(alias.external_id.clone()).or_default().push(now - before);
            }
        }
        totals = ledger.totals().to_vec();
    }
    Ok(rewards)
}

fn by_count(policy: &Policy, events: &[Event], epochs: u64) -> Rewards {
    let schedule = Schedule::new(policy);
    let mut rewards = Rewards::new();
    for (place, epoch) in (0..).zip(1..=epochs) {
        let shares = share_by_count(policy.budget(epoch), schedule.events_of(events, epoch));
        put(&mut rewards, place, shares);
    }
    rewards
}

/// Each week's budget by the cred of the week, as SourceCred's immediate policy has it.
fn by_cred(policy: &Policy, events: &[Event], epochs: u64) -> Result<Rewards, ScoringError> {
    let graph = CredGraph::from_events(events);
    let parameters = Parameters::default();
    let cred = credrank(&graph, &parameters)?;
    let schedule = Schedule::new(policy);
    let mut rewards = Rewards::new();
    for (week, start_us) in cred.week_starts_us.iter().enumerate() {
        // Weeks there begin on Sundays: the middle of one says which epoch it is.
        let epoch = schedule.epoch_at(start_us + HALF_A_WEEK_US);
        let Some(place) = epoch.checked_sub(1).filter(|_| epoch <= epochs) else {
            continue;
        };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let weights = week_weights(&cred, week);
        let shares = split(policy.budget(epoch), &weights);
        let names = cred.participants.iter().map(|one| one.participant.clone());
        put(&mut rewards, place, names.zip(shares).collect());
    }
    Ok(rewards)
}

const HALF_A_WEEK_US: i64 = 7 * 12 * 60 * 60 * 1_000_000;

/// Everybody's cred of a week in billionths.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the baseline's cred is a float; no amount of ours comes from it"
)]
fn week_weights(cred: &Cred, week: usize) -> Vec<u64> {
    let of = |by_week: &[f64]| (by_week[week].max(0.0) * 1e9) as u64;
    cred.participants.iter().map(|one| of(&one.by_week)).collect()
}

fn put(rewards: &mut Rewards, place: usize, shares: BTreeMap<String, u64>) {
    for (name, share) in shares {
        let by_epoch = rewards.entry(name).or_default();
        by_epoch.resize(by_epoch.len().max(place + 1), 0);
        by_epoch[place] += share;
    }
}

/// What some people get together in a range of epochs, counted from 0, base units.
pub fn sum_of<'a>(
    rewards: &Rewards,
    who: impl IntoIterator<Item = &'a String>,
    epochs: std::ops::Range<usize>,
) -> u64 {
    let of = |name: &String| rewards.get(name).into_iter().flatten();
    who.into_iter().flat_map(|name| of(name).skip(epochs.start).take(epochs.len())).sum()
}
