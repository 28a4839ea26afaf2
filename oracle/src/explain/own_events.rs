//! The member's own events that are no contributions, and why they are none.

use std::collections::{BTreeMap, BTreeSet};

use super::explanation::{OwnEvents, Reason, Unpaid};
use super::{ExplainError, Subject};
use crate::ingest::Event;
use crate::policy::Earner;
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
        if !rules.sources.is_empty() && !rules.sources.contains(&event.source) {
            return Reason::Source;
        }
        let own = is_own_work(self.members, event);
        let is_signal = rules.signals.iter().any(|signal| signal.matches(event));
        if is_signal && !own && event.text("target").is_some() {
            return Reason::Engagement;
        }
        let asked = [
            rules.assessment.as_ref().map(|rule| &rule.event),
            rules.qualification.as_ref().map(|rule| &rule.event),
        ];
        let withdraws = rules.withdrawals.iter().any(|rule| rule.matches(event));
        if withdraws || asked.into_iter().flatten().any(|name| *name == event.name) {
            return Reason::Statement;
        }
        let paid = rules.kinds.iter().any(|kind| kind.event == event.name);
        match paid || rules.signals.iter().any(|signal| signal.event == event.name) {
            true if own => Reason::OwnWork,
            true => Reason::Unmet,
            false => Reason::Presence,
        }
    }
}
