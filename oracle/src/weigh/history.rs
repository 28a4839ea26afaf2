//! What one epoch's weights leave to the next ones.

use std::collections::BTreeMap;

use super::contribution::MicroPoints;
use super::trust::PicoPersons;
use crate::identity::{MemberIndex, Members};

/// What was granted to whom, of one pool.
pub type PointsByMember = BTreeMap<MemberIndex, MicroPoints>;

/// What earlier epochs left: trust as it was, and what was granted for each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// By epoch: the trust in every member at its end.
    pub(super) trust: BTreeMap<u64, Vec<PicoPersons>>,
    /// By epoch and pool: the points that its contributions were last worth.
    pub(super) granted: BTreeMap<u64, Vec<PointsByMember>>,
    /// The first epoch that is weighed by the rules that hold now; earlier ones stay as they are.
    pub(super) rules_from: u64,
    /// By pool: points that were granted and turned out to be too many; later ones make up for them.
    pub(super) owed: Vec<PointsByMember>,
}

impl History {
    /// Begins with other rules: what was granted by the ones before stays, and what is owed in a pool
    /// is owed in the pool of that name.
    pub fn adopt(&mut self, pools_before: &[String], pools: &[String], from_epoch: u64) {
        let mut owed = std::mem::take(&mut self.owed).into_iter().zip(pools_before);
        let owed: BTreeMap<&String, PointsByMember> =
            owed.by_ref().map(|(points, name)| (name, points)).collect();
        self.owed = pools.iter().map(|name| owed.get(name).cloned().unwrap_or_default()).collect();
        self.granted.clear();
        self.rules_from = from_epoch;
    }

    /// Knows merged members by their survivor, as the events of a window do from now on: what was
    /// granted to both was granted to it.
    pub fn follow(&mut self, members: &Members) {
        for points in self.granted.values_mut().flatten().chain(&mut self.owed) {
            let is_merged = |member: &MemberIndex| members.survivor(*member) != *member;
            let merged: Vec<_> = points.keys().copied().filter(is_merged).collect();
            for member in merged {
                let moved = points.remove(&member).unwrap_or_default();
                let of_survivor = points.entry(members.survivor(member)).or_default();
                *of_survivor = of_survivor.saturating_add(moved);
            }
        }
    }

    /// Takes back what was granted for an epoch's contribution and never paid.
    pub fn cancel(&mut self, epoch: u64, pool: usize, member: MemberIndex, points: MicroPoints) {
        let of_epoch = self.granted.get_mut(&epoch);
        let of_pool = of_epoch.and_then(|pools| pools.get_mut(pool));
        if let Some(granted) = of_pool.and_then(|points| points.get_mut(&member)) {
            *granted = granted.saturating_sub(points);
        }
    }
}
