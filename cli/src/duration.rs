//! Durations as people write them: `2d`, `1w`, `36h`, `1h 30m`, `90s`.

use std::fmt;
use std::str::FromStr;

use jiff::{Span, SpanRelativeTo};

/// A length of time, seconds. A day has 24 hours here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) u32);

/// Units from the longest, seconds.
const UNITS: [(u32, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (unit, name) in UNITS {
            if rest >= unit {
                parts.push(format!("{} {name}", rest / unit));
            }
            rest %= unit;
        }
        if parts.is_empty() {
            parts.push("0 s".to_owned());
        }
        f.write_str(&parts.join(" "))
    }
}

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "expected a duration as in 2d, 1w, 36h or \"1h 30m\"";
        let span: Span = text.parse().map_err(|_| example.to_owned())?;
        let duration = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| format!("{example}; months and years have no fixed length"))?;
        if duration.subsec_nanos() != 0 {
            return Err("expected whole seconds".to_owned());
        }
        u32::try_from(duration.as_secs()).map(Self).map_err(|_| {
            format!("expected a duration of 0 to {}, which is 136 years", Self(u32::MAX))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, seconds, shown) in [
            ("2d", 172_800, "2 d"),
            ("1w", 604_800, "7 d"),
            ("36h", 129_600, "1 d 12 h"),
            ("1h 30m", 5_400, "1 h 30 min"),
            ("90s", 90, "1 min 30 s"),
            ("0s", 0, "0 s"),
            ("P2D", 172_800, "2 d"),
        ] {
            let parsed: Seconds = text.parse().unwrap();
            assert_eq!((parsed.0, parsed.to_string().as_str()), (seconds, shown), "{text}");
        }
        for wrong in ["", "2", "d", "-1d", "1 month", "1y", "1ms", "137years", "60000w"] {
            assert!(wrong.parse::<Seconds>().is_err(), "{wrong}");
        }
    }
}
