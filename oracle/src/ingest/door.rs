//! Lets events in, or says why not.
//!
//! What depends on an event alone is decided here, when it comes. How many events of one member count
//! on one day is decided when the log is read, by the events' own order, so that every oracle
//! decides it alike whatever came first.

use std::borrow::Cow;

use serde::Deserialize;

use super::personal_data::PersonalData;
use crate::segments::{ChunkBuilder, RawForm, Rejection, Row};

/// The longest id, name or actor, bytes; an index of PostgreSQL takes no key of 2,700.
const MAX_KEY_BYTES: usize = 512;

/// What every event must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Integrity {
    /// How far ahead of our clock an event may be, seconds.
    pub max_future_seconds: u32,
    /// How long ago it may have happened, days; for sources that deliver at once. `None`: any time.
    pub max_age_days: Option<u32>,
    /// How many events of one member count on one UTC day.
    pub max_events_per_day: Option<u32>,
}

impl Default for Integrity {
    fn default() -> Self {
        Self { max_future_seconds: 300, max_age_days: None, max_events_per_day: Some(100) }
    }
}

/// The rules at the time of a delivery.
#[derive(Clone, Debug)]
pub struct Door<'a> {
    /// What events must keep to.
    pub integrity: Integrity,
    /// What may not come in.
    pub personal_data: &'a PersonalData,
    /// Now, UTC microseconds.
    pub now_us: i64,
}

/// A row that was let in: without its personal data.
#[derive(Clone, Debug)]
pub struct Admitted<'a> {
    row: Row<'a>,
    actor: Cow<'a, str>,
    properties: Cow<'a, str>,
}

impl Admitted<'_> {
    /// The row as it may be kept.
    pub fn row(&self) -> Row<'_> {
        Row { actor: &self.actor, properties: &self.properties, ..self.row }
    }
}

impl Door<'_> {
    /// Lets a row into a chunk, without its personal data.
    ///
    /// # Errors
    /// Says why not.
    pub fn admit(&self, row: Row<'_>, chunk: &mut ChunkBuilder) -> Result<(), String> {
        chunk.push(self.check(row)?.row());
        Ok(())
    }

    /// The row without its personal data, for those who keep it elsewhere than in a chunk.
    ///
    /// # Errors
    /// Says why it is not let in.
    pub fn check<'a>(&self, row: Row<'a>) -> Result<Admitted<'a>, String> {
        for (field, value) in [("id", row.external_id), ("event", row.name), ("actor", row.actor)] {
            if value.trim().is_empty() {
                return Err(format!("its {field} is empty"));
            }
            if value.contains('\0') {
                return Err(format!("its {field} has a NUL in it"));
            }
            if value.len() > MAX_KEY_BYTES {
                return Err(format!("its {field} is longer than {MAX_KEY_BYTES} bytes"));
            }
        }
        self.check_time(row.at_us)?;
        self.personal_data.check_kept("id", row.external_id)?;
        self.personal_data.check_kept("event", row.name)?;
        let actor = self.personal_data.clean_actor(row.actor)?;
        let properties = self.personal_data.clean(row.properties)?;
        Ok(Admitted { row, actor, properties })
    }

    /// What was delivered in a form and turned away, as it may be kept: without personal data.
    pub fn rejection(
        &self,
        place: String,
        reason: String,
        form: RawForm,
        delivered: &[u8],
    ) -> Rejection {
        let (raw, is_whole) = self.personal_data.clean_raw(delivered);
        let form = if is_whole { form } else { RawForm::Part };
        Rejection { place, reason, raw, form }
    }

    fn check_time(&self, at_us: i64) -> Result<(), String> {
        let age_seconds = (self.now_us - at_us).div_euclid(1_000_000);
        let future = i64::from(self.integrity.max_future_seconds);
        if at_us < 0 {
            return Err("it happened before 1970".to_owned());
        }
        if age_seconds < -future {
            let ahead = -age_seconds;
            return Err(format!(
                "it happens {ahead} seconds from now, and {future} is the limit: is a clock wrong?"
            ));
        }
        match self.integrity.max_age_days {
            Some(days) if age_seconds > i64::from(days) * 86_400 => {
                let age = age_seconds / 86_400;
                Err(format!("it happened {age} days ago, and {days} is the limit"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_800_000_000_000_000;
    const ROW: Row<'_> = Row {
        external_id: "1",
        at_us: NOW_US,
        name: "post_created",
        actor: "anna",
        properties: "{}",
    };

    fn admit(row: Row<'_>) -> Result<(), String> {
        let integrity = Integrity { max_age_days: Some(30), ..Integrity::default() };
        let personal_data = PersonalData::default();
        let door = Door { integrity, personal_data: &personal_data, now_us: NOW_US };
        let mut chunk = ChunkBuilder::new("club", NOW_US);
        door.admit(row, &mut chunk)?;
        assert_eq!(chunk.len(), 1);
        Ok(())
    }

    fn refused(row: Row<'_>) -> String {
        admit(row).unwrap_err()
    }

    #[test]
    fn ids_names_and_actors_must_be_there() {
        assert_eq!(refused(Row { external_id: " ", ..ROW }), "its id is empty");
        assert_eq!(refused(Row { name: "", ..ROW }), "its event is empty");
        assert_eq!(refused(Row { actor: "", ..ROW }), "its actor is empty");
        assert_eq!(refused(Row { actor: "a\0", ..ROW }), "its actor has a NUL in it");
        let long = "x".repeat(513);
        assert_eq!(refused(Row { external_id: &long, ..ROW }), "its id is longer than 512 bytes");
        admit(ROW).unwrap();
    }

    #[test]
    fn times_at_the_limits_come_in_and_those_past_them_do_not() {
        let (second, day) = (1_000_000, 86_400_000_000);
        admit(Row { at_us: NOW_US + 300 * second, ..ROW }).unwrap();
        let late = refused(Row { at_us: NOW_US + 301 * second, ..ROW });
        assert!(late.contains("301 seconds from now"), "{late}");
        admit(Row { at_us: NOW_US - 30 * day, ..ROW }).unwrap();
        let old = refused(Row { at_us: NOW_US - 31 * day, ..ROW });
        assert_eq!(old, "it happened 31 days ago, and 30 is the limit");
        assert_eq!(refused(Row { at_us: -1, ..ROW }), "it happened before 1970");
    }

    #[test]
    fn what_is_kept_of_a_refused_event_has_no_personal_data() {
        let personal_data = PersonalData::default();
        let door =
            Door { integrity: Integrity::default(), personal_data: &personal_data, now_us: 0 };
        let line = br#"{"distinct_id":"anna@example.org","phone":"+7","x":1}"#;
        let rejected = |line| door.rejection("line 3".into(), "bad".into(), RawForm::Row, line);
        let rejection = rejected(line);
        assert_eq!(rejection.raw, r#"{"distinct_id":"(e-mail address)","x":1}"#);
        assert_eq!(rejection.form, RawForm::Row);
        // What is no JSON is kept only as far as it cannot hold an address
        let rejection = rejected(b"{\"uuid\"\xff: anna@");
        assert_eq!(rejection.raw, "{\"uuid\"\u{fffd}: anna");
        assert_eq!(rejection.form, RawForm::Part);
        // What is cut, or says something twice, is never read as if it were all
        assert_eq!(rejected(br#"{"x":1}@example.org"#).form, RawForm::Part);
        assert_eq!(rejected(br#"{"x":1,"x":2}"#).form, RawForm::Part);
        let long = format!("{{\"x\":\"{}\",\"phone\":\"+7\"}}", "é".repeat(1 << 20));
        let rejection = rejected(long.as_bytes());
        assert_eq!((rejection.raw.len() <= 512, rejection.form), (true, RawForm::Part));
    }
}
