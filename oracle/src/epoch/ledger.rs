//! What every member has earned over all epochs, and how an epoch is closed into it.
//!
//! total(i, e) = total(i, e−1) + Σₚ amount(i, p, e) − held(i, e) + matured(i, e); it never decreases,
//! so one claim of the last total pays every epoch that a member missed.
//!
//! What matures waits when an epoch would pay more than the growth limit on chain.
//!
//! A member who was merged into another keeps leaf and total; the leaf pays the survivor's wallet.

use std::collections::BTreeMap;

use system_token_attestation::{Attestation, Hash, Leaf, Tree, TreeError};
use system_token_interface::PROGRAM_ID;

use solana_address::Address;

use super::Schedule;
use super::holding::{Held, Holding};
use super::token_accounts::TokenAccounts;
use crate::allocation::{PoolAllocation, allocate};
use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;
use crate::policy::Policy;
use crate::weigh::{
    Dimensions, History, PointsByMember, Records, Weights, in_order, weigh, window_epochs,
};

/// Why an epoch cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum EpochError {
    /// Totals or members leave their range.
    #[error("epoch {epoch}: {source}")]
    Tree {
        /// The epoch.
        epoch: u64,
        /// What is out of range.
        source: TreeError,
    },
}

/// Everything that carries over from epoch to epoch.
#[derive(Clone, Debug)]
pub struct Ledger {
    epoch: u64,
    policy_hash: Hash,
    /// The pools of the rules that held last, by name, and what each has left.
    pools: Vec<String>,
    totals: Vec<u64>,
    carried: Vec<u64>,
    history: History,
    holding: Holding,
    token_accounts: TokenAccounts,
}

/// An epoch that is about to be weighed.
struct Opening<'a> {
    /// The ledger with what was cancelled returned.
    next: Ledger,
    records: Records,
    /// The window's events, in order.
    events: Vec<&'a Event>,
    cancelled: Vec<Held>,
}

/// What a member has earned, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earned {
    /// The cumulative total: what was granted, without what is held.
    pub total: u64,
    /// What was granted and is not paid yet.
    pub held: u64,
}

/// An epoch that is ready to be attested.
#[derive(Clone, Debug)]
pub struct ClosedEpoch {
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// When it ended, UTC microseconds.
    pub ended_at_us: i64,
    /// Its budget, base units.
    pub budget: u64,
    /// Its contributions and points.
    pub weights: Weights,
    /// What each pool granted and carried.
    pub pools: Vec<PoolAllocation>,
    /// What of it is held before it is paid.
    pub held: Vec<Held>,
    /// What was held and is paid now.
    pub matured: Vec<Held>,
    /// What was held and returned to its pool.
    pub cancelled: Vec<Held>,
    /// Every member's cumulative total and token account, by index.
    pub leaves: Vec<Leaf>,
    /// The tree over them.
    pub tree: Tree,
}

impl Ledger {
    /// The state before the first epoch; members are paid in tokens of the mint.
    pub fn new(policy: &Policy, mint: Address) -> Self {
        Self {
            epoch: 0,
            policy_hash: policy.hash(),
            pools: pool_names(policy),
            totals: Vec::new(),
            carried: vec![0; policy.rules().pools.len()],
            history: History::default(),
            holding: Holding::default(),
            token_accounts: TokenAccounts::new(mint),
        }
    }

    /// Closes the next epoch over the events of its window: those of the epoch itself, and of as many
    /// epochs before it as [`window_epochs`] says. Others among them are left out.
    ///
    /// # Errors
    /// [`EpochError`] when totals leave 64 bits; the ledger is then as it was.
    pub fn close(
        &mut self,
        policy: &Policy,
        members: &Members,
        events: &[Event],
    ) -> Result<ClosedEpoch, EpochError> {
        let Opening { mut next, records, events, cancelled } = self.open(policy, members, events);
        let epoch = next.epoch;
        let (budget, ended_at_us) = (policy.budget(epoch), Schedule::new(policy).end_us(epoch));
        let dimensions = Dimensions::ALL;
        let weights = weigh(policy, members, &records, epoch, &mut next.history, dimensions);
        let pools = allocate(policy.rules(), budget, &weights.points(), &mut next.carried);
        let held = next.holding.hold(epoch, policy.rules(), &weights, &pools, &events);
        let granted: u64 = pools.iter().map(PoolAllocation::allocated).sum();
        let paid = granted - held.iter().map(|held| held.amount).sum::<u64>();
        let left = policy.growth_limit().saturating_sub(paid);
        let matured = next.holding.mature(ended_at_us, left);
        next.add(members, &pools, &held, &matured)?;
        let leaves = next.leaves(members);
        let tree = Tree::new(&leaves).map_err(|source| EpochError::Tree { epoch, source })?;
        *self = next;
        Ok(ClosedEpoch {
            epoch,
            ended_at_us,
            budget,
            weights,
            pools,
            held,
            matured,
            cancelled,
            leaves,
            tree,
        })
    }

    /// Makes the next epoch begin as if its rules were others than the last one's, even if they are not:
    /// what comes late for earlier epochs changes nothing any more.
    pub fn begin_anew(&mut self) {
        self.policy_hash = [0; 32];
    }

    /// What every pool would grant in the next epoch without some dimensions; `closed` is that epoch as it
    /// is with all of them. Earlier epochs stay as they were, and so does what came late for them.
    pub fn grants_without(
        &self,
        policy: &Policy,
        members: &Members,
        events: &[Event],
        closed: &ClosedEpoch,
        dimensions: Dimensions,
    ) -> Vec<PoolAllocation> {
        let Opening { mut next, records, .. } = self.open(policy, members, events);
        let weights = weigh(policy, members, &records, next.epoch, &mut next.history, dimensions);
        let pools = weights.pools.iter().zip(&closed.weights.pools);
        let points: Vec<PointsByMember> =
            pools.map(|(without, with)| with.points_if_worth(&without.worth)).collect();
        let points: Vec<&PointsByMember> = points.iter().collect();
        allocate(policy.rules(), closed.budget, &points, &mut next.carried)
    }

    /// The next epoch before it is weighed.
    fn open<'a>(
        &self,
        policy: &'a Policy,
        members: &'a Members,
        events: &'a [Event],
    ) -> Opening<'a> {
        let mut next = self.clone();
        next.epoch += 1;
        next.adopt(policy);
        let events = events_of_window(policy, next.epoch, events);
        let records = Records::collect(policy, members, &events);
        next.history.follow(members);
        let cancelled = next.holding.cancel(&records, &events);
        for held in &cancelled {
            next.carried[held.pool] += held.amount;
            let member = members.survivor(held.member);
            next.history.cancel(held.epoch, held.pool, member, held.points);
        }
        Opening { next, records, events, cancelled }
    }

    /// Begins with a policy, if it is another one than the last epoch's: each pool keeps what is left and
    /// held in the one of that name, and what the others had left goes to the first.
    fn adopt(&mut self, policy: &Policy) {
        if self.policy_hash == policy.hash() {
            return;
        }
        let pools = pool_names(policy);
        let place = |name: &String| pools.iter().position(|pool| pool == name).unwrap_or_default();
        let places: Vec<usize> = self.pools.iter().map(place).collect();
        let mut carried = vec![0; pools.len()];
        for (place, left) in places.iter().zip(&self.carried) {
            carried[*place] += left;
        }
        self.holding.adopt(&places);
        self.history.adopt(&self.pools, &pools, self.epoch);
        (self.carried, self.pools, self.policy_hash) = (carried, pools, policy.hash());
    }

    /// Adds to the members' totals what is paid: what was granted, less what is held, and what has
    /// matured.
    fn add(
        &mut self,
        members: &Members,
        pools: &[PoolAllocation],
        held: &[Held],
        matured: &[Held],
    ) -> Result<(), EpochError> {
        self.totals.resize(members.len() as usize, 0);
        let mut paid: BTreeMap<MemberIndex, u64> = BTreeMap::new();
        for (member, amount) in pools.iter().flat_map(|pool| &pool.amounts) {
            *paid.entry(*member).or_default() += amount;
        }
        for held in held {
            *paid.entry(held.member).or_default() -= held.amount;
        }
        for held in matured {
            *paid.entry(held.member).or_default() += held.amount;
        }
        for (member, amount) in paid {
            let total = &mut self.totals[member as usize];
            let (epoch, source) = (self.epoch, TreeError::TotalOverflow);
            *total = total.checked_add(amount).ok_or(EpochError::Tree { epoch, source })?;
        }
        Ok(())
    }

    fn leaves(&mut self, members: &Members) -> Vec<Leaf> {
        let Self { totals, token_accounts, .. } = self;
        let leaf = |((member, _), total): ((MemberIndex, _), &u64)| Leaf {
            token_account: token_accounts.of(members, member),
            cumulative_total: *total,
        };
        members.iter().zip(totals.iter()).map(leaf).collect()
    }

    /// What each member has earned so far, base units, by index.
    pub fn totals(&self) -> &[u64] {
        &self.totals
    }

    /// What each pool has left, base units.
    pub fn carried(&self) -> &[u64] {
        &self.carried
    }

    /// What was granted and is not paid yet, base units.
    pub fn held(&self) -> u64 {
        self.holding.sum()
    }

    /// What a member has earned so far.
    pub fn earned(&self, member: MemberIndex) -> Earned {
        let total = self.totals.get(member as usize).copied().unwrap_or_default();
        Earned { total, held: self.holding.sum_of(member) }
    }
}

/// The events that an epoch is closed over, in their order: places in [`Weights`] count in them.
pub fn events_of_window<'a>(policy: &Policy, epoch: u64, events: &'a [Event]) -> Vec<&'a Event> {
    let schedule = Schedule::new(policy);
    let window = (epoch + 1).saturating_sub(window_epochs(policy))..=epoch;
    let of_window = |event: &&Event| window.contains(&schedule.epoch_at(event.at_us));
    in_order(events.iter().filter(of_window))
}

impl ClosedEpoch {
    /// What the oracles sign for this epoch, which was closed over a bundle of inputs.
    pub fn attestation(
        &self,
        distribution: &Address,
        oracle_set_version: u32,
        bundle_hash: Hash,
    ) -> Attestation {
        Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: distribution.to_bytes(),
            epoch: self.epoch,
            oracle_set_version,
            leaf_count: self.tree.leaf_count(),
            root: self.tree.root(),
            cumulative_total: self.tree.cumulative_total(),
            bundle_hash,
        }
    }

    /// What all pools granted in this epoch, base units.
    pub fn allocated(&self) -> u64 {
        self.pools.iter().map(PoolAllocation::allocated).sum()
    }
}

fn pool_names(policy: &Policy) -> Vec<String> {
    policy.rules().pools.iter().map(|pool| pool.name.clone()).collect()
}
