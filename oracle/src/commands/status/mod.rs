//! `stk-oracle status`: how far each source was read, what was turned away and why, and whether the
//! last epoch may close.

mod readiness;
mod text;

use serde::Serialize;

use super::{Opened, OutputFormat, quarantine};
use crate::statement;
use crate::store::{Cursor, SourceCounts};
use readiness::{EpochReadiness, epoch_readiness};
pub(super) use readiness::{last_ended_epoch, waiting_for};

/// How far back the quarantine is counted, days.
const QUARANTINE_DAYS: u32 = 30;

/// Everything that is printed.
#[derive(Serialize)]
struct Status {
    sources: Vec<SourceStatus>,
    /// The last epoch that has ended, when a rule book is configured.
    epoch: Option<EpochReadiness>,
}

/// One source.
#[derive(Serialize)]
struct SourceStatus {
    name: String,
    /// `None` for a source that is no longer configured.
    kind: Option<&'static str>,
    /// The source under which its events are counted, where that is another.
    events_of: Option<String>,
    read: u64,
    appended: u64,
    repeated: u64,
    rejected: u64,
    /// Events that wait in the inbox for their segment.
    waiting: u64,
    /// Events of the last 30 days past the daily limit.
    quarantined: u64,
    /// Why they are, when there are any.
    quarantined_because: Option<String>,
    /// When it delivered last, UTC microseconds.
    delivered_at_us: Option<i64>,
    /// All that it will say about times before this one was read, UTC microseconds.
    synced_until_us: Option<i64>,
    /// How long ago that is, seconds.
    lag_seconds: Option<i64>,
    /// The stream that was read last: its name and position.
    cursor: Option<(String, String)>,
    /// Why things were turned away that were not replayed since.
    reasons: Vec<Reason>,
}

/// Why things were turned away, and how many.
#[derive(Serialize)]
struct Reason {
    reason: String,
    count: u64,
}

/// Prints the status.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened) -> anyhow::Result<()> {
    let mut sources = Vec::new();
    let store = opened.log.store();
    let (counts, reasons) =
        (store.get_source_counts().await?, store.get_rejection_reasons().await?);
    for name in source_names(opened, &counts) {
        sources.push(source_status(opened, name, &counts, &reasons).await?);
    }
    count_quarantine(opened, &mut sources).await?;
    let epoch = epoch_readiness(opened).await?;
    let status = Status { sources, epoch };
    match opened.output {
        OutputFormat::Json => println!("{}", serde_json::to_string(&status)?),
        OutputFormat::Text => print!("{}", text::render(&status, opened.log.clock().now_us())),
    }
    Ok(())
}

/// The configured sources, then those that delivered and are no longer configured.
fn source_names(opened: &Opened, counts: &[SourceCounts]) -> Vec<String> {
    let configured = opened.config.sources.iter().map(|source| source.name.clone());
    let mut names: Vec<_> = configured.collect();
    for counts in counts {
        if !names.contains(&counts.source) {
            names.push(counts.source.clone());
        }
    }
    names
}

async fn source_status(
    opened: &Opened,
    name: String,
    counts: &[SourceCounts],
    reasons: &[(String, String, u64)],
) -> anyhow::Result<SourceStatus> {
    let store = opened.log.store();
    let now_us = opened.log.clock().now_us();
    let counts = counts.iter().find(|counts| counts.source == name);
    let cursors = store.get_cursors(&name).await?;
    let synced_until_us = Cursor::synced_until_us(&cursors);
    let reasons = reasons.iter().filter(|(source, ..)| *source == name);
    let sum = |part: fn(&SourceCounts) -> u64| counts.map_or(0, part);
    let configured = opened.config.source(&name);
    Ok(SourceStatus {
        kind: match name.as_str() {
            statement::SOURCE => Some("signed by members"),
            _ => configured.map(|source| source.kind.name()),
        },
        events_of: configured.and_then(|source| source.kind.events_of()).map(str::to_owned),
        read: sum(|counts| counts.read),
        appended: sum(|counts| counts.appended),
        repeated: sum(|counts| counts.repeated),
        rejected: sum(|counts| counts.rejected),
        waiting: store.count_inbox(&name).await?,
        quarantined: 0,
        quarantined_because: None,
        delivered_at_us: counts.map(|counts| counts.delivered_at_us),
        synced_until_us,
        lag_seconds: synced_until_us.map(|until| (now_us - until).max(0) / 1_000_000),
        cursor: cursors
            .into_iter()
            .max_by_key(|cursor| cursor.moved_at_us)
            .map(|cursor| (cursor.stream, cursor.position)),
        reasons: reasons
            .map(|(_, reason, count)| Reason { reason: reason.clone(), count: *count })
            .collect(),
        name,
    })
}

/// Counts the events of the last days that are past a daily limit.
async fn count_quarantine(opened: &Opened, sources: &mut [SourceStatus]) -> anyhow::Result<()> {
    let limits = opened.config.daily_limits();
    for quarantined in quarantine::read(opened, QUARANTINE_DAYS).await? {
        let name = &quarantined.event.source;
        if let Some(source) = sources.iter_mut().find(|source| source.name == *name) {
            source.quarantined += 1;
            source.quarantined_because = limits.reason(name);
        }
    }
    Ok(())
}
