//! Who is trusted, and how much: EigenTrust from seeds.
//!
//! t ← (1 − a)·Cᵀt + a·p,  a fixed number of rounds from t = p
//!
//! p spreads all trust evenly over the seeds; C passes a person's trust on in proportion to the
//! endorsements it gave in the window, and to the seeds when it gave none. Trust is a quantity that is
//! passed on and never made: however many accounts somebody has, together they receive what one would,
//! so there is nothing to win by splitting. Without seeds nobody is trusted; without the table [trust]
//! everybody is, as one whole person.

use std::collections::BTreeMap;

use super::MICRO;
use super::records::{Engagement, PersonIndex, Records};
use crate::identity::Members;
use crate::policy::{RuleBook, TrustRules};

/// Millionths of millionths of a whole person's voice.
pub type PicoPersons = u64;
/// One whole person.
pub const PERSON: PicoPersons = 1_000_000_000_000;

/// The trust in every member at each epoch of a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voices<'a> {
    /// `None` when everybody counts as a whole person.
    by_epoch: Option<&'a BTreeMap<u64, Vec<PicoPersons>>>,
}

impl<'a> Voices<'a> {
    pub(super) fn new(rules: &RuleBook, by_epoch: &'a BTreeMap<u64, Vec<PicoPersons>>) -> Self {
        Self { by_epoch: rules.trust.as_ref().map(|_| by_epoch) }
    }

    /// What a person's engagement in an epoch counts, millionths of a whole person and at most one.
    pub(super) fn of(&self, epoch: u32, person: PersonIndex) -> u64 {
        self.by_epoch.map_or(MICRO, |by_epoch| {
            let trust = by_epoch.get(&u64::from(epoch)).and_then(|all| all.get(person as usize));
            (trust.copied().unwrap_or_default() / MICRO).min(MICRO)
        })
    }

    /// The most that a member was trusted from an epoch on, and the most that anybody was.
    pub(super) fn most_since(&self, epoch: u32, member: PersonIndex) -> PicoPersons {
        self.by_epoch.map_or(PERSON, |by_epoch| {
            let since = by_epoch.range(u64::from(epoch)..);
            let trust = since.map(|(_, all)| all.get(member as usize).copied().unwrap_or_default());
            trust.max().unwrap_or_default()
        })
    }

    /// The trust in a member at an epoch as a part of the most trusted one's, millionths.
    pub(super) fn relative(&self, epoch: u32, member: PersonIndex) -> u64 {
        let Some(all) = self.by_epoch.and_then(|by_epoch| by_epoch.get(&u64::from(epoch))) else {
            return 0;
        };
        let most = all.iter().copied().max().unwrap_or_default();
        let trust = all.get(member as usize).copied().unwrap_or_default();
        if most == 0 {
            return 0;
        }
        let part = u128::from(trust) * u128::from(MICRO) / u128::from(most);
        u64::try_from(part).unwrap_or(MICRO)
    }
}

/// The trust in every person at the end of an epoch, by index.
pub(super) fn trust_at(
    rules: &RuleBook,
    trust: &TrustRules,
    members: &Members,
    records: &Records,
    strongest: &[Engagement],
    epoch: u64,
) -> Vec<PicoPersons> {
    let persons = records.persons.max(members.len()) as usize;
    let seeds = seeds(trust, members);
    if seeds.is_empty() {
        return vec![0; persons];
    }
    let from = epoch.saturating_sub(u64::from(trust.window_epochs)) + 1;
    let window = from..=epoch;
    let endorsements = Endorsements::new(rules, persons, strongest, |engagement| {
        window.contains(&u64::from(engagement.epoch))
    });
    let all = u128::from(trust.persons) * u128::from(PERSON);
    let all = u64::try_from(all).unwrap_or(u64::MAX);
    let restart = percent_of(all, trust.restart_percent);
    let mut current = spread(all, &seeds, persons);
    for _ in 0..trust.rounds {
        let mut next = spread(restart, &seeds, persons);
        let kept = |amount| amount - percent_of(amount, trust.restart_percent);
        endorsements.pass_on(&current, kept, &seeds, &mut next);
        current = next;
    }
    current
}

/// Who endorsed whom, how much, by who did: the rows of a sparse matrix.
struct Endorsements {
    /// Where each person's row begins.
    rows: Vec<usize>,
    /// Author and weight.
    entries: Vec<(PersonIndex, u32)>,
    /// Σ weights of each row.
    sums: Vec<u64>,
}

impl Endorsements {
    fn new(
        rules: &RuleBook,
        persons: usize,
        strongest: &[Engagement],
        counts: impl Fn(&Engagement) -> bool,
    ) -> Self {
        let weight = |one: &Engagement| u32::from(rules.signals[usize::from(one.signal)].trust);
        let given = || strongest.iter().filter(|one| weight(one) > 0 && counts(one));
        let (mut rows, mut sums) = (vec![0usize; persons + 1], vec![0u64; persons]);
        for one in given() {
            rows[one.actor as usize + 1] += 1;
            sums[one.actor as usize] += u64::from(weight(one));
        }
        for person in 0..persons {
            rows[person + 1] += rows[person];
        }
        let mut free = rows.clone();
        let mut entries = vec![(0, 0); rows[persons]];
        for one in given() {
            let place = &mut free[one.actor as usize];
            entries[*place] = (one.author, weight(one));
            *place += 1;
        }
        Self { rows, entries, sums }
    }

    /// Adds (1 − a)·Cᵀ·current to `next`; `kept` says what of an amount is passed on.
    fn pass_on(
        &self,
        current: &[PicoPersons],
        kept: impl Fn(u64) -> u64,
        seeds: &[PersonIndex],
        next: &mut [PicoPersons],
    ) {
        let mut returned = 0;
        for (person, amount) in current.iter().enumerate().filter(|(_, amount)| **amount > 0) {
            let (amount, sum) = (kept(*amount), self.sums[person]);
            if sum == 0 {
                returned += amount;
                continue;
            }
            for (author, weight) in &self.entries[self.rows[person]..self.rows[person + 1]] {
                let part = u128::from(amount) * u128::from(*weight) / u128::from(sum);
                next[*author as usize] += u64::try_from(part).unwrap_or(amount);
            }
        }
        for (seed, amount) in seeds.iter().zip(even(returned, seeds.len())) {
            next[*seed as usize] += amount;
        }
    }
}

fn seeds(trust: &TrustRules, members: &Members) -> Vec<PersonIndex> {
    let named = trust.seeds.iter().filter_map(|seed| {
        let (source, id) = seed.split_once(':')?;
        members.find(source, id)
    });
    let by_role = members.iter().filter(|(_, member)| {
        member.merged_into.is_none() && !member.roles.is_disjoint(&trust.seed_roles)
    });
    let mut seeds: Vec<_> = named.chain(by_role.map(|(member, _)| member)).collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

fn spread(amount: PicoPersons, over: &[PersonIndex], persons: usize) -> Vec<PicoPersons> {
    let mut all = vec![0; persons];
    for (person, part) in over.iter().zip(even(amount, over.len())) {
        all[*person as usize] = part;
    }
    all
}

/// An amount in equal parts; what does not divide is left out.
fn even(amount: u64, parts: usize) -> impl Iterator<Item = u64> {
    let part = amount.checked_div(parts as u64).unwrap_or_default();
    std::iter::repeat_n(part, parts)
}

fn percent_of(amount: u64, percent: u16) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(percent) / 100).unwrap_or(amount)
}
