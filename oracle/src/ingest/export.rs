//! PostHog's batch-export files: JSONLines, plain or gzip.
//!
//! Exports overlap and repeat: the same uuid is the same event, whichever line it is on. Where two
//! rows of one uuid differ, the earlier time wins, then the smaller bytes, so that the answer does
//! not depend on the order of the lines.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::Event;

/// The longest line that is read, bytes; PostHog's own limit for an event.
const MAX_LINE_BYTES: u64 = 1 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A line that is not an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Its number in the file, counted from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What a file held.
#[derive(Debug, Default)]
pub struct Import {
    /// The distinct events by time, then uuid.
    pub events: Vec<Event>,
    /// Lines read, the rejected among them; blank lines do not count.
    pub read: u64,
    /// Lines that are not events.
    pub rejections: Vec<Rejection>,
}

/// Reads an export to its end.
///
/// # Errors
/// When the source cannot be read or decompressed; the message names the line reached.
pub fn import_export(source: impl Read) -> io::Result<Import> {
    let mut source = BufReader::new(source);
    if source.fill_buf()?.starts_with(&GZIP_MAGIC) {
        import_lines(BufReader::new(MultiGzDecoder::new(source)))
    } else {
        import_lines(source)
    }
}

fn import_lines(mut lines: impl BufRead) -> io::Result<Import> {
    let mut import = Import::default();
    let mut distinct: HashMap<uuid::Uuid, Event> = HashMap::new();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        number += 1;
        let whole = read_line(&mut lines, &mut line)
            .map_err(|error| io::Error::new(error.kind(), format!("line {number}: {error}")))?;
        if line.is_empty() {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        import.read += 1;
        let event = match whole {
            true => Event::from_export_line(&line).map_err(|error| error.to_string()),
            false => Err(format!("longer than {MAX_LINE_BYTES} bytes")),
        };
        match event {
            Ok(event) => keep(&mut distinct, event),
            Err(reason) => import.rejections.push(Rejection { line: number, reason }),
        }
    }
    import.events = distinct.into_values().collect();
    import.events.sort_by_key(|event| (event.at_us, event.uuid));
    Ok(import)
}

/// Reads up to the next newline; of a line that is too long only the start, and `false`.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut limited = lines.take(MAX_LINE_BYTES);
    limited.read_until(b'\n', line)?;
    if limited.limit() > 0 || line.ends_with(b"\n") {
        return Ok(true);
    }
    lines.skip_until(b'\n')?;
    Ok(false)
}

fn keep(distinct: &mut HashMap<uuid::Uuid, Event>, event: Event) {
    match distinct.entry(event.uuid) {
        Entry::Vacant(vacant) => {
            vacant.insert(event);
        }
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            if *known != event
                && (event.at_us, event.to_canonical_bytes())
                    < (known.at_us, known.to_canonical_bytes())
            {
                *known = event;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"uuid":"00000000-0000-0000-0000-000000000001","event":"pull_opened","distinct_id":"a","timestamp":"2018-01-01T00:00:01Z","properties":{"x":1}}"#;
    const SECOND: &str = r#"{"uuid":"00000000-0000-0000-0000-000000000002","event":"pull_opened","distinct_id":"b","timestamp":"2018-01-01T00:00:00Z"}"#;

    fn import(text: &str) -> Import {
        import_export(text.as_bytes()).unwrap()
    }

    #[test]
    fn damaged_lines_are_rejected_by_number_and_the_rest_goes_on() {
        let text = format!(
            "{FIRST}\n{{\"uuid\n\n{}\n{}\n{}\n{SECOND}",
            FIRST.replace("\"a\"", "\"\""),
            FIRST.replace("2018-01-01T00:00:01Z", "yesterday"),
            FIRST.replace("pull_opened", ""),
        );
        let import = import(&text);
        assert_eq!((import.read, import.events.len()), (6, 2));
        let lines: Vec<_> = import.rejections.iter().map(|rejection| rejection.line).collect();
        assert_eq!(lines, [2, 4, 5, 6]);
        assert!(import.rejections[1].reason.contains("`distinct_id` is empty"));
        assert!(import.rejections[2].reason.contains("`timestamp` is not a time"));
    }

    #[test]
    fn a_line_without_end_is_rejected_without_being_held() {
        let text = format!("{}\n{SECOND}\n", "x".repeat(3 << 20));
        let import = import(&text);
        assert_eq!((import.read, import.events.len()), (2, 1));
        assert_eq!(import.rejections[0].reason, "longer than 1048576 bytes");
    }

    #[test]
    fn invalid_utf8_is_one_bad_line() {
        let mut bytes = FIRST.as_bytes().to_vec();
        bytes.extend_from_slice(b"\n{\"uuid\":\"\xff\xfe\"}\n");
        bytes.extend_from_slice(SECOND.as_bytes());
        let import = import_export(bytes.as_slice()).unwrap();
        assert_eq!((import.events.len(), import.rejections.len()), (2, 1));
    }

    #[test]
    fn a_damaged_gzip_stream_is_an_error_that_names_the_line() {
        let whole = include_bytes!("../../../examples/community-2018.events.jsonl.gz");
        let error = import_export(&whole[..whole.len() / 2]).unwrap_err();
        assert!(error.to_string().starts_with("line 1"), "{error}");
    }

    #[test]
    fn events_come_by_time_and_repeats_collapse_whatever_their_order() {
        let repeat = FIRST.replace("00:00:01Z", "00:00:03Z");
        let forth = import(&format!("{FIRST}\n{SECOND}\n{repeat}\n{FIRST}\n"));
        let back = import(&format!("{FIRST}\n{repeat}\n{SECOND}\n{FIRST}\n"));
        assert_eq!(forth.events, back.events);
        assert_eq!((forth.read, forth.events.len()), (4, 2));
        assert_eq!(forth.events[0].actor, "b");
        assert_eq!(forth.events[1].at_us, 1_514_764_801_000_000);
    }
}
