//! What attacks gain, and how useful a ranking is, under each way of scoring.
//!
//! gain = what the attackers' accounts get with the attack ÷ what the attackers get without it, the
//! largest of the samples
//! moved = 1 + Σ |reward with the liar − reward without| ÷ Σ reward without, over everybody but the liar
//! tau = the mean, over quarters, of Kendall's τ_b between what the quarter's active members got in it
//! and how many works they had merged in the next one

use std::collections::{BTreeMap, BTreeSet};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;

use super::plant::{Planted, assess, like_farm, praise_ring, spam_comments, split_account};
use super::rank::tau_b_micro;
use super::scoring::{Rewards, Scoring, ScoringError, sum_of};
use crate::epoch::Schedule;
use crate::identity::{Members, Role};
use crate::ingest::Event;
use crate::policy::{MICRO, Policy};

/// Epochs of a quarter.
const QUARTER: usize = 13;
/// Accounts of a like farm.
const FARM: usize = 30;
/// At which places, by reward, the attackers stand.
const PLACES: [usize; 6] = [1, 4, 8, 15, 25, 40];
/// At which places the first member of a ring stands.
const RING_PLACES: [usize; 4] = [5, 10, 20, 30];
const RING: usize = 5;

/// What attacks gain under one way of scoring, millionths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gains {
    /// One account split into two.
    pub split_2: u64,
    /// … into five.
    pub split_5: u64,
    /// … into twenty.
    pub split_20: u64,
    /// A ring of five that praise each other.
    pub ring_5: u64,
    /// A hundred comments for each.
    pub spam_100: u64,
    /// A bought like farm of accounts without history.
    pub like_farm: u64,
    /// One malicious assessor of five: what it moves.
    pub malicious_assessor: u64,
}

/// How well one quarter's ranking agrees with the next one's merged work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The members who were active in the quarter.
    pub members: usize,
    /// Kendall's τ_b, millionths.
    pub tau: i64,
}

impl Agreement {
    /// The mean of the quarters, millionths.
    pub fn mean(quarters: &[Self]) -> i64 {
        let count = i64::try_from(quarters.len()).unwrap_or(i64::MAX).max(1);
        quarters.iter().map(|quarter| quarter.tau).sum::<i64>() / count
    }
}

/// A community that is attacked.
#[derive(Debug)]
pub struct Simulation<'a> {
    policy: &'a Policy,
    events: &'a [Event],
    epochs: u64,
    assessors: Vec<String>,
    seed: u64,
}

impl<'a> Simulation<'a> {
    /// A community's events, sorted by time; five of its members assess where an attack needs it.
    pub fn new(policy: &'a Policy, events: &'a [Event], assessors: Vec<String>, seed: u64) -> Self {
        let newest = events.last().map_or(0, |event| event.at_us);
        let epochs = Schedule::new(policy).last_ended(newest);
        Self { policy, events, epochs, assessors, seed }
    }

    /// What everybody gets without any attack.
    ///
    /// # Errors
    /// [`ScoringError`].
    pub fn honest(&self, scoring: Scoring) -> Result<Rewards, ScoringError> {
        self.rewards(scoring, self.events)
    }

    /// What each attack gains. `done` is called after each.
    ///
    /// # Errors
    /// [`ScoringError`].
    pub fn gains(
        &self,
        scoring: Scoring,
        honest: &Rewards,
        mut done: impl FnMut(&str),
    ) -> Result<Gains, ScoringError> {
        let ranked = ranked(honest);
        let attackers: Vec<&String> =
            PLACES.iter().filter_map(|place| ranked.get(*place).copied()).collect();
        let rings = RING_PLACES.iter().filter_map(|from| ranked.get(*from..from + RING));
        let rings: Vec<Vec<String>> =
            rings.map(|ring| ring.iter().copied().cloned().collect()).collect();
        let mut most = |name: &str, attacks: &mut dyn Iterator<Item = Planted>| {
            let mut gain = 0;
            for planted in attacks {
                gain = gain.max(self.gain(scoring, honest, &planted)?);
            }
            done(name);
            Ok::<u64, ScoringError>(gain)
        };
        let mut split = |name: &str, accounts: usize| {
            let of = |who: &&String| split_account(self.events, who, accounts);
            most(name, &mut attackers.iter().map(of))
        };
        let (split_2, split_5, split_20) =
            (split("split_2", 2)?, split("split_5", 5)?, split("split_20", 20)?);
        let ring = |ring: &Vec<String>| praise_ring(self.events, ring);
        let ring_5 = most("ring_5", &mut rings.iter().map(ring))?;
        let mut random = self.random();
        let spam = |who: &&String| spam_comments(self.events, who, &mut random);
        let spam_100 = most("spam_100", &mut attackers.iter().map(spam))?;
        let farm = |who: &&String| like_farm(self.events, who, FARM);
        let like_farm = most("like_farm", &mut attackers.iter().map(farm))?;
        let malicious_assessor = self.moved(scoring)?;
        done("malicious_assessor");
        Ok(Gains { split_2, split_5, split_20, ring_5, spam_100, like_farm, malicious_assessor })
    }

    /// How well what members get in a quarter says what they will have merged in the next.
    pub fn agreements(&self, rewards: &Rewards) -> Vec<Agreement> {
        let schedule = Schedule::new(self.policy);
        let epoch = |event: &Event| schedule.epoch_at(event.at_us);
        let quarters = usize::try_from(self.epochs).unwrap_or_default() / QUARTER;
        let mut agreements = Vec::new();
        for quarter in 1..quarters {
            let from = (quarter - 1) * QUARTER;
            let within = |event: &&Event, from: usize| {
                (from as u64 + 1..=(from + QUARTER) as u64).contains(&epoch(event))
            };
            let active: BTreeSet<&String> =
                self.events.iter().filter(|e| within(e, from)).map(|e| &e.actor).collect();
            let mut merged: BTreeMap<&String, u64> = BTreeMap::new();
            let next = self.events.iter().filter(|e| within(e, from + QUARTER));
            for event in next.filter(|event| event.name == "pull_merged") {
                *merged.entry(&event.actor).or_default() += 1;
            }
            let scores: Vec<(u64, u64)> = active
                .into_iter()
                .map(|who| {
                    let reward = sum_of(rewards, [who], from..from + QUARTER);
                    (reward, merged.get(who).copied().unwrap_or_default())
                })
                .collect();
            let tau = tau_b_micro(&scores);
            agreements.extend(tau.map(|tau| Agreement { members: scores.len(), tau }));
        }
        agreements
    }

    fn gain(
        &self,
        scoring: Scoring,
        honest: &Rewards,
        planted: &Planted,
    ) -> Result<u64, ScoringError> {
        let with = self.rewards(scoring, &planted.events)?;
        let epochs = 0..usize::try_from(self.epochs).unwrap_or(usize::MAX);
        let with = sum_of(&with, &planted.accounts, epochs.clone());
        let without = sum_of(honest, &planted.accounts, epochs);
        Ok(ratio(with, without))
    }

    fn moved(&self, scoring: Scoring) -> Result<u64, ScoringError> {
        let with = assess(self.events, &self.assessors, Some(0), &mut self.random());
        let without = assess(self.events, &self.assessors, None, &mut self.random());
        let (with, without) = (self.rewards(scoring, &with)?, self.rewards(scoring, &without)?);
        let (mut moved, mut sum) = (0u64, 0u64);
        let epochs = 0..usize::try_from(self.epochs).unwrap_or(usize::MAX);
        for who in without.keys().filter(|who| Some(*who) != self.assessors.first()) {
            let of = |rewards: &Rewards| sum_of(rewards, [who], epochs.clone());
            moved += of(&with).abs_diff(of(&without));
            sum += of(&without);
        }
        Ok(MICRO + ratio(moved, sum))
    }

    fn rewards(&self, scoring: Scoring, events: &[Event]) -> Result<Rewards, ScoringError> {
        scoring.rewards(self.policy, events, self.epochs, |members| self.make_masters(members))
    }

    fn make_masters(&self, members: &mut Members) {
        let source = self.events.first().map_or("", |event| &event.source);
        for assessor in &self.assessors {
            if let Some(member) = members.find(source, assessor) {
                // Who is there and was not merged can be given a role.
                let _ = members.grant(member, Role::Master);
            }
        }
    }

    fn random(&self) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(self.seed)
    }
}

/// Who is paid, the most first.
fn ranked(rewards: &Rewards) -> Vec<&String> {
    let sums = rewards.iter().map(|(who, by_epoch)| (by_epoch.iter().sum::<u64>(), who));
    let mut ranked: Vec<_> = sums.filter(|(sum, _)| *sum > 0).collect();
    ranked.sort_by(|a, b| b.cmp(a));
    ranked.into_iter().map(|(_, who)| who).collect()
}

/// a ÷ b in millionths.
fn ratio(a: u64, b: u64) -> u64 {
    let ratio = u128::from(a) * u128::from(MICRO) / u128::from(b.max(1));
    u64::try_from(ratio).unwrap_or(u64::MAX)
}
