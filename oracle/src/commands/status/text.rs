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
    if let Some(of) = &source.events_of {
        writeln!(text, "  its events are counted as {of}'s; here is what was turned away")?;
    }
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
    match (source.synced_until_us, source.lag_seconds, source.delivered_at_us) {
        (Some(until), Some(lag), _) => {
            writeln!(text, "  read to {}, {lag} s behind", time(until))?;
        }
        (_, _, Some(at)) if source.cursor.is_none() => {
            writeln!(text, "  delivered last at {}, without a cursor", time(at))?;
        }
        (_, _, Some(at)) => {
            writeln!(text, "  delivered last at {}, never read to its end", time(at))?;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of how far a source was read.
    fn said(delivered_at_us: Option<i64>, cursor: Option<&str>, synced: Option<i64>) -> String {
        let source = SourceStatus {
            name: "posthog".to_owned(),
            kind: Some("files"),
            events_of: None,
            read: 0,
            appended: 0,
            repeated: 0,
            rejected: 0,
            waiting: 0,
            quarantined: 0,
            quarantined_because: None,
            delivered_at_us,
            synced_until_us: synced,
            lag_seconds: synced.map(|_| 5),
            cursor: cursor.map(|stream| (stream.to_owned(), "1".to_owned())),
            reasons: Vec::new(),
        };
        let text = render(&Status { sources: vec![source], epoch: None }, 0);
        text.lines().nth(2).unwrap().trim().to_owned()
    }

    #[test]
    fn what_was_imported_was_delivered_though_nothing_says_how_far() {
        assert_eq!(said(None, None, None), "never read");
        let imported = "delivered last at 1970-01-01T00:00:01Z, without a cursor";
        assert_eq!(said(Some(1_000_000), None, None), imported);
        let begun = "delivered last at 1970-01-01T00:00:01Z, never read to its end";
        assert_eq!(said(Some(1_000_000), Some("a.jsonl"), None), begun);
        let synced = "read to 1970-01-01T00:00:02Z, 5 s behind";
        assert_eq!(said(Some(1_000_000), Some(""), Some(2_000_000)), synced);
    }
}
