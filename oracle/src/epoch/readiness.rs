//! Whether an epoch may close: every source that it waits for was read past its end, and those that
//! can count agree with the log.
//!
//! |log − source| × 100 ≤ tolerance × source

use std::fmt;

/// How a source stands at the end of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStanding {
    /// The source.
    pub source: String,
    /// All that it will say about times before this one was read, UTC microseconds; `None` when it
    /// never was.
    pub synced_until_us: Option<i64>,
    /// Whether it can count its own events.
    pub counts: bool,
    /// Its count and the log's of the epoch's events, when they were compared.
    pub counted: Option<(u64, u64)>,
}

/// Why an epoch has to wait for a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// It has no cursor: it never delivered, or was only imported.
    NeverRead,
    /// It was not read to the epoch's end; how much is missing, microseconds.
    Behind(i64),
    /// Its count was not asked for yet.
    NotCounted,
    /// The counts are too far apart.
    CountsDiffer {
        /// The source's count.
        source_count: u64,
        /// The log's.
        log_count: u64,
    },
}

impl SourceStanding {
    /// Why an epoch that ends at a time has to wait for this source; `None` when it need not.
    pub fn waiting(&self, ends_at_us: i64, tolerance_percent: u16) -> Option<Waiting> {
        let Some(synced_until_us) = self.synced_until_us else {
            return Some(Waiting::NeverRead);
        };
        if synced_until_us < ends_at_us {
            return Some(Waiting::Behind(ends_at_us - synced_until_us));
        }
        if !self.counts {
            return None;
        }
        let Some((source_count, log_count)) = self.counted else {
            return Some(Waiting::NotCounted);
        };
        let apart = u128::from(source_count.abs_diff(log_count)) * 100;
        let allowed = u128::from(tolerance_percent) * u128::from(source_count);
        (apart > allowed).then_some(Waiting::CountsDiffer { source_count, log_count })
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverRead => formatter.write_str("nothing says how far it was read"),
            Self::Behind(missing_us) => {
                let minutes = missing_us.div_euclid(60_000_000) + 1;
                write!(formatter, "it was read to {minutes} minutes before the epoch's end")
            }
            Self::NotCounted => formatter.write_str("its own count was not compared yet"),
            Self::CountsDiffer { source_count, log_count } => {
                write!(formatter, "it counts {source_count} events and the log {log_count}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(synced_until_us: Option<i64>, counted: Option<(u64, u64)>) -> SourceStanding {
        SourceStanding { source: "posthog".into(), synced_until_us, counts: true, counted }
    }

    #[test]
    fn an_epoch_waits_until_a_source_was_read_past_its_end() {
        let counted = Some((100, 100));
        assert_eq!(standing(None, counted).waiting(10, 3), Some(Waiting::NeverRead));
        assert_eq!(standing(Some(9), counted).waiting(10, 3), Some(Waiting::Behind(1)));
        assert_eq!(standing(Some(10), counted).waiting(10, 3), None);
    }

    #[test]
    fn counts_may_differ_by_the_tolerance_and_no_more() {
        let waiting = |counted| standing(Some(10), counted).waiting(10, 3);
        assert_eq!(waiting(None), Some(Waiting::NotCounted));
        for close in [(100, 97), (100, 103), (0, 0), (u64::MAX, u64::MAX)] {
            assert_eq!(waiting(Some(close)), None, "{close:?}");
        }
        for (source_count, log_count) in [(100, 96), (100, 104), (0, 1), (u64::MAX, 0)] {
            let expected = Waiting::CountsDiffer { source_count, log_count };
            assert_eq!(waiting(Some((source_count, log_count))), Some(expected));
        }
        // Who cannot count is not asked
        let silent = SourceStanding { counts: false, ..standing(Some(10), None) };
        assert_eq!(silent.waiting(10, 3), None);
    }
}
