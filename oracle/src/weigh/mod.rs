//! Turns contributions into points.
//!
//! ```text
//! score(c)   = base(kind) × difficulty × quality × (φ + λ·E^s/(E^s+K^s) + ρ·R^s/(R^s+K^s)) × …
//! x          = Σ score₍ₖ₎ × k^−p           a member's contributions of a kind in an epoch, best first
//! volume     = x·κ/(x+κ)                   κ = capacity × trust
//! worth(t,e) = ⌊Σ volume × (1 + μ·trust/max)⌋   of epoch t's contributions, as known at the end of e
//! points(e)  = max(0, Σₜ (worth(t,e) − worth(t,e−1)) − owed)      t = e − revision … e
//! ```
//!
//! So what comes late, an assessment, a like, a withdrawal, changes later epochs and never what was
//! granted: too many points are owed, and later ones make up for them.
//!
//! - [`Records`] are rows of small numbers, read out of events by the rule book.
//! - `trust`, `engagement` and `assessment` say what others find; `standing` what the member's stage
//!   and habits multiply; `score` puts it together, `volume` counts it.
//!
//! Pure: integers only (millionths of a point, rounded down at each step), no clock, no I/O, and the
//! same points whatever the order of the events.

mod assessment;
mod collect;
mod contribution;
mod engagement;
mod history;
mod person;
mod points;
mod power;
mod records;
mod score;
mod standing;
mod trust;
mod volume;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::epoch::Schedule;
use crate::identity::Members;
use crate::policy::{Policy, RuleBook};

pub(crate) use crate::policy::MICRO;
pub use collect::{in_order, named_work};
pub use contribution::{Contribution, Factor, Factors, MicroPoints, Outcome, scale};
pub(crate) use engagement::saturation;
pub use history::{History, PointsByMember};
pub(crate) use person::is_own_work;
pub use points::{HeldWorth, PoolPoints, Revised};
pub(crate) use power::RankFactors;
pub use records::{
    ArtifactIndex, Assessment, Engagement, Grant, NONE, PersonIndex, Records, UNKNOWN, Withdrawn,
    Work,
};

use engagement::{recognition, strongest};
use score::Scorer;
pub(crate) use score::{action_cap, half_up, last_step};
use standing::Standing;
pub use trust::{PERSON, PicoPersons};
use trust::{Voices, trust_at};

/// The dimensions of a contribution; each can be left out to see what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// Diminishing returns and capacity.
    pub volume: bool,
    /// Assessments.
    pub meaning: bool,
    /// What others did with it.
    pub engagement: bool,
    /// How hard it was.
    pub difficulty: bool,
    /// Reuse by others, and the trust in the member.
    pub influence: bool,
}

impl Dimensions {
    /// Everything counts.
    pub const ALL: Self =
        Self { volume: true, meaning: true, engagement: true, difficulty: true, influence: true };
}

/// An epoch's contributions and the points they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// The epoch's own contributions, by member, kind and event.
    pub contributions: Vec<Contribution>,
    /// What each pool's members get, and why; pools in the rule book's order.
    pub pools: Vec<PoolPoints>,
    /// What the contributions are worth whose rewards are held, those of earlier epochs that were
    /// weighed again among them.
    pub held: Vec<HeldWorth>,
    /// The trust that capacity and influence come from, at the epoch's end.
    pub trust: TrustInMembers,
}

/// How much everybody is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustInMembers {
    /// By member; nothing where everybody counts as a whole person.
    pub members: Vec<PicoPersons>,
    /// The trust in who is trusted most.
    pub greatest: PicoPersons,
}

impl Weights {
    /// Points of each member in each pool; pools in the rule book's order.
    pub fn points(&self) -> Vec<&PointsByMember> {
        self.pools.iter().map(|pool| &pool.points).collect()
    }
}

/// Over how many epochs, the closing one included, records have to reach back.
pub fn window_epochs(policy: &Policy) -> u64 {
    let rules = policy.rules();
    let in_epochs = |days: u16| days.div_ceil(rules.epoch.length_days);
    let consistency = rules.consistency.as_ref().map_or(0, |rule| rule.levels_percent.len());
    // Work of the oldest epoch that is weighed again keeps the engagement that came before it.
    let revision = 2 * u64::from(rules.revision.epochs);
    let others = [
        rules.trust.as_ref().map_or(0, |rule| rule.window_epochs),
        rules.kinds.iter().map(|kind| in_epochs(kind.holding_days)).max().unwrap_or_default(),
        rules.streak.as_ref().map_or(0, |rule| in_epochs(rule.history_days)),
        rules.rarity.as_ref().map_or(0, |rule| in_epochs(rule.window_days)),
        rules.qualification.as_ref().map_or(0, |rule| in_epochs(rule.valid_days)),
        u16::try_from(consistency).unwrap_or(u16::MAX),
    ];
    let longest = others.into_iter().max().map_or(0, u64::from);
    revision.max(longest + u64::from(rules.revision.epochs)) + 1
}

/// Weighs an epoch over the records of its window, and carries the history on.
pub fn weigh(
    policy: &Policy,
    members: &Members,
    records: &Records,
    epoch: u64,
    history: &mut History,
    dimensions: Dimensions,
) -> Weights {
    let rules = policy.rules();
    history.follow(members);
    let strongest = strongest(rules, records);
    if let Some(rule) = &rules.trust {
        let trust = trust_at(rules, rule, members, records, &strongest, epoch);
        history.trust.insert(epoch, trust);
    }
    let voices = Voices::new(rules, &history.trust);
    let first = epoch.saturating_sub(rules.revision.epochs.into()).max(history.rules_from).max(1);
    let scorer = Scorer {
        rules,
        dimensions,
        recognition: recognition(rules, records, &strongest, &voices),
        qualities: assessment::qualities(rules, records, &voices),
        withdrawn: records.withdrawn.iter().map(|withdrawn| withdrawn.artifact).collect(),
        standing: Standing::new(rules, records, &first_days(policy, first..=epoch)),
        last_work: last_works(rules, records),
    };
    drop(strongest);
    let range = u32::try_from(first).unwrap_or(u32::MAX)..=u32::try_from(epoch).unwrap_or(u32::MAX);
    let works = records.works.par_iter().filter(|work| range.contains(&work.epoch));
    let mut contributions: Vec<Contribution> = works.map(|work| scorer.score(work)).collect();
    contributions.par_sort_unstable_by_key(|one| (one.epoch, one.member, one.kind, one.event));
    volume::count(rules, dimensions, &voices, &mut contributions);
    points::exclude(rules, members, &mut contributions);
    let mut worth = points::worth(rules, dimensions, &voices, &contributions);
    let held = std::mem::take(&mut worth.held);
    let pools = points::grant(rules, epoch, worth, history);
    forget(policy, epoch, history);
    let own = u32::try_from(epoch).unwrap_or(u32::MAX);
    contributions.retain(|one| one.epoch == own);
    let mut trust = TrustInMembers::default();
    if let Some(trusted) = history.trust.get(&epoch).filter(|_| rules.trust.is_some()) {
        trust.members = trusted.iter().take(members.len() as usize).copied().collect();
        trust.greatest = trusted.iter().max().copied().unwrap_or_default();
    }
    Weights { contributions, pools, held, trust }
}

/// The first day of each epoch, days since 1970.
fn first_days(policy: &Policy, epochs: std::ops::RangeInclusive<u64>) -> BTreeMap<u32, i32> {
    const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;
    let schedule = Schedule::new(policy);
    let day = |epoch: u64| schedule.end_us(epoch - 1).div_euclid(DAY_US);
    epochs
        .filter_map(|epoch| Some((u32::try_from(epoch).ok()?, i32::try_from(day(epoch)).ok()?)))
        .collect()
}

/// The newest contribution of everybody, referrals left out.
fn last_works(rules: &RuleBook, records: &Records) -> BTreeMap<u32, u32> {
    if rules.kinds.iter().all(|kind| kind.newcomer.is_none()) {
        return BTreeMap::new();
    }
    let own = records.works.iter().filter(|work| work.newcomer == NONE);
    own.map(|work| (work.member, work.event)).collect()
}

/// Drops what no later epoch asks for.
fn forget(policy: &Policy, epoch: u64, history: &mut History) {
    let revision = u64::from(policy.rules().revision.epochs);
    history.trust.retain(|of, _| of + 2 * revision >= epoch);
    history.granted.retain(|of, _| of + revision > epoch);
}
