//! Plain counting of events: every event is worth the same, whatever it is.
//!
//! share(i) = budget × events(i) / Σ events, by largest remainder, so Σ share = budget in every epoch
//! that has events

use std::collections::BTreeMap;

use crate::allocation::split;
use crate::epoch::Schedule;
use crate::ingest::Event;
use crate::policy::Policy;

/// What each actor gets of one epoch's budget, base units, for that epoch's events.
pub fn share_by_count(budget: u64, events: &[Event]) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for event in events {
        *counts.entry(&event.actor).or_default() += 1;
    }
    let (actors, counts): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
    actors.into_iter().map(str::to_owned).zip(split(budget, &counts)).collect()
}

/// What each actor gets in all epochs that the events reach into, base units; events sorted by time.
///
/// The budgets are the rule book's; that of an epoch without events is nobody's.
pub fn share_all_by_count(policy: &Policy, events: &[Event]) -> BTreeMap<String, u64> {
    let schedule = Schedule::new(policy);
    let mut shares = BTreeMap::new();
    let Some(last) = events.last() else {
        return shares;
    };
    for epoch in 1..=schedule.last_ended(last.at_us) + 1 {
        let of_epoch = share_by_count(policy.budget(epoch), schedule.events_of(events, epoch));
        for (actor, share) in of_epoch {
            *shares.entry(actor).or_default() += share;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

    fn event(actor: &str, at_us: i64) -> Event {
        Event {
            at_us,
            source: "tool".into(),
            external_id: format!("{actor}-{at_us}"),
            name: "comment_created".into(),
            actor: actor.into(),
            properties: BTreeMap::new(),
        }
    }

    #[test]
    fn a_budget_is_shared_by_the_number_of_events() {
        let events = ["a", "b", "a", "c", "a", "b"].map(|actor| event(actor, 0));
        // 100 × 3/6, 2/6 and 1/6 are 50, 33 ⅓ and 16 ⅔: the unit that is left is c's.
        let expected = [("a", 50), ("b", 33), ("c", 17)].map(|(actor, n)| (actor.to_owned(), n));
        assert_eq!(share_by_count(100, &events), BTreeMap::from(expected));
        assert_eq!(share_by_count(100, &[]), BTreeMap::new());
    }

    #[test]
    fn every_epoch_has_its_own_budget_and_an_idle_one_pays_nobody() {
        let policy =
            Policy::parse(include_str!("../../../examples/policies/contribution.toml")).unwrap();
        let start_us = Schedule::new(&policy).end_us(0);
        // Two events in the first week, none in the second, one in the third; one before the first.
        let at = [("a", -1), ("a", 0), ("b", 6), ("b", 14)];
        let events = at.map(|(actor, day)| event(actor, start_us + day * DAY_US));
        let budget = policy.base_units(100_000);
        let expected = [("a", budget / 2), ("b", budget / 2 + budget)];
        let expected = expected.map(|(actor, share)| (actor.to_owned(), share));
        assert_eq!(share_all_by_count(&policy, &events), BTreeMap::from(expected));
        assert_eq!(share_all_by_count(&policy, &[]), BTreeMap::new());
    }

    proptest! {
        #[test]
        fn the_whole_budget_is_shared_and_more_events_never_mean_less(
            budget in 0u64..u64::MAX, actors in prop::collection::vec("[a-e]", 1..60),
        ) {
            let events: Vec<_> = actors.iter().map(|actor| event(actor, 0)).collect();
            let shares = share_by_count(budget, &events);
            prop_assert_eq!(shares.values().sum::<u64>(), budget);
            let count = |of: &str| actors.iter().filter(|actor| *actor == of).count();
            for (a, more) in &shares {
                for (b, less) in &shares {
                    prop_assert!(count(a) <= count(b) || more >= less);
                }
            }
        }
    }
}
