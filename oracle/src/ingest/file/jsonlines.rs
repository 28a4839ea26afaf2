//! JSONLines: one object a line, PostHog's or another tool's.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sonic_rs::LazyValue;

use super::lines::{LineBlock, MAX_LINE_BYTES};
use super::reading::{Block, Parsing};
use super::row::{Fields, Time, object_of, text_of};
use crate::config::ColumnNames;
use crate::ingest::depth::check_depth;

impl Block for LineBlock {
    fn last_row(&self) -> u64 {
        self.last_line
    }

    fn parse(&self, parsing: &mut Parsing<'_>) {
        let lines = self.bytes.split(|byte| *byte == b'\n');
        for (number, line) in (self.first_line..).zip(lines) {
            if line.trim_ascii().is_empty() || parsing.is_done(number) {
                continue;
            }
            if let Err(reason) = admit_line(line, parsing) {
                parsing.reject(number, reason, line);
            }
        }
    }
}

/// Lets the event of a line in.
pub(super) fn admit_line(line: &[u8], parsing: &mut Parsing<'_>) -> Result<(), String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("longer than {MAX_LINE_BYTES} bytes"));
    }
    check_depth(line)?;
    let line: Line<'_> = sonic_rs::from_slice(line).map_err(|error| not_an_event(&error))?;
    fields_of(&line, &parsing.import.columns)?.admit(parsing)
}

/// What is wrong with a line, without the piece of it that the reader shows below.
fn not_an_event(error: &sonic_rs::Error) -> String {
    let problem = error.to_string();
    format!("not an event: {}", problem.lines().next().unwrap_or_default())
}

/// The fields of a line that matter.
fn fields_of<'a>(line: &'a Line<'_>, columns: &ColumnNames) -> Result<Fields<'a>, String> {
    let properties = match columns.properties() {
        Some(name) => line.get(name)?.map_or(Ok(None), |json| object_of(json.into()))?,
        None => Some(Cow::Owned(line.rest(columns))),
    };
    let text = |name: &str| line.get(name)?.map_or(Ok(None), |json| text_of(name, json));
    Ok(Fields {
        id: text(&columns.id)?,
        event: text(&columns.event)?,
        actor: text(&columns.actor)?,
        time: text(&columns.time)?.map(Time::Text),
        properties,
    })
}

/// An object's fields, not looked into.
struct Line<'a>(Vec<(Cow<'a, str>, LazyValue<'a>)>);

impl Line<'_> {
    /// The JSON of a field.
    ///
    /// # Errors
    /// Says that it is there twice: nobody knows which one is meant.
    fn get(&self, name: &str) -> Result<Option<&str>, String> {
        let mut found = self.0.iter().filter(|(field, _)| field == name);
        let value = found.next().map(|(_, value)| value.as_raw_str());
        match found.next() {
            None => Ok(value),
            Some(_) => Err(format!("not an event: `{name}` is there twice")),
        }
    }

    /// The text of an object of all fields that have no other meaning.
    fn rest(&self, columns: &ColumnNames) -> String {
        let ColumnNames { id, event, actor, time, .. } = columns;
        let is_rest = |field: &str| [id, event, actor, time].iter().all(|name| *name != field);
        let rest = self.0.iter().filter(|(field, _)| is_rest(field));
        let fields = rest.map(|(field, value)| {
            format!("{}:{}", serde_json::Value::from(field.as_ref()), value.as_raw_str())
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for Line<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::with_capacity(10);
        while let Some(Name(name)) = map.next_key()? {
            fields.push((name, map.next_value()?));
        }
        Ok(Line(fields))
    }
}

/// A field's name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
