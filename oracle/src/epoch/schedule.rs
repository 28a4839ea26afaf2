//! When epochs are.

use crate::ingest::Event;
use crate::policy::Policy;

/// Epoch e covers [start + (e − 1) × length, start + e × length), UTC microseconds; e counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    start_us: i64,
    length_us: i64,
}

impl Schedule {
    /// The schedule of a rule book.
    pub fn new(policy: &Policy) -> Self {
        let length_us = policy.epoch_length().as_secs() * 1_000_000;
        Self { start_us: policy.rules().epoch.start_at.as_microsecond(), length_us }
    }

    /// When an epoch ends, UTC microseconds.
    ///
    /// # Panics
    /// Past the year 290000.
    pub fn end_us(&self, epoch: u64) -> i64 {
        let epoch = i64::try_from(epoch).expect("an epoch that can end");
        self.start_us + epoch * self.length_us
    }

    /// The last epoch that has ended at a time; 0 before the first one has.
    pub fn last_ended(&self, now_us: i64) -> u64 {
        let passed = now_us.saturating_sub(self.start_us).div_euclid(self.length_us);
        u64::try_from(passed).unwrap_or_default()
    }

    /// The epoch of a time; 0 before the first.
    pub fn epoch_at(&self, at_us: i64) -> u64 {
        let passed = at_us.saturating_sub(self.start_us).div_euclid(self.length_us);
        u64::try_from(passed.saturating_add(1)).unwrap_or_default()
    }

    /// The events of so many epochs up to the end of one, out of events that are sorted by time.
    pub fn window_of<'a>(&self, events: &'a [Event], epoch: u64, epochs: u64) -> &'a [Event] {
        let end_us = self.end_us(epoch);
        let epochs = i64::try_from(epochs).unwrap_or(i64::MAX);
        let from_us = end_us.saturating_sub(self.length_us.saturating_mul(epochs));
        let from = events.partition_point(|event| event.at_us < from_us);
        let to = events.partition_point(|event| event.at_us < end_us);
        &events[from..to]
    }

    /// The events of an epoch, out of events that are sorted by time.
    pub fn events_of<'a>(&self, events: &'a [Event], epoch: u64) -> &'a [Event] {
        self.window_of(events, epoch, 1)
    }

    /// The events that are known at the end of an epoch and were not at the end of the one before, when
    /// none comes late: the first one's are all until its end.
    pub fn arrivals_of<'a>(&self, events: &'a [Event], epoch: u64) -> &'a [Event] {
        let epochs = if epoch == 1 { u64::MAX } else { 1 };
        self.window_of(events, epoch, epochs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let policy =
            Policy::parse(include_str!("../../../examples/policies/contribution.toml")).unwrap();
        let schedule = Schedule::new(&policy);
        let week_us = 7 * 24 * 60 * 60 * 1_000_000;
        let start_us = schedule.end_us(1) - week_us;
        assert_eq!(start_us, 1_507_507_200_000_000);
        assert_eq!(schedule.last_ended(start_us - 1), 0);
        assert_eq!(schedule.last_ended(start_us + week_us - 1), 0);
        assert_eq!(schedule.last_ended(start_us + week_us), 1);
        assert_eq!(schedule.last_ended(i64::MIN), 0);
        let at = |at_us| Event {
            at_us,
            source: String::new(),
            external_id: String::new(),
            name: String::new(),
            actor: String::new(),
            properties: Default::default(),
        };
        let events = [start_us - 1, start_us, start_us + week_us - 1, start_us + week_us].map(at);
        assert_eq!(schedule.events_of(&events, 1), &events[1..3]);
        assert_eq!(schedule.events_of(&events, 2), &events[3..]);
        assert_eq!(schedule.events_of(&events, 3), &[]);
        assert_eq!(schedule.arrivals_of(&events, 1), &events[..3]);
        assert_eq!(schedule.arrivals_of(&events, 2), &events[3..]);
        assert_eq!(schedule.window_of(&events, 2, 2), &events[1..]);
        assert_eq!(schedule.window_of(&events, 1, u64::MAX), &events[..3]);
        assert_eq!(events.map(|event| schedule.epoch_at(event.at_us)), [0, 1, 1, 2]);
        assert_eq!(schedule.epoch_at(i64::MIN), 0);
    }
}
