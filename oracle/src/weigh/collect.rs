//! From events to the rows that weights are computed from, by the rule book.

use std::collections::HashMap;

use super::person::{People, is_own_work};
use super::power::power_micro;
use super::records::{Assessment, Engagement, Grant, NONE, Records, UNKNOWN, Withdrawn, Work};
use crate::epoch::Schedule;
use crate::identity::{MemberIndex, Members, Role};
use crate::ingest::{Event, parse_time_us};
use crate::policy::{Earner, Kind, Policy, RuleBook, is_of};
use crate::statement::{self, verify_event};

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// Events in the order of time, source and id, which settles every tie.
pub fn in_order<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<&'a Event> {
    let mut events: Vec<&Event> = events.into_iter().collect();
    events.sort_by(|a, b| a.cmp_by_time(b));
    events
}

/// The work that an event is about as a whole: its target, or else itself.
pub fn named_work(event: &Event) -> Option<&str> {
    event.text("target").or_else(|| event.text("artifact"))
}

impl Records {
    /// Reads the rows out of events that are [`in_order`].
    pub fn collect<'a>(policy: &'a Policy, members: &'a Members, events: &[&'a Event]) -> Self {
        let mut collector = Collector::new(policy, members);
        for (place, event) in (0..).zip(events) {
            collector.add(place, event);
        }
        collector.finish()
    }
}

struct Collector<'a> {
    rules: &'a RuleBook,
    schedule: Schedule,
    members: &'a Members,
    people: People<'a>,
    artifacts: HashMap<&'a str, u32>,
    /// By artifact: one bit for each kind of contribution that it is.
    kinds: Vec<u64>,
    /// By artifact: who first contributed it.
    authors: Vec<u32>,
    efforts: HashMap<(u16, u64), u32>,
    records: Records,
}

impl<'a> Collector<'a> {
    fn new(policy: &'a Policy, members: &'a Members) -> Self {
        Self {
            rules: policy.rules(),
            schedule: Schedule::new(policy),
            members,
            people: People::new(members),
            artifacts: HashMap::new(),
            kinds: Vec::new(),
            authors: Vec::new(),
            efforts: HashMap::new(),
            records: Records::default(),
        }
    }

    fn add(&mut self, place: u32, event: &'a Event) {
        if !is_of(&self.rules.sources, event) || !self.is_as_signed(event) {
            return;
        }
        self.add_grant(event);
        self.add_withdrawal(place, event);
        self.add_assessment(place, event);
        self.add_work(place, event, Earner::Actor);
        self.add_work(place, event, Earner::TargetAuthor);
        self.add_engagement(place, event);
    }

    /// A signed statement counts only as it was signed, and for whom; other events are signed by nobody.
    fn is_as_signed(&self, event: &Event) -> bool {
        if event.source != statement::SOURCE {
            return true;
        }
        let domain = self.rules.statements_domain.as_deref();
        verify_event(event)
            .is_ok_and(|statement| domain.is_none_or(|domain| statement.domain() == domain))
    }

    fn add_work(&mut self, place: u32, event: &'a Event, earner: Earner) {
        let own_work = is_own_work(self.members, event);
        let is_kind = |kind: &Kind| kind.earner == earner && kind.matches(event, own_work);
        let Some(kind) = self.rules.kinds.iter().position(is_kind) else {
            return;
        };
        let id = match earner {
            Earner::Actor => Some(event.actor.as_str()),
            Earner::TargetAuthor => event.text("target_author"),
        };
        let Some(member) = id.and_then(|id| self.members.find(&event.source, id)) else {
            return;
        };
        let rule = &self.rules.kinds[kind];
        let kind = u16::try_from(kind).expect("a checked rule book has few kinds");
        let newcomer = rule.newcomer.as_ref().map(|property| {
            let id = event.text(property);
            id.map_or(UNKNOWN, |id| self.people.index(&event.source, id))
        });
        let artifact = event.text("artifact").map_or(NONE, |name| self.artifact(name));
        if artifact != NONE {
            self.kinds[artifact as usize] |= 1 << kind;
            let author = &mut self.authors[artifact as usize];
            *author = if *author == NONE { member } else { *author };
        }
        let work = Work {
            event: place,
            member,
            artifact,
            newcomer: newcomer.unwrap_or(NONE),
            day: day(event.at_us),
            epoch: self.epoch(event),
            effort: self.effort(kind, event),
            kind,
            difficulty_percent: rule.difficulty.as_ref().map_or(100, |rule| rule.percent(event)),
        };
        self.records.works.push(work);
    }

    fn add_engagement(&mut self, place: u32, event: &'a Event) {
        let signals = &self.rules.signals;
        let Some(signal) = signals.iter().position(|signal| signal.matches(event)) else {
            return;
        };
        let (Some(target), Some(author)) = (event.text("target"), event.text("target_author"))
        else {
            return;
        };
        if is_own_work(self.members, event) {
            return;
        }
        let engagement = Engagement {
            event: place,
            actor: self.people.index(&event.source, &event.actor),
            author: self.people.index(&event.source, author),
            artifact: self.artifact(target),
            epoch: self.epoch(event),
            signal: u16::try_from(signal).expect("a checked rule book has few signals"),
        };
        self.records.engagements.push(engagement);
    }

    /// An assessment counts from who may assess, of somebody else's work. Whose work it is, is known
    /// when all events are.
    fn add_assessment(&mut self, place: u32, event: &'a Event) {
        let Some(rule) = self.rules.assessment.as_ref().filter(|rule| rule.event == event.name)
        else {
            return;
        };
        if !is_of(&rule.sources, event) {
            return;
        }
        let named = event.text("artifact").or_else(|| event.text("target"));
        let percent = event.count("score").and_then(|score| rule.percent(score));
        let (Some(name), Some(percent)) = (named, percent) else {
            return;
        };
        let Some(assessor) = self.members.find(&event.source, &event.actor) else {
            return;
        };
        if !rule.roles.is_empty() && !self.has_role(assessor, rule.roles.iter().copied()) {
            return;
        }
        let artifact = self.artifact(name);
        let epoch = self.epoch(event);
        self.records.assessments.push(Assessment {
            event: place,
            assessor,
            artifact,
            epoch,
            percent,
        });
    }

    fn add_grant(&mut self, event: &'a Event) {
        let Some(rule) = self.rules.qualification.as_ref().filter(|rule| rule.event == event.name)
        else {
            return;
        };
        if !is_of(&rule.sources, event) {
            return;
        }
        let named = event.text("target_author");
        let by_id = named.and_then(|id| self.members.find(&event.source, id));
        let by_index = event.count("member").and_then(|index| MemberIndex::try_from(index).ok());
        let by_index = by_index.filter(|index| *index < self.members.len());
        let member = by_id.or_else(|| by_index.map(|index| self.members.survivor(index)));
        // Without an expiry it is held for as long as it can be.
        let longest_us = event.at_us + i64::from(rule.valid_days) * DAY_US;
        let expires_us = match event.text("expires_at") {
            Some(text) => parse_time_us(text).ok(),
            None => Some(longest_us),
        };
        let stage = event.count("stage").and_then(|stage| usize::try_from(stage).ok());
        let percent = stage.and_then(|stage| rule.levels_percent.get(stage));
        if let (Some(member), Some(until_us), Some(percent)) = (member, expires_us, percent) {
            let until_us = until_us.min(longest_us);
            self.records.grants.push(Grant {
                member,
                from_us: event.at_us,
                until_us,
                percent: *percent,
            });
        }
    }

    /// A work is withdrawn by its author, or by who keeps the community's content and rules.
    fn add_withdrawal(&mut self, place: u32, event: &'a Event) {
        if !self.rules.withdrawals.iter().any(|rule| rule.matches(event)) {
            return;
        }
        let Some(name) = named_work(event) else {
            return;
        };
        let artifact = self.artifact(name);
        let Some(actor) = self.members.find(&event.source, &event.actor) else {
            return;
        };
        let author = self.authors[artifact as usize];
        let is_author = author != NONE && self.members.payee(author) == self.members.payee(actor);
        if is_author || self.has_role(actor, [Role::Curator, Role::Admin]) {
            self.records.withdrawn.push(Withdrawn { event: place, artifact });
        }
    }

    /// Leaves out what is about a work of another kind than its signal says, and assessments of own
    /// works.
    fn finish(mut self) -> Records {
        let masks: Vec<u64> = self.rules.signals.iter().map(|signal| self.mask(signal)).collect();
        let kinds = &self.kinds;
        self.records.engagements.retain(|engagement| {
            let mask = masks[usize::from(engagement.signal)];
            mask == 0 || kinds[engagement.artifact as usize] & mask != 0
        });
        let (members, authors) = (self.members, &self.authors);
        self.records.assessments.retain(|assessment| {
            let author = authors[assessment.artifact as usize];
            author == NONE || members.payee(author) != members.payee(assessment.assessor)
        });
        self.records.grants.sort_by_key(|grant| grant.from_us);
        self.records.persons = self.people.len();
        self.records.artifacts = u32::try_from(self.kinds.len()).unwrap_or(NONE);
        self.records
    }

    fn mask(&self, signal: &crate::policy::Signal) -> u64 {
        let kinds = self.rules.kinds.iter().enumerate();
        let named = kinds.filter(|(_, kind)| signal.kinds.contains(&kind.name));
        named.fold(0, |mask, (place, _)| mask | 1 << place)
    }

    /// A work is known by its name, whichever source names it.
    fn artifact(&mut self, name: &'a str) -> u32 {
        let next = u32::try_from(self.kinds.len()).expect("fewer works than events");
        *self.artifacts.entry(name).or_insert_with(|| {
            self.kinds.push(0);
            self.authors.push(NONE);
            next
        })
    }

    fn effort(&mut self, kind: u16, event: &Event) -> u32 {
        let Some(rule) = &self.rules.kinds[usize::from(kind)].effort else {
            return 0;
        };
        let value = event.count(&rule.property).unwrap_or_default().min(u64::from(rule.at_most));
        *self.efforts.entry((kind, value)).or_insert_with(|| {
            let effort = power_micro(value, 1, rule.exponent_percent);
            u32::try_from(effort).unwrap_or(u32::MAX)
        })
    }

    fn epoch(&self, event: &Event) -> u32 {
        u32::try_from(self.schedule.epoch_at(event.at_us)).unwrap_or(u32::MAX)
    }

    fn has_role(&self, member: MemberIndex, roles: impl IntoIterator<Item = Role>) -> bool {
        let held = self.members.get(member).map(|member| &member.roles);
        held.is_some_and(|held| roles.into_iter().any(|role| held.contains(&role)))
    }
}

fn day(at_us: i64) -> i32 {
    let days = at_us.div_euclid(DAY_US);
    i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
}
