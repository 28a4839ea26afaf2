//! The member's own events that are no contributions, and why they are none.

use std::collections::{BTreeMap, BTreeSet};

use super::explanation::{OwnEvents, Reason, Unpaid};
use super::{ExplainError, Subject};
use crate::ingest::Event;
use crate::policy::{Earner, is_of};
use crate::weigh::is_own_work;

impl Subject<'_> {
    /// Counts what the member did in the epoch.
    pub(super) fn own_events(&self) -> Result<OwnEvents, ExplainError> {
        let mut paid = BTreeSet::new();
        for one in self.contributions() {
            if self.rules.kinds[usize::from(one.kind)].earner == Earner::Actor {
                paid.insert(one.event);
            }
        }
        let mut unpaid: BTreeMap<(Reason, &str), u64> = BTreeMap::new();
        let mut all = 0;
        for (place, event) in self.of_epoch() {
            if self.members.find(&event.source, &event.actor) != Some(self.member) {
                continue;
            }
            all += 1;
            if !paid.contains(&place) {
                *unpaid.entry((self.reason(event), event.name.as_str())).or_default() += 1;
            }
        }
        let unpaid = unpaid.into_iter().map(|((reason, name), events)| {
            let name = name.to_owned();
            Unpaid { reason, name, events }
        });
        Ok(OwnEvents { all, unpaid: unpaid.collect() })
    }

    /// The epoch's events and their places among those that it was closed over.
    fn of_epoch(&self) -> impl Iterator<Item = (u32, &Event)> {
        let start_us = self.schedule.end_us(self.closed.epoch - 1);
        let from = self.events.partition_point(|event| event.at_us < start_us);
        let to = self.events.partition_point(|event| event.at_us < self.closed.ended_at_us);
        let places = u32::try_from(from).unwrap_or(u32::MAX)..;
        places.zip(self.events[from..to].iter().copied())
    }

    fn reason(&self, event: &Event) -> Reason {
        let rules = self.rules;
        let own = is_own_work(self.members, event);
        let is_signal = rules.signals.iter().any(|signal| signal.matches(event));
        let known = self.rules_for(&event.name);
        if !is_of(&rules.sources, event) {
            Reason::Source
        } else if is_signal && !own && event.text("target").is_some() {
            Reason::Engagement
        } else if known.is_empty() {
            Reason::Presence
        } else if !known.iter().any(|(_, sources)| is_of(sources, event)) {
            Reason::Source
        } else if known.iter().any(|(states, sources)| *states && is_of(sources, event)) {
            Reason::Statement
        } else if own {
            Reason::OwnWork
        } else {
            Reason::Unmet
        }
    }

    /// The rules that know events of a name: whether they ask what it states, and of which sources.
    fn rules_for(&self, name: &str) -> Vec<(bool, &[String])> {
        let rules = self.rules;
        let assessment = rules.assessment.iter().map(|rule| (true, &rule.event, &rule.sources[..]));
        let stage = rules.qualification.iter().map(|rule| (true, &rule.event, &rule.sources[..]));
        let withdrawn = rules.withdrawals.iter().map(|rule| (true, &rule.event, &rule.sources[..]));
        let kinds = rules.kinds.iter().map(|kind| (false, &kind.event, &[][..]));
        let signals = rules.signals.iter().map(|signal| (false, &signal.event, &[][..]));
        let all = assessment.chain(stage).chain(withdrawn).chain(kinds).chain(signals);
        let named = all.filter(|(_, event, _)| *event == name);
        named.map(|(states, _, sources)| (states, sources)).collect()
    }
}
