//! Which events of a day count, and which wait in quarantine.
//!
//! place(event) = its place among what the same member did on the same UTC day, in the sources that
//! share its limit; it counts while place ≤ limit
//!
//! Places are by the events' own time, source and id: whichever came first, and whatever the segments
//! are, every oracle with the same members decides alike. Nothing is written: with another limit, or
//! when two members turn out to be one, the next reading decides anew.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Serialize;

use crate::identity::MemberIndex;
use crate::ingest::Event;

/// A day, microseconds.
pub(crate) const DAY_US: i64 = 86_400_000_000;

/// How many events of one member count on one UTC day; `None`: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DailyLimits {
    /// In all sources together that have no limit of their own.
    pub general: Option<u32>,
    /// In single sources, each counted by itself.
    pub own: BTreeMap<String, Option<u32>>,
}

/// Whose events are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A member, under all its ids.
    Member(MemberIndex),
    /// Somebody who is no member yet.
    Actor {
        /// The source.
        source: String,
        /// The source's id of them.
        actor: String,
    },
}

/// An event that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// The event.
    pub event: Event,
    /// Whose it is.
    pub who: Who,
    /// The limit that it is past.
    pub limit: u32,
}

/// The events of a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Those that count, by time, source and id.
    pub counted: Vec<Event>,
    /// Those past a daily limit, in the same order.
    pub quarantined: Vec<Quarantined>,
}

impl DailyLimits {
    /// Why events of a source are in quarantine; `None` when all of them count.
    pub fn reason(&self, source: &str) -> Option<String> {
        let (alone, limit) = self.of(source);
        let limit = limit?;
        let whole = if alone.is_some() { "in this source" } else { "in all sources that share it" };
        Some(format!("past the limit of {limit} events of one member on one UTC day, {whole}"))
    }

    /// The limit of a source, and its name where it is counted by itself.
    fn of(&self, source: &str) -> (Option<&str>, Option<u32>) {
        match self.own.get_key_value(source) {
            Some((source, limit)) => (Some(source), *limit),
            None => (None, self.general),
        }
    }
}

impl Quarantined {
    /// Midnight before it, UTC microseconds.
    pub fn day_us(&self) -> i64 {
        start_of_day(self.event.at_us)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(member) => write!(formatter, "member {member}"),
            Self::Actor { source, actor } => write!(formatter, "{source}:{actor}"),
        }
    }
}

/// Tells the events that count from those past the limits. They come by time, source and id;
/// `member_of` says whose an event is, where its actor is a member.
pub fn split(
    events: Vec<Event>,
    limits: &DailyLimits,
    member_of: impl Fn(&Event) -> Option<MemberIndex>,
) -> Events {
    let mut apart = Events::default();
    let mut places: HashMap<(i64, Option<&str>, Who), u32> = HashMap::new();
    for event in events {
        let (alone, Some(limit)) = limits.of(&event.source) else {
            apart.counted.push(event);
            continue;
        };
        let who = match member_of(&event) {
            Some(member) => Who::Member(member),
            None => Who::Actor { source: event.source.clone(), actor: event.actor.clone() },
        };
        let place = places.entry((start_of_day(event.at_us), alone, who.clone())).or_default();
        *place += 1;
        match *place <= limit {
            true => apart.counted.push(event),
            false => apart.quarantined.push(Quarantined { event, who, limit }),
        }
    }
    apart
}

/// Midnight before a time, UTC microseconds.
pub(super) fn start_of_day(at_us: i64) -> i64 {
    at_us.checked_sub(at_us.rem_euclid(DAY_US)).unwrap_or(i64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something that somebody did, in seconds after the beginning of 1970.
    fn event(second: i64, source: &str, actor: &str) -> Event {
        Event {
            at_us: second * 1_000_000,
            source: source.to_owned(),
            external_id: second.to_string(),
            name: "post_created".to_owned(),
            actor: actor.to_owned(),
            properties: Default::default(),
        }
    }

    fn limits(general: Option<u32>, own: &[(&str, Option<u32>)]) -> DailyLimits {
        let own = own.iter().map(|(source, limit)| ((*source).to_owned(), *limit)).collect();
        DailyLimits { general, own }
    }

    /// The seconds of the events in quarantine, and whose they are.
    fn waiting(
        events: &[Event],
        limits: &DailyLimits,
        members: &[(&str, &str)],
    ) -> Vec<(i64, String)> {
        let member_of = |event: &Event| {
            members.contains(&(event.source.as_str(), event.actor.as_str())).then_some(7)
        };
        let apart = split(events.to_vec(), limits, member_of);
        assert_eq!(apart.counted.len() + apart.quarantined.len(), events.len());
        let place = |found: &Quarantined| (found.event.at_us / 1_000_000, found.who.to_string());
        apart.quarantined.iter().map(place).collect()
    }

    #[test]
    fn a_members_ids_are_counted_together_and_strangers_by_themselves() {
        let events = [
            event(1, "club", "anna"),
            event(2, "bot", "a"),
            event(3, "club", "boris"),
            event(4, "code", "anna"),
            event(5, "bot", "a"),
        ];
        let two = limits(Some(2), &[]);
        // Nobody is a member: everybody is somebody else
        assert_eq!(waiting(&events, &two, &[]), []);
        // And as one member, what comes third is too much
        let anna = [("club", "anna"), ("bot", "a"), ("code", "anna")];
        let member = "member 7".to_owned();
        assert_eq!(waiting(&events, &two, &anna), [(4, member.clone()), (5, member)]);
        let one = limits(Some(1), &[]);
        assert_eq!(waiting(&events, &one, &anna[..1]), [(5, "bot:a".to_owned())]);
    }

    #[test]
    fn a_source_with_a_limit_of_its_own_is_counted_by_itself() {
        let events: Vec<_> =
            (0..6).map(|n| event(n, if n % 2 == 0 { "club" } else { "app" }, "a")).collect();
        let anna = [("club", "a"), ("app", "a")];
        let places = |limits: &DailyLimits| {
            let waiting = waiting(&events, limits, &anna);
            waiting.iter().map(|(second, _)| *second).collect::<Vec<_>>()
        };
        assert_eq!(places(&limits(Some(4), &[])), [4, 5]);
        assert_eq!(places(&limits(Some(4), &[("app", Some(1))])), [3, 5]);
        assert_eq!(places(&limits(Some(1), &[("app", None)])), [2, 4]);
        assert_eq!(places(&limits(None, &[("app", Some(0))])), [1, 3, 5]);
    }

    #[test]
    fn a_day_ends_at_midnight_and_days_before_1970_are_days() {
        let events = [-86_401, -86_400, -1, 0, 86_399, 86_400].map(|at| event(at, "club", "a"));
        let waiting = waiting(&events, &limits(Some(1), &[]), &[]);
        assert_eq!(waiting.iter().map(|(second, _)| *second).collect::<Vec<_>>(), [-1, 86_399]);
    }
}
