//! The weeks that a graph's times are in.

use super::graph::CredGraph;

/// Length of a week, microseconds.
const WEEK_US: i64 = 7 * 24 * 60 * 60 * 1_000_000;

/// Consecutive weeks.
pub(super) struct Weeks {
    starts_us: Vec<i64>,
}

impl Weeks {
    /// The weeks from a graph's first time to its last; `None` if nothing in it has a time.
    ///
    /// One of all weeks begins at the anchor.
    pub(super) fn covering(graph: &CredGraph, anchor_us: i64) -> Option<Self> {
        let of_nodes = graph.nodes.iter().filter_map(|node| node.at_us);
        let times_us = of_nodes.chain(graph.edges.iter().map(|edge| edge.at_us));
        let (first, last) = times_us.fold(None, |range: Option<(i64, i64)>, at_us| {
            Some(range.map_or((at_us, at_us), |(first, last)| (first.min(at_us), last.max(at_us))))
        })?;
        let week_of = |at_us: i64| at_us.saturating_sub(anchor_us).div_euclid(WEEK_US);
        let starts_us = (week_of(first)..=week_of(last))
            .map(|week| week.saturating_mul(WEEK_US).saturating_add(anchor_us))
            .collect();
        Some(Self { starts_us })
    }

    /// Which of the weeks a time is in, from 0.
    ///
    /// As SourceCred has it, the moment at which a week begins belongs to the week before, and
    /// milliseconds are the finest it knows.
    pub(super) fn place(&self, at_us: i64) -> usize {
        let at_us = at_us.saturating_sub(at_us.rem_euclid(1_000));
        self.starts_us.partition_point(|start_us| *start_us < at_us).saturating_sub(1)
    }

    pub(super) fn count(&self) -> usize {
        self.starts_us.len()
    }

    pub(super) fn into_starts_us(self) -> Vec<i64> {
        self.starts_us
    }
}
