//! The status for people.

use std::fmt::Write;

use jiff::Timestamp;

use super::{SourceStatus, Status};

/// Reasons that are shown for a source.
const SHOWN_REASONS: usize = 5;

/// The status as text.
pub(super) fn render(status: &Status, now_us: i64) -> String {
    let mut text = String::new();
    if status.sources.is_empty() {
        text.push_str(
            "No source is configured, and none has delivered: docs/sources.md says how.\n",
        );
    }
    for source in &status.sources {
        render_source(&mut text, source).expect("text takes any text");
    }
    if let Some(epoch) = &status.epoch {
        let ended = time(epoch.ended_at_us);
        let number = epoch.epoch;
        let verdict = if epoch.ready { "may close" } else { "waits" };
        writeln!(text, "epoch {number}, ended {ended}: {verdict}").expect("text takes any text");
        for (source, why) in &epoch.waiting {
            writeln!(text, "  for {source}: {why}").expect("text takes any text");
        }
    }
    writeln!(text, "now {}", time(now_us)).expect("text takes any text");
    text
}

fn render_source(text: &mut String, source: &SourceStatus) -> std::fmt::Result {
    let kind = source.kind.unwrap_or("not configured");
    writeln!(text, "{} ({kind})", source.name)?;
    let SourceStatus { read, appended, repeated, rejected, .. } = source;
    writeln!(
        text,
        "  {read} read: {appended} new, {repeated} repeated, {rejected} rejected; {} waiting, {} in \
         quarantine",
        source.waiting, source.quarantined
    )?;
    if let Some(because) = &source.quarantined_because {
        writeln!(text, "  in quarantine: {because}; stk-oracle quarantine shows whose")?;
    }
    match (source.synced_until_us, source.lag_seconds) {
        (Some(until), Some(lag)) => writeln!(text, "  read to {}, {lag} s behind", time(until))?,
        _ => writeln!(text, "  never read")?,
    }
    if let Some((stream, position)) = &source.cursor {
        let stream = if stream.is_empty() { String::new() } else { format!("{stream} at ") };
        writeln!(text, "  cursor {stream}{position}")?;
    }
    for reason in source.reasons.iter().take(SHOWN_REASONS) {
        writeln!(text, "  rejected {} times: {}", reason.count, reason.reason)?;
    }
    if source.reasons.len() > SHOWN_REASONS {
        let more = source.reasons.len() - SHOWN_REASONS;
        writeln!(text, "  and {more} more reasons")?;
    }
    Ok(())
}

fn time(us: i64) -> String {
    Timestamp::from_microsecond(us).map_or_else(|_| us.to_string(), |at| at.to_string())
}
