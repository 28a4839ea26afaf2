//! What a rule book's authors surely do not want, though it is a rule book.

use std::collections::BTreeSet;
use std::fmt;

use super::locate::line_of;
use super::{Condition, Kind, Policy, RuleBook};
use crate::identity::Members;
use crate::ingest::Event;

/// Something that makes sense and is surely not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line that it is on, counted from 1; 0 when the key is not there.
    pub line: usize,
    /// The key, with its table.
    pub key: String,
    /// What comes of it, and what would be better.
    pub problem: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}: {}", super::line_prefix(self.line), self.key, self.problem)
    }
}

/// What is found, before its line is known.
type Found = Vec<(String, String)>;

impl Policy {
    /// What is surely not meant in a rule book, by itself; `text` is what it was read from.
    pub fn warnings(&self, text: &str) -> Vec<Warning> {
        let rules = self.rules();
        let mut found = Found::new();
        warn_of_pools(rules, &mut found);
        warn_of_kinds(rules, &mut found);
        warn_of_recognition(rules, &mut found);
        located(text, found)
    }

    /// What a rule book names that a community's members and events do not have.
    pub fn warnings_of_log(&self, text: &str, members: &Members, events: &[Event]) -> Vec<Warning> {
        let rules = self.rules();
        let mut found = Found::new();
        warn_of_seeds(rules, members, &mut found);
        warn_of_events(rules, events, &mut found);
        located(text, found)
    }
}

fn located(text: &str, found: Found) -> Vec<Warning> {
    let found = found.into_iter();
    let warning =
        |(key, problem): (String, String)| Warning { line: line_of(text, &key), key, problem };
    let mut warnings: Vec<_> = found.map(warning).collect();
    warnings.sort_by_key(|warning| warning.line);
    warnings
}

fn warn(found: &mut Found, is_so: bool, key: impl Into<String>, problem: impl Into<String>) {
    if is_so {
        found.push((key.into(), problem.into()));
    }
}

fn warn_of_pools(rules: &RuleBook, found: &mut Found) {
    for pool in &rules.pools {
        let is_idle = rules.kinds.iter().all(|kind| kind.pool != pool.name);
        let problem = "no kind is paid from it: its share is carried for ever";
        warn(found, is_idle, format!("pool.{}", pool.name), problem);
    }
    warn(
        found,
        rules.allocation.member_cap_percent < 100,
        "allocation.member_cap_percent",
        "a cap below 100 pays those who split their account; a kind's `capacity` grows with trust and \
         does not",
    );
}

fn warn_of_kinds(rules: &RuleBook, found: &mut Found) {
    for (place, kind) in rules.kinds.iter().enumerate() {
        let key = |field: &str| format!("kind.{}{field}", kind.name);
        let shadow = rules.kinds[..place].iter().find(|earlier| takes_all_of(earlier, kind));
        let name = shadow.map_or("", |earlier| earlier.name.as_str());
        warn(
            found,
            shadow.is_some(),
            key(""),
            format!(
                "no event is ever one: an event is of the first kind that it fits, and all of these \
                 fit `{name}`"
            ),
        );
        let is_signal = rules.signals.iter().any(|signal| signal.event == kind.event);
        let is_bound = kind.capacity.is_some()
            || kind.limit < u32::MAX
            || kind.daily_limit.is_some()
            || kind.diminishing_percent > 0;
        warn(
            found,
            is_signal && !is_bound && kind.unengaged_percent > 0,
            key(".unengaged_percent"),
            "it pays for each answer to others, endlessly and whether or not anybody takes it up: set \
             it to 0, or give the kind a capacity, a limit or diminishing returns",
        );
    }
    let holds = rules.kinds.iter().find(|kind| kind.holding_days > 0);
    let key = holds.map(|kind| format!("kind.{}.holding_days", kind.name));
    warn(
        found,
        holds.is_some() && rules.withdrawals.is_empty(),
        key.unwrap_or_default(),
        "nothing can be cancelled while it is held: there is no [[withdrawal]]",
    );
    let is_unused = rules.rarity.is_some() && rules.kinds.iter().all(|kind| !kind.rarity);
    warn(found, is_unused, "rarity", "no kind has `rarity = true`: it changes nothing");
}

/// Whether every event of a kind is one of an earlier kind too.
fn takes_all_of(earlier: &Kind, kind: &Kind) -> bool {
    earlier.event == kind.event
        && earlier.earner == kind.earner
        && (kind.others_only || !earlier.others_only)
        && covers(&earlier.condition, &kind.condition)
}

/// Whether what fits the narrow condition fits the wide one.
fn covers(wide: &Condition, narrow: &Condition) -> bool {
    wide.iter().all(|(property, values)| {
        let narrow = narrow.get(property);
        narrow.is_some_and(|narrow| narrow.iter().all(|value| values.contains(value)))
    })
}

fn warn_of_recognition(rules: &RuleBook, found: &mut Found) {
    warn(
        found,
        rules.trust.is_some() && rules.signals.iter().all(|signal| signal.trust == 0),
        "trust",
        "no signal has `trust` above 0: nobody but the seeds will ever be trusted",
    );
    warn(
        found,
        rules.reuse.is_some() && rules.signals.iter().all(|signal| !signal.reuse),
        "reuse",
        "no signal has `reuse = true`: it changes nothing",
    );
    let is_open = rules.assessment.as_ref().is_some_and(|rule| rule.roles.is_empty());
    warn(
        found,
        is_open && rules.trust.is_none(),
        "assessment",
        "everybody may assess everything, as a whole person: name `roles`, or add the table [trust]",
    );
}

fn warn_of_seeds(rules: &RuleBook, members: &Members, found: &mut Found) {
    let Some(trust) = &rules.trust else { return };
    for seed in &trust.seeds {
        let (source, id) = seed.split_once(':').unwrap_or_default();
        let problem = format!("nobody is known as `{seed}`");
        warn(found, members.find(source, id).is_none(), "trust.seeds", problem);
    }
    let held: BTreeSet<_> = members.iter().flat_map(|(_, member)| &member.roles).collect();
    for role in &trust.seed_roles {
        let problem = format!("nobody has the role {role}");
        warn(found, !held.contains(role), "trust.seed_roles", problem);
    }
}

fn warn_of_events(rules: &RuleBook, events: &[Event], found: &mut Found) {
    let names: BTreeSet<&str> = events.iter().map(|event| event.name.as_str()).collect();
    let sources: BTreeSet<&str> = events.iter().map(|event| event.source.as_str()).collect();
    for source in &rules.sources {
        let problem = format!("no event came from `{source}`");
        warn(found, !sources.contains(source.as_str()), "sources", problem);
    }
    let mut seen = |key: String, name: &str, fits: &dyn Fn(&Event) -> bool| {
        if !names.contains(name) {
            warn(found, true, format!("{key}.event"), format!("no event `{name}` ever came"));
        } else if !events.iter().any(fits) {
            let problem = format!("of all events `{name}` none ever fitted");
            warn(found, true, format!("{key}.where"), problem);
        }
    };
    for kind in &rules.kinds {
        let fits = |event: &Event| kind.matches(event, false);
        seen(format!("kind.{}", kind.name), &kind.event, &fits);
    }
    for signal in &rules.signals {
        seen(format!("signal.{}", signal.event), &signal.event, &|event| signal.matches(event));
    }
}
