//! Why a member got what it got: the chain of numbers from each contribution to the final amount.
//!
//! ```text
//! contribution: base × factor × … → rounded → within its cap = score → what of it counts
//! pool:         Σ counted × influence = worth; + revisions − owed = points → the member's part
//! payment:      Σ parts − held + matured = paid; total before + paid = total after
//! ```
//!
//! - [`Explainer`] closes a community's epochs up to one, and explains everybody's part of it.
//! - [`explain`] writes the numbers of a closed epoch down as an [`Explanation`], which is plain data.
//! - [`Explanation::check`] computes all of them anew from the explanation alone: it adds up, or it says
//!   where it does not.
//! - [`Explanation::to_text`] says it in words, in every [`Language`](crate::language::Language).
//!
//! Members are numbers here. Works are named as the log names them, where personal data were hashed at
//! the door. Pure: no clock, no I/O.

mod check;
mod contribution;
mod counting;
mod explanation;
mod history;
mod own_events;
mod pool;
mod text;

use jiff::Timestamp;

pub use check::CheckError;
pub use explanation::{
    AppliedFactor, AtCap, Cap, DayCap, Exclusion, ExplainedContribution, ExplainedKind,
    ExplainedPool, Explanation, Influence, MemberCap, Method, OwnEvents, Payment, PointLimit,
    PolicyName, Proportion, Rank, Rate, Reason, RecognitionParts, Revision, Reward, Rounded,
    Saturation, Split, TokenName, Unpaid, Volume,
};
pub use history::{Explainer, HistoryError};
pub use text::{TEXTS, Tone};

use crate::epoch::{ClosedEpoch, Earned, Held, Schedule};
use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;
use crate::policy::{Policy, RuleBook};
use crate::weigh::{Contribution, Outcome};

/// Why an epoch cannot be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// There is no such member.
    #[error("there was no member {0} yet when the epoch was closed")]
    NoMember(MemberIndex),
    /// The events are not those that the epoch was closed over.
    #[error("the events are not those that the epoch was closed over")]
    OtherEvents,
    /// A time cannot be written down.
    #[error("a time is out of range: {0} µs since 1970")]
    Time(i64),
}

/// What is explained, and what by.
struct Subject<'a> {
    rules: &'a RuleBook,
    schedule: Schedule,
    members: &'a Members,
    /// In the order in which the epoch was closed over them.
    events: &'a [&'a Event],
    closed: &'a ClosedEpoch,
    member: MemberIndex,
}

/// Explains what a member got in a closed epoch.
///
/// `events` are [`events_of_window`](crate::epoch::events_of_window) of the epoch; `before` is what the
/// member had [earned](crate::epoch::Ledger::earned) before it was closed.
///
/// # Errors
/// [`ExplainError`] when there is no such member, or the events are others.
pub fn explain(
    policy: &Policy,
    members: &Members,
    events: &[&Event],
    closed: &ClosedEpoch,
    before: Earned,
    member: MemberIndex,
) -> Result<Explanation, ExplainError> {
    if members.get(member).is_none() || member as usize >= closed.leaves.len() {
        return Err(ExplainError::NoMember(member));
    }
    let (rules, schedule) = (policy.rules(), Schedule::new(policy));
    let subject = Subject { rules, schedule, members, events, closed, member };
    let pools = subject.pools()?;
    let of_trust = pools.iter().any(|pool| {
        pool.influence.is_some() || pool.kinds.iter().any(|kind| kind.volume.is_some())
    });
    let trust = closed.weights.trust.members.get(member as usize);
    let payee = members.payee(member);
    let matured = subject.rewards(&closed.matured)?;
    let cancelled = subject.rewards(&closed.cancelled)?;
    Ok(Explanation {
        member,
        epoch: closed.epoch,
        starts_at: time(schedule.end_us(closed.epoch - 1))?,
        ends_at: time(closed.ended_at_us)?,
        policy: PolicyName { name: rules.name.clone(), version: rules.version },
        token: TokenName { symbol: rules.token.symbol.clone(), decimals: rules.token.decimals },
        paid_to: (payee != member).then_some(payee),
        trust_pico_persons: of_trust.then_some(trust.copied().unwrap_or_default()),
        exclusion: subject.exclusion(),
        events: subject.own_events()?,
        payment: payment(&pools, &matured, &cancelled, before),
        pools,
        matured,
        cancelled,
    })
}

impl<'a> Subject<'a> {
    /// The member's contributions of the epoch, by kind and event.
    fn contributions(&self) -> &'a [Contribution] {
        let all = &self.closed.weights.contributions;
        let from = all.partition_point(|one| one.member < self.member);
        let to = all.partition_point(|one| one.member <= self.member);
        &all[from..to]
    }

    fn event(&self, place: u32) -> Result<&'a Event, ExplainError> {
        self.events.get(place as usize).copied().ok_or(ExplainError::OtherEvents)
    }

    fn rewards(&self, held: &[Held]) -> Result<Vec<Reward>, ExplainError> {
        let own = held.iter().filter(|held| held.member == self.member);
        own.map(|held| {
            Ok(Reward {
                pool: self.rules.pools.get(held.pool).map_or("", |pool| &pool.name).to_owned(),
                source: held.event.source.clone(),
                event: held.event.external_id.clone(),
                artifact: held.work.clone(),
                until: time(held.matures_at_us)?,
                amount_base_units: held.amount,
            })
        })
        .collect()
    }

    fn exclusion(&self) -> Option<Exclusion> {
        let excluded = self.contributions().iter();
        let made = excluded.filter(|one| one.outcome == Outcome::NotEligible).count();
        if made == 0 {
            return None;
        }
        let rule = &self.rules.eligibility;
        let held = self.members.get(self.member).map(|member| &member.roles);
        let role = held.and_then(|held| held.intersection(&rule.excluded_roles).next());
        Some(match role {
            Some(role) => Exclusion::Role { role: *role },
            None => Exclusion::TooFew {
                made: u32::try_from(made).unwrap_or(u32::MAX),
                needed: rule.min_contributions,
            },
        })
    }
}

fn payment(
    pools: &[ExplainedPool],
    matured: &[Reward],
    cancelled: &[Reward],
    before: Earned,
) -> Payment {
    let sum = |rewards: &[Reward]| rewards.iter().map(|one| one.amount_base_units).sum::<u64>();
    let granted: u64 = pools.iter().map(|pool| pool.amount_base_units).sum();
    let held: u64 = pools.iter().map(|pool| sum(&pool.held)).sum();
    let (matured, cancelled) = (sum(matured), sum(cancelled));
    let paid = (granted + matured).saturating_sub(held);
    Payment {
        granted_base_units: granted,
        held_base_units: held,
        matured_base_units: matured,
        paid_base_units: paid,
        total_before_base_units: before.total,
        total_after_base_units: before.total.saturating_add(paid),
        held_before_base_units: before.held,
        cancelled_base_units: cancelled,
        held_after_base_units: (before.held + held).saturating_sub(matured + cancelled),
    }
}

fn time(at_us: i64) -> Result<Timestamp, ExplainError> {
    Timestamp::from_microsecond(at_us).map_err(|_| ExplainError::Time(at_us))
}
