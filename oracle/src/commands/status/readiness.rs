//! Whether the last epoch that has ended may close.

use serde::Serialize;

use super::super::policy;
use super::Opened;
use crate::epoch::{Schedule, SourceStanding};
use crate::store::Cursor;

/// How an epoch stands.
#[derive(Serialize)]
pub(super) struct EpochReadiness {
    /// The epoch, counted from 1.
    pub(super) epoch: u64,
    /// When it ended, UTC microseconds.
    pub(super) ended_at_us: i64,
    /// Whether it may close.
    pub(super) ready: bool,
    /// What it waits for: a source and why.
    pub(super) waiting: Vec<(String, String)>,
}

/// Says whether the last epoch of the configured rule book may close; `None` without a rule book, and
/// before its first epoch has ended.
pub(super) async fn epoch_readiness(opened: &Opened) -> anyhow::Result<Option<EpochReadiness>> {
    let Some((epoch, started_at_us, ended_at_us)) = last_ended_epoch(opened)? else {
        return Ok(None);
    };
    let waiting = waiting_for(opened, started_at_us, ended_at_us).await?;
    Ok(Some(EpochReadiness { epoch, ended_at_us, ready: waiting.is_empty(), waiting }))
}

/// What an epoch between two times, UTC microseconds, waits for: a source and why.
pub(in crate::commands) async fn waiting_for(
    opened: &Opened,
    started_at_us: i64,
    ended_at_us: i64,
) -> anyhow::Result<Vec<(String, String)>> {
    let tolerance = opened.config.readiness.tolerance_percent;
    let waiting = standings(opened, started_at_us, ended_at_us).await?.into_iter();
    let waiting = waiting.filter_map(|standing| {
        let why = standing.waiting(ended_at_us, tolerance)?;
        Some((standing.source, why.to_string()))
    });
    Ok(waiting.collect())
}

/// The last epoch of the configured rule book that has ended: its number, and when it began and ended,
/// UTC microseconds.
pub(in crate::commands) fn last_ended_epoch(
    opened: &Opened,
) -> anyhow::Result<Option<(u64, i64, i64)>> {
    let Some(timeline) = policy::configured(&opened.config)? else { return Ok(None) };
    // Every rule book of a community has the same epochs.
    let schedule = Schedule::new(timeline.newest());
    let epoch = schedule.last_ended(opened.log.clock().now_us());
    let ended = (epoch > 0).then(|| (epoch, schedule.end_us(epoch - 1), schedule.end_us(epoch)));
    Ok(ended)
}

/// How each source that epochs wait for stands at the end of a range of times, UTC microseconds.
async fn standings(
    opened: &Opened,
    from_us: i64,
    to_us: i64,
) -> anyhow::Result<Vec<SourceStanding>> {
    let store = opened.log.store();
    let counted = store.get_reconciliations(from_us, to_us).await?;
    let mut standings = Vec::new();
    for source in opened.config.sources.iter().filter(|source| source.is_waited_for()) {
        let cursors = store.get_cursors(&source.name).await?;
        let counted = counted.iter().find(|counted| counted.source == source.name);
        standings.push(SourceStanding {
            source: source.name.clone(),
            synced_until_us: Cursor::synced_until_us(&cursors),
            counts: source.kind.counts(),
            counted: counted.map(|counted| (counted.source_count, counted.log_count)),
        });
    }
    Ok(standings)
}
