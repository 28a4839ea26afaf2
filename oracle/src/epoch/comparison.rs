//! Who gains and who loses when other rules take the place of a community's for some epochs.
//!
//! before(i, p) = Σₑ amount(i, p, e) by the community's rules
//! after(i, p)  = Σₑ amount(i, p, e) by the others, which hold from the first of these epochs on
//! change(i)    = Σₚ after(i, p) − Σₚ before(i, p)
//!
//! Amounts are what was granted, whether it is held or paid. What was granted before those epochs is the
//! same on both sides. Both sides begin anew, as rules do: what comes late for earlier epochs changes
//! nothing on either, so that what differs is the rules alone.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{Replay, ReplayError};
use crate::identity::MemberIndex;
use crate::policy::Policy;

/// A number by the community's rules and by the others; amounts are base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySide {
    /// By the community's rules.
    pub before: u64,
    /// By the others.
    pub after: u64,
}

/// What changes for one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// The member.
    pub member: MemberIndex,
    /// What all pools grant.
    pub granted: BySide,
    /// What each pool grants, by its name.
    pub by_pool: BTreeMap<String, BySide>,
    /// Its place by what it is granted, from 1; who is granted as much has the same.
    pub rank: BySide,
    /// Whether it was paid nothing before these epochs.
    pub is_newcomer: bool,
}

/// What changes for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The epochs.
    pub epochs: RangeInclusive<u64>,
    /// Who is granted something by either rules, who gains most in front.
    pub members: Vec<MemberChange>,
    /// What each pool grants, by its name.
    pub pools: BTreeMap<String, BySide>,
    /// What the epochs' budgets are.
    pub budget: BySide,
    /// What all pools carry after the last epoch.
    pub carried: BySide,
}

impl BySide {
    /// after − before.
    pub fn change(self) -> i128 {
        i128::from(self.after) - i128::from(self.before)
    }

    fn of(self, side: Side) -> u64 {
        match side {
            Side::Before => self.before,
            Side::After => self.after,
        }
    }

    fn add(&mut self, side: Side, amount: u64) {
        match side {
            Side::Before => self.before += amount,
            Side::After => self.after += amount,
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

/// Amounts that are being added up.
#[derive(Default)]
struct Sums {
    members: BTreeMap<MemberIndex, BTreeMap<String, BySide>>,
    pools: BTreeMap<String, BySide>,
    budget: BySide,
    carried: BySide,
}

impl Comparison {
    /// Closes so many epochs after a replay's last one by the community's rules, and again by others.
    ///
    /// # Errors
    /// [`ReplayError`] when totals or members leave their range.
    pub fn of(
        replay: &Replay<'_>,
        rules: &Policy,
        others: &Policy,
        epochs: u64,
    ) -> Result<Self, ReplayError> {
        let mut sums = Sums::default();
        for (side, policy) in [(Side::Before, rules), (Side::After, others)] {
            let mut anew = replay.clone();
            anew.begin_anew();
            sums.add(side, anew, policy, epochs)?;
        }
        let paid = replay.ledger().totals();
        let is_newcomer =
            |member: MemberIndex| paid.get(member as usize).is_none_or(|total| *total == 0);
        let members = sums.members.into_iter().map(|(member, by_pool)| {
            let mut granted = BySide::default();
            for of_pool in by_pool.values() {
                granted.before += of_pool.before;
                granted.after += of_pool.after;
            }
            let (rank, is_newcomer) = (BySide::default(), is_newcomer(member));
            MemberChange { member, granted, by_pool, rank, is_newcomer }
        });
        let mut members: Vec<_> = members.collect();
        set_ranks(&mut members);
        members.sort_by_key(|change| (std::cmp::Reverse(change.granted.change()), change.member));
        Ok(Self {
            epochs: replay.epoch() + 1..=replay.epoch() + epochs,
            members,
            pools: sums.pools,
            budget: sums.budget,
            carried: sums.carried,
        })
    }

    /// Every member's change, base units.
    pub fn changes(&self) -> impl Iterator<Item = i128> {
        self.members.iter().map(|change| change.granted.change())
    }

    /// What all members are granted, or those that were paid nothing before.
    pub fn granted(&self, newcomers_only: bool) -> BySide {
        let counted = self.members.iter().filter(|change| change.is_newcomer || !newcomers_only);
        counted.fold(BySide::default(), |mut sum, change| {
            sum.before += change.granted.before;
            sum.after += change.granted.after;
            sum
        })
    }
}

impl Sums {
    fn add(
        &mut self,
        side: Side,
        mut replay: Replay<'_>,
        policy: &Policy,
        epochs: u64,
    ) -> Result<(), ReplayError> {
        let names: Vec<_> = policy.rules().pools.iter().map(|pool| pool.name.clone()).collect();
        for _ in 0..epochs {
            let closed = replay.close(policy)?;
            self.budget.add(side, closed.budget);
            for (name, pool) in names.iter().zip(&closed.pools) {
                self.pools.entry(name.clone()).or_default().add(side, pool.allocated());
                for (member, amount) in &pool.amounts {
                    let by_pool = self.members.entry(*member).or_default();
                    by_pool.entry(name.clone()).or_default().add(side, *amount);
                }
            }
        }
        self.carried.add(side, replay.ledger().carried().iter().sum());
        Ok(())
    }
}

/// Gives each member its places.
fn set_ranks(members: &mut [MemberChange]) {
    for side in [Side::Before, Side::After] {
        let mut amounts: Vec<u64> = members.iter().map(|change| change.granted.of(side)).collect();
        amounts.sort_unstable_by(|a, b| b.cmp(a));
        for change in members.iter_mut() {
            let own = change.granted.of(side);
            let above = amounts.partition_point(|amount| *amount > own);
            change.rank.add(side, above as u64 + 1);
        }
    }
}
