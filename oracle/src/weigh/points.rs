//! What a pool's members get for an epoch, and what earlier epochs' contributions turned out to be
//! worth.
//!
//! worth(t, e) = ⌊Σ counted × (1 + μ·trust(t)/max(t))⌋ over a member's contributions of epoch t in the
//! pool, as known at the end of e
//! points(e) + owed(e−1) = Σₜ (worth(t, e) − worth(t, e−1)) + owed(e), and one of points and owed is 0

use std::collections::{BTreeMap, BTreeSet};

use super::contribution::{Contribution, MicroPoints, Outcome, scale};
use super::history::{History, PointsByMember};
use super::trust::Voices;
use super::{Dimensions, MICRO};
use crate::identity::{MemberIndex, Members};
use crate::policy::{Kind, RuleBook};

/// What changed of an earlier epoch's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revised {
    /// The earlier epoch.
    pub epoch: u64,
    /// What its contributions were worth until now.
    pub before: MicroPoints,
    /// What they are worth by what is known now.
    pub now: MicroPoints,
}

/// A pool's points in an epoch, and where they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolPoints {
    /// What counts in the split of the pool.
    pub points: PointsByMember,
    /// Σ counted of the epoch's own contributions, before influence.
    pub counted: PointsByMember,
    /// 1 + μ·trust/max, millionths, of who has it above one.
    pub influence: BTreeMap<MemberIndex, u32>,
    /// What the epoch's own contributions are worth.
    pub worth: PointsByMember,
    /// Earlier epochs whose worth changed.
    pub revised: BTreeMap<MemberIndex, Vec<Revised>>,
    /// What was owed before.
    pub owed_before: PointsByMember,
    /// What is owed now.
    pub owed: PointsByMember,
}

impl PoolPoints {
    /// The points there would be if the epoch's own contributions were worth something else, and all
    /// that came late and is owed were the same.
    pub fn points_if_worth(&self, worth: &PointsByMember) -> PointsByMember {
        let of = |points: &PointsByMember, member: &MemberIndex| {
            i128::from(points.get(member).copied().unwrap_or_default())
        };
        let members: BTreeSet<&MemberIndex> =
            worth.keys().chain(self.worth.keys()).chain(self.points.keys()).collect();
        members
            .into_iter()
            .filter_map(|member| {
                let late = of(&self.points, member) - of(&self.worth, member);
                let points = u64::try_from(of(worth, member) + late).ok()?;
                (points > 0).then_some((*member, points))
            })
            .collect()
    }

    /// What a member's contributions are worth more than was granted: the closing epoch's, and earlier
    /// ones' that gained.
    pub fn gains(&self, member: MemberIndex) -> u128 {
        let own = self.worth.get(&member).copied().unwrap_or_default();
        let revised = self.revised.get(&member).into_iter().flatten();
        let gained = revised.map(|one| u128::from(one.now.saturating_sub(one.before)));
        u128::from(own) + gained.sum::<u128>()
    }
}

/// What a contribution is worth whose reward is held, as known now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldWorth {
    /// Place of its event, by time, source and id.
    pub event: u32,
    /// Place of its kind in the rule book.
    pub kind: u16,
    /// Place of its pool in the rule book.
    pub pool: usize,
    /// Who made it.
    pub member: MemberIndex,
    /// The epoch it was made in.
    pub epoch: u64,
    /// Its part of the member's worth.
    pub worth: MicroPoints,
}

/// What contributions are worth, by epoch and pool.
pub(super) struct Worth {
    pub(super) held: Vec<HeldWorth>,
    by_epoch: BTreeMap<u64, Vec<PointsByMember>>,
    counted: Vec<PointsByMember>,
    influence: Vec<BTreeMap<MemberIndex, u32>>,
}

/// Leaves out whom the rule book does not pay.
pub(super) fn exclude(rules: &RuleBook, members: &Members, contributions: &mut [Contribution]) {
    let eligible = &rules.eligibility;
    for group in contributions.chunk_by_mut(|a, b| (a.epoch, a.member) == (b.epoch, b.member)) {
        let counting = group.iter().filter(|one| one.counted > 0).count();
        let enough = counting >= eligible.min_contributions as usize;
        let roles = members.get(group[0].member).map(|member| &member.roles);
        let excluded = roles.is_some_and(|roles| !roles.is_disjoint(&eligible.excluded_roles));
        if !enough || excluded {
            for one in group.iter_mut().filter(|one| one.counted > 0) {
                (one.counted, one.outcome) = (0, Outcome::NotEligible);
            }
        }
    }
}

/// What the contributions of each epoch are worth, as known now.
pub(super) fn worth(
    rules: &RuleBook,
    dimensions: Dimensions,
    voices: &Voices<'_>,
    contributions: &[Contribution],
) -> Worth {
    let pools = rules.pools.len();
    let of_kind: Vec<usize> = rules.kinds.iter().map(|kind| pool_of(rules, kind)).collect();
    let mut worth = Worth {
        held: Vec::new(),
        by_epoch: BTreeMap::new(),
        counted: vec![PointsByMember::new(); pools],
        influence: vec![BTreeMap::new(); pools],
    };
    let members = |a: &Contribution, b: &Contribution| (a.epoch, a.member) == (b.epoch, b.member);
    for group in contributions.chunk_by(members) {
        let (epoch, member) = (group[0].epoch, group[0].member);
        let mut counted = vec![0u64; pools];
        for one in group {
            let sum = &mut counted[of_kind[usize::from(one.kind)]];
            *sum = sum.saturating_add(one.counted);
        }
        let influence = influence(rules, dimensions, voices, epoch, member);
        for one in group.iter().filter(|one| rules.kinds[usize::from(one.kind)].holding_days > 0) {
            worth.held.push(HeldWorth {
                event: one.event,
                kind: one.kind,
                pool: of_kind[usize::from(one.kind)],
                member,
                epoch: epoch.into(),
                worth: scale(one.counted, influence),
            });
        }
        let by_pool = worth
            .by_epoch
            .entry(epoch.into())
            .or_insert_with(|| vec![PointsByMember::new(); pools]);
        for (pool, counted) in counted.into_iter().enumerate().filter(|(_, sum)| *sum > 0) {
            by_pool[pool].insert(member, scale(counted, influence));
            // Epochs ascend, so what stays is the closing epoch's.
            worth.counted[pool].insert(member, counted);
            worth.influence[pool].insert(member, influence);
        }
    }
    worth
}

fn influence(
    rules: &RuleBook,
    dimensions: Dimensions,
    voices: &Voices<'_>,
    epoch: u32,
    member: MemberIndex,
) -> u32 {
    let one = u32::try_from(MICRO).unwrap_or(u32::MAX);
    let Some(rule) = rules.influence.as_ref().filter(|_| dimensions.influence) else {
        return one;
    };
    let part = voices.relative(epoch, member) * u64::from(rule.weight_percent) / 100;
    one.saturating_add(u32::try_from(part).unwrap_or(u32::MAX))
}

/// Grants what is worth more than was granted, less what is owed.
pub(super) fn grant(
    rules: &RuleBook,
    epoch: u64,
    worth: Worth,
    history: &mut History,
) -> Vec<PoolPoints> {
    let pools = rules.pools.len();
    history.owed.resize(pools, PointsByMember::new());
    let nothing = vec![PointsByMember::new(); pools];
    let own = worth.by_epoch.get(&epoch).unwrap_or(&nothing);
    let earlier: BTreeSet<u64> =
        history.granted.keys().chain(worth.by_epoch.keys()).copied().collect();
    let mut granted = Vec::with_capacity(pools);
    for pool in 0..pools {
        let mut points = PoolPoints {
            worth: own[pool].clone(),
            owed_before: history.owed[pool].clone(),
            ..PoolPoints::default()
        };
        points.counted.clone_from(&worth.counted[pool]);
        points.counted.retain(|member, _| own[pool].contains_key(member));
        points.influence.clone_from(&worth.influence[pool]);
        points
            .influence
            .retain(|member, factor| own[pool].contains_key(member) && u64::from(*factor) > MICRO);
        let mut changed: BTreeMap<MemberIndex, i128> = BTreeMap::new();
        for (member, worth) in &own[pool] {
            changed.insert(*member, i128::from(*worth));
        }
        for of in earlier.iter().filter(|of| **of != epoch) {
            let of_pool = |by_epoch: &BTreeMap<u64, Vec<PointsByMember>>| {
                by_epoch.get(of).map(|pools| pools[pool].clone()).unwrap_or_default()
            };
            let (before, now) = (of_pool(&history.granted), of_pool(&worth.by_epoch));
            revise(*of, &before, &now, &mut points.revised);
        }
        for (member, revised) in &mut points.revised {
            let sum = changed.entry(*member).or_default();
            *sum += revised
                .iter()
                .map(|one| i128::from(one.now) - i128::from(one.before))
                .sum::<i128>();
        }
        settle(&changed, &mut points);
        history.owed[pool].clone_from(&points.owed);
        granted.push(points);
    }
    history.granted.extend(worth.by_epoch);
    granted
}

fn revise(
    epoch: u64,
    before: &PointsByMember,
    now: &PointsByMember,
    revised: &mut BTreeMap<MemberIndex, Vec<Revised>>,
) {
    let members: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    for member in members {
        let of = |points: &PointsByMember| points.get(member).copied().unwrap_or_default();
        let (before, now) = (of(before), of(now));
        if before != now {
            revised.entry(*member).or_default().push(Revised { epoch, before, now });
        }
    }
}

/// Points are what is left of a change after what is owed; what is less than nothing is owed.
fn settle(changed: &BTreeMap<MemberIndex, i128>, points: &mut PoolPoints) {
    let members: BTreeSet<_> = changed.keys().chain(points.owed_before.keys()).copied().collect();
    for member in members {
        let change = changed.get(&member).copied().unwrap_or_default();
        let owed = points.owed_before.get(&member).copied().unwrap_or_default();
        let left = change - i128::from(owed);
        let size = u64::try_from(left.unsigned_abs()).unwrap_or(u64::MAX);
        match left {
            0 => {}
            1.. => drop(points.points.insert(member, size)),
            _ => drop(points.owed.insert(member, size)),
        }
    }
}

fn pool_of(rules: &RuleBook, kind: &Kind) -> usize {
    let pool = rules.pools.iter().position(|pool| pool.name == kind.pool);
    pool.expect("a checked rule book names only its own pools")
}
