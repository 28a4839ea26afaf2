//! Reads times as the community's tools write them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// A time as UTC microseconds. Reads RFC 3339 (`2026-02-01T05:00:00Z`), the same with a zone in
/// brackets and without seconds (`2026-02-01T10:00+05:00[Asia/Yekaterinburg]`), and a date with a
/// time but no offset (`2026-02-01 05:00:00.123456`), which is UTC, as ClickHouse prints it.
///
/// # Errors
/// Says what cannot be read, an offset that is not its zone's at that time included.
pub fn parse_time_us(text: &str) -> Result<i64, String> {
    let of = |error: jiff::Error| format!("`{text}` is not a time: {error}");
    if text.ends_with(']') {
        return text.parse::<Zoned>().map(|at| at.timestamp().as_microsecond()).map_err(of);
    }
    text.parse::<Timestamp>().map(Timestamp::as_microsecond).or_else(|error| {
        let civil: DateTime = text.parse().map_err(|_| of(error))?;
        civil.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_microsecond()).map_err(of)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let five_o_clock = 1_769_922_000_000_000;
        for text in [
            "2026-02-01T05:00:00Z",
            "2026-02-01T05:00:00.000000+00:00",
            "2026-02-01T10:00+05:00[Asia/Yekaterinburg]",
            "2026-02-01T10:00:00+05:00",
            "2026-02-01 05:00:00.000000",
            "2026-02-01 05:00:00",
        ] {
            assert_eq!(parse_time_us(text), Ok(five_o_clock), "{text}");
        }
        assert_eq!(parse_time_us("2026-02-01T05:00:00.000001Z"), Ok(five_o_clock + 1));
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in ["", "yesterday", "2026-02-30T00:00:00Z", "1769922000"] {
            let error = parse_time_us(text).unwrap_err();
            assert!(error.contains(&format!("`{text}` is not a time")), "{error}");
        }
        // An offset that the zone never had
        assert!(parse_time_us("2026-02-01T10:00+03:00[Asia/Yekaterinburg]").is_err());
        assert!(parse_time_us("2026-02-01T10:00+05:00[Asia/Atlantis]").is_err());
    }
}
