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
    if let Some(at_us) = parse_usual(text.as_bytes()) {
        return Ok(at_us);
    }
    let of = |error: jiff::Error| format!("`{text}` is not a time: {error}");
    if text.ends_with(']') {
        return text.parse::<Zoned>().map(|at| at.timestamp().as_microsecond()).map_err(of);
    }
    text.parse::<Timestamp>().map(Timestamp::as_microsecond).or_else(|error| {
        let civil: DateTime = text.parse().map_err(|_| of(error))?;
        civil.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_microsecond()).map_err(of)
    })
}

/// What nearly every time looks like, `2026-02-01T05:00:00.123456Z`, with up to six digits of a second
/// and in UTC, ten times as fast. Days after the 28th, which some months do not have, go the long way.
fn parse_usual(text: &[u8]) -> Option<i64> {
    let (civil, rest) = text.split_at_checked(19)?;
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if separators.iter().any(|(at, separator)| civil[*at] != *separator)
        || !matches!(civil[10], b'T' | b' ')
    {
        return None;
    }
    let number = |from: usize, to: usize| digits(&civil[from..to]);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_usual = (1970..=9998).contains(&year) && (1..=12).contains(&month);
    if !is_usual || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = match rest {
        [rest @ .., b'Z'] | [rest @ .., b'+', b'0', b'0', b':', b'0', b'0'] => rest,
        rest => rest,
    };
    let fraction_us = match rest {
        [] => 0,
        [b'.', fraction @ ..] if (1..=6).contains(&fraction.len()) => {
            let missing = u32::try_from(6 - fraction.len()).ok()?;
            digits(fraction)? * 10_i64.pow(missing)
        }
        _ => return None,
    };
    let seconds = (days(year, month, day) * 24 + hour) * 3_600 + minute * 60 + second;
    Some(seconds * 1_000_000 + fraction_us)
}

/// A number of decimal digits, few enough for it to fit.
fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// Days from 1970 to a date, by the usual formula: years begin in March, so that a leap day is the
/// last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn the_short_way_says_what_the_long_way_says(
            at_us in 0..253_000_000_000_000_000_i64,
            digits in 0..=6_usize,
            zone in prop_oneof![Just("Z"), Just("+00:00")],
        ) {
            let at = Timestamp::from_microsecond(at_us).unwrap();
            let civil = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            let fraction = format!(".{:06}", at_us % 1_000_000);
            let shown = if digits == 0 { "" } else { &fraction[..=digits] };
            let text = format!("{civil}{shown}{zone}");
            let long: Timestamp = text.parse().unwrap();
            prop_assert_eq!(parse_time_us(&text), Ok(long.as_microsecond()));
            if at.to_zoned(TimeZone::UTC).day() <= 28 {
                prop_assert_eq!(parse_usual(text.as_bytes()), Some(long.as_microsecond()));
            }
        }

        #[test]
        fn the_short_way_takes_nothing_else(text in "[0-9TZ:. +-]{17,27}") {
            if let Some(at_us) = parse_usual(text.as_bytes()) {
                let long = text.trim_end_matches('Z').trim_end_matches("+00:00").parse::<DateTime>();
                let long = long.unwrap().to_zoned(TimeZone::UTC).unwrap();
                prop_assert_eq!(long.timestamp().as_microsecond(), at_us);
            }
        }
    }
}
