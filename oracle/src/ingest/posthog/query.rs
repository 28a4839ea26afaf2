//! What PostHog is asked: HogQL with bound values.
//!
//! Only functions are used that PostHog has had for years, and no OFFSET, which it refuses to API
//! keys. Times go out with a `Z` and come back as UTC text, so the project's timezone does not matter.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::position::Key;
use crate::config::PosthogQuerySettings;

/// The columns of a page, as they are named in the answer.
pub(super) const COLUMNS: [&str; 6] =
    ["event_uuid", "event_name", "actor", "timestamp_utc", "created_utc", "properties_json"];

/// What each of these columns is made of, for messages.
pub(super) const ORIGINS: [&str; 6] =
    ["uuid", "event", "distinct_id", "timestamp", "created_at", "properties"];

/// A question to PostHog.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    /// HogQL; `{name}` stands for a value.
    pub(super) text: String,
    /// The values by name.
    pub(super) values: Map<String, Value>,
}

impl Query {
    fn new() -> Self {
        Self { text: String::new(), values: Map::new() }
    }

    fn bind(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    fn bind_time(&mut self, name: &str, at_us: i64) {
        self.bind(name, utc(at_us));
    }

    /// Only the events that are asked for.
    fn add_names(&mut self, events: &[String]) {
        if events.is_empty() {
            return;
        }
        let names: Vec<_> = (0..events.len()).map(|n| format!("event = {{event_{n}}}")).collect();
        self.text += &format!(" AND ({})", names.join(" OR "));
        for (n, event) in events.iter().enumerate() {
            self.bind(&format!("event_{n}"), event.as_str());
        }
    }
}

/// The rows after a key and before a time of creation, in the order of their keys, `rows` at most.
pub(super) fn page(
    settings: &PosthogQuerySettings,
    after: &Key,
    created_before_us: Option<i64>,
    rows: u32,
) -> Query {
    let mut query = Query::new();
    let [uuid, event, actor, at, created, properties] = COLUMNS;
    query.text = format!(
        "SELECT toString(uuid) AS {uuid}, event AS {event}, distinct_id AS {actor}, \
         toString(toTimeZone(timestamp, 'UTC')) AS {at}, \
         toString(toTimeZone(created_at, 'UTC')) AS {created}, properties AS {properties} \
         FROM events WHERE timestamp >= toDateTime({{start}}) \
         AND created_at >= toDateTime({{after}}) \
         AND (created_at > toDateTime({{after}}) OR toString(uuid) > {{after_uuid}})"
    );
    query.bind_time("start", settings.start_at.as_microsecond());
    query.bind_time("after", after.created_us);
    query.bind("after_uuid", after.uuid.as_str());
    if let Some(before_us) = created_before_us {
        query.text += " AND created_at < toDateTime({before})";
        query.bind_time("before", before_us);
    }
    query.add_names(&settings.events);
    query.text += &format!(" ORDER BY created_at, toString(uuid) LIMIT {rows}");
    query
}

/// How many distinct events happened in a range of times, UTC microseconds.
pub(super) fn count(settings: &PosthogQuerySettings, from_us: i64, to_us: i64) -> Query {
    let mut query = Query::new();
    query.text = "SELECT count(DISTINCT uuid) AS events FROM events \
                  WHERE timestamp >= toDateTime({from}) AND timestamp < toDateTime({to})"
        .to_owned();
    query.bind_time("from", from_us.max(settings.start_at.as_microsecond()));
    query.bind_time("to", to_us);
    query.add_names(&settings.events);
    query
}

/// A time as PostHog reads it in any timezone; what is before 1970 or past its calendar is moved to
/// the nearest day that it has.
fn utc(at_us: i64) -> String {
    /// 2262-01-01.
    const LAST_US: i64 = 9_214_646_400_000_000;
    Timestamp::from_microsecond(at_us.clamp(0, LAST_US)).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(events: &[&str]) -> PosthogQuerySettings {
        let events: Vec<_> = events.iter().map(|event| format!("{event:?}")).collect();
        let text = format!(
            "host = \"http://localhost\"\nproject_id = \"1\"\nkey_env = \"KEY\"\n\
             start_at = \"2018-01-01T00:00:00Z\"\nevents = [{}]",
            events.join(",")
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn nothing_that_is_bound_is_part_of_the_text() {
        let after = Key { created_us: 1_500_000_000_000_001, uuid: "u'); DROP".into() };
        let query = page(&settings(&["it's", "b"]), &after, Some(1_600_000_000_000_000), 7);
        assert!(!query.text.contains("DROP") && !query.text.contains("it's"), "{}", query.text);
        assert!(query.text.contains("(event = {event_0} OR event = {event_1})"), "{}", query.text);
        assert!(query.text.ends_with("ORDER BY created_at, toString(uuid) LIMIT 7"));
        assert_eq!(query.values["after"], "2017-07-14T02:40:00.000001Z");
        assert_eq!(query.values["before"], "2020-09-13T12:26:40Z");
        assert_eq!(query.values["event_0"], "it's");
        for name in query.values.keys() {
            assert!(query.text.contains(&format!("{{{name}}}")), "{name}");
        }
    }

    #[test]
    fn a_count_does_not_go_before_the_start() {
        let query = count(&settings(&[]), i64::MIN, i64::MAX);
        assert_eq!(query.values["from"], "2018-01-01T00:00:00Z");
        assert_eq!(query.values["to"], "2262-01-01T00:00:00Z");
        assert!(!query.text.contains("event ="));
    }
}
