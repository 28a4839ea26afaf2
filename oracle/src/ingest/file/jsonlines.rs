//! JSONLines: one object a line, PostHog's or another tool's.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{LineBlock, MAX_LINE_BYTES};
use super::reading::{Block, Parsing};
use super::row::{Fields, Time, object_of, text_of};
use crate::config::ColumnNames;

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
fn admit_line(line: &[u8], parsing: &mut Parsing<'_>) -> Result<(), String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("longer than {MAX_LINE_BYTES} bytes"));
    }
    fields_of(line, &parsing.import.columns)?.admit(parsing)
}

/// The fields of a line that matter.
fn fields_of<'a>(line: &'a [u8], columns: &ColumnNames) -> Result<Fields<'a>, String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let not_an_event = |error: serde_json::Error| format!("not an event: {error}");
    let raw = json.deserialize_map(RawFieldsVisitor(columns)).map_err(not_an_event)?;
    json.end().map_err(not_an_event)?;
    let text = |name, raw: Option<&'a RawValue>| raw.map_or(Ok(None), |raw| text_of(name, raw));
    let properties = match columns.properties() {
        Some(_) => raw.properties.map_or(Ok(None), |raw| object_of(raw.get().into()))?,
        None => Some(Cow::Owned(object_text(&raw.rest))),
    };
    Ok(Fields {
        id: text(&columns.id, raw.id)?,
        event: text(&columns.event, raw.event)?,
        actor: text(&columns.actor, raw.actor)?,
        time: text(&columns.time, raw.time)?.map(Time::Text),
        properties,
    })
}

/// The text of an object of some fields.
fn object_text(fields: &[(Cow<'_, str>, &RawValue)]) -> String {
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}:{}", serde_json::Value::from(name.as_ref()), value.get()));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// The fields of a line, not looked into.
#[derive(Default)]
struct RawFields<'a> {
    id: Option<&'a RawValue>,
    event: Option<&'a RawValue>,
    actor: Option<&'a RawValue>,
    time: Option<&'a RawValue>,
    properties: Option<&'a RawValue>,
    /// All the others, when they are the properties.
    rest: Vec<(Cow<'a, str>, &'a RawValue)>,
}

struct RawFieldsVisitor<'c>(&'c ColumnNames);

impl<'de> Visitor<'de> for RawFieldsVisitor<'_> {
    type Value = RawFields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let columns = self.0;
        let mut fields = RawFields::default();
        while let Some(Name(name)) = map.next_key()? {
            let field = match &*name {
                name if name == columns.id => &mut fields.id,
                name if name == columns.event => &mut fields.event,
                name if name == columns.actor => &mut fields.actor,
                name if name == columns.time => &mut fields.time,
                name if Some(name) == columns.properties() => &mut fields.properties,
                _ if columns.properties().is_none() => {
                    let value = map.next_value()?;
                    fields.rest.push((name, value));
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if field.replace(map.next_value()?).is_some() {
                return Err(serde::de::Error::custom(format!("`{name}` is there twice")));
            }
        }
        Ok(fields)
    }
}

/// A field's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}
