//! The section `[run]`: what `stk-oracle run` does by itself.

use std::str::FromStr;

use croner::Cron;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Deserialize;

use super::ConfigError;

/// What the daemon does, and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunSettings {
    /// How often it looks whether there is something to do, seconds.
    pub every_seconds: u64,
    /// At which times it looks instead, UTC: minute, hour, day, month, day of the week.
    pub cron: Option<String>,
    /// Where it answers for its health, and gives out bundles and signatures.
    pub listen: String,
    /// Takes published bundles from there, instead of closing epochs over its own log.
    pub bundles_from: Option<String>,
    /// Puts bundles and signatures there too: `s3://bucket/prefix` or a folder.
    pub publish_to: Option<String>,
    /// Where other oracles give out their signatures.
    pub peers: Vec<String>,
    /// Whether it submits epochs and pays members, beside closing and signing.
    pub submit: bool,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            every_seconds: 300,
            cron: None,
            listen: "127.0.0.1:8788".to_owned(),
            bundles_from: None,
            publish_to: None,
            peers: Vec::new(),
            submit: true,
        }
    }
}

impl RunSettings {
    /// When it looks next, UTC microseconds.
    ///
    /// # Errors
    /// [`ConfigError::Cron`] when the times are none, or never come.
    pub fn next_after(&self, now_us: i64) -> Result<i64, ConfigError> {
        let Some(pattern) = &self.cron else {
            let every_us = self.every_seconds.max(1).saturating_mul(1_000_000);
            return Ok(now_us.saturating_add(i64::try_from(every_us).unwrap_or(i64::MAX)));
        };
        let wrong = |problem: String| ConfigError::Cron { pattern: pattern.clone(), problem };
        let cron = Cron::from_str(pattern).map_err(|error| wrong(error.to_string()))?;
        let now = Timestamp::from_microsecond(now_us).map_err(|error| wrong(error.to_string()))?;
        let next: Result<Zoned, _> = cron.find_next_occurrence(&now.to_zoned(TimeZone::UTC), false);
        let next = next.map_err(|error| wrong(error.to_string()))?;
        Ok(next.timestamp().as_microsecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn it_looks_again_after_so_long_or_at_the_given_times() {
        let every = RunSettings { every_seconds: 60, ..Default::default() };
        assert_eq!(every.next_after(1_000_000).unwrap(), 61_000_000);
        let cron =
            |pattern: &str| RunSettings { cron: Some(pattern.to_owned()), ..Default::default() };
        // 2026-11-25 is a Wednesday; Mondays at 00:30
        let next = cron("30 0 * * 1").next_after(at("2026-11-25T12:00:00Z")).unwrap();
        assert_eq!(next, at("2026-11-30T00:30:00Z"));
        // Never the same moment again
        assert_eq!(cron("30 0 * * 1").next_after(next).unwrap(), at("2026-12-07T00:30:00Z"));
        for wrong in ["", "every day", "61 * * * *", "0 0 31 2 *"] {
            let error = cron(wrong).next_after(0).unwrap_err().to_string();
            assert!(error.starts_with(&format!("run.cron: `{wrong}`: ")), "{error}");
        }
    }
}
