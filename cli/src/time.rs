//! Points in time as people write them, always in UTC.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A point in time, UTC seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UtcTime(pub(crate) i64);

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            // Past the year 9999.
            Err(_) => write!(f, "second {}", self.0),
        }
    }
}

impl FromStr for UtcTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(second) = text.parse::<i64>() {
            return Ok(Self(second));
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Self(timestamp.as_second()));
        }
        // A date alone is its first moment. Timestamps without a zone must not pass for dates.
        text.parse::<Date>()
            .ok()
            .filter(|date| date.to_string() == text)
            .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
            .map(|zoned| Self(zoned.timestamp().as_second()))
            .ok_or_else(|| {
                "expected a time as in 2026-01-05T00:00:00Z, a date (midnight UTC) or UTC seconds"
                    .to_owned()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        for text in ["2026-01-05", "2026-01-05T00:00:00Z", "1767571200", "2026-01-05T02:00+02:00"] {
            assert_eq!(text.parse(), Ok(UtcTime(1_767_571_200)), "{text}");
        }
        assert_eq!(UtcTime(1_767_571_200).to_string(), "2026-01-05T00:00:00Z");
        for wrong in ["", "tomorrow", "2026-13-01", "2026-01-05T00:00:00", "05.01.2026"] {
            assert!(wrong.parse::<UtcTime>().is_err(), "{wrong}");
        }
    }
}
