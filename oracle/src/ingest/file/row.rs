//! What the rows of all formats have in common: ids, and rows that have none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::reading::Parsing;
use crate::hex::hex;
use crate::ingest::{normal_uuid, parse_time_us};
use crate::segments::Row;

/// How an id starts that was derived from what its row says.
const DERIVED_PREFIX: &str = "derived-";

/// The fields of a row, as they stand in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    /// The event's id.
    pub(super) id: Option<Cow<'a, str>>,
    /// What happened.
    pub(super) event: Option<Cow<'a, str>>,
    /// Who did it.
    pub(super) actor: Option<Cow<'a, str>>,
    /// When it happened.
    pub(super) time: Option<Time<'a>>,
    /// The text of a JSON object; no properties when there is none.
    pub(super) properties: Option<Cow<'a, str>>,
}

/// A time as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Time<'a> {
    /// To be read.
    Text(Cow<'a, str>),
    /// UTC microseconds.
    Microseconds(i64),
}

impl Fields<'_> {
    /// Lets the event in.
    ///
    /// # Errors
    /// Says why not: which field is missing, or wrong in which way.
    pub(super) fn admit(self, parsing: &mut Parsing<'_>) -> Result<(), String> {
        let import = parsing.import;
        let columns = &import.columns;
        let missing = |name: &String| format!("it has no `{name}`");
        let event = self.event.ok_or_else(|| missing(&columns.event))?;
        let actor = self.actor.ok_or_else(|| missing(&columns.actor))?;
        let at_us = match self.time.ok_or_else(|| missing(&columns.time))? {
            Time::Text(text) => parse_time_us(&text)?,
            Time::Microseconds(at_us) => at_us,
        };
        let properties = self.properties.unwrap_or(Cow::Borrowed("{}"));
        let row =
            Row { external_id: "", at_us, name: &event, actor: &actor, properties: &properties };
        let id = match self.id.filter(|id| !id.trim().is_empty() || !columns.derive_missing_ids) {
            Some(id) if id.starts_with(DERIVED_PREFIX) => {
                return Err(format!(
                    "its id starts with `{DERIVED_PREFIX}`, as only ids of rows without one do"
                ));
            }
            Some(id) => id,
            None if columns.derive_missing_ids => derived_id(row, parsing)?.into(),
            None => return Err(missing(&columns.id)),
        };
        parsing.admit(Row { external_id: &normal_uuid(&id), ..row })
    }
}

/// An id for a row that has none: `derived-` and the first 32 hexadecimal digits of
/// sha256(time ‖ actor ‖ 0x00 ‖ event ‖ 0x00 ‖ properties sorted by name), all without personal data,
/// so that nobody can find it again by trying.
fn derived_id(row: Row<'_>, parsing: &Parsing<'_>) -> Result<String, String> {
    let personal_data = &parsing.import.personal_data;
    let actor = personal_data.clean_actor(row.actor)?;
    let properties = personal_data.clean(row.properties)?;
    personal_data.check_kept("properties, of which its id is made,", &properties)?;
    let sorted: BTreeMap<String, Value> =
        serde_json::from_str(&properties).map_err(|error| error.to_string())?;
    let sorted = serde_json::to_vec(&sorted).map_err(|error| error.to_string())?;
    let hash = Sha256::new()
        .chain_update(row.at_us.to_le_bytes())
        .chain_update(&*actor)
        .chain_update([0])
        .chain_update(row.name)
        .chain_update([0])
        .chain_update(sorted)
        .finalize();
    Ok(format!("{DERIVED_PREFIX}{}", hex(&hash[..16])))
}

/// What a JSON value says that is text, or a number's digits; `None` for null.
///
/// # Errors
/// Says that it is something else.
pub(super) fn text_of<'a>(name: &str, json: &'a str) -> Result<Option<Cow<'a, str>>, String> {
    match json.as_bytes().first() {
        Some(b'"') if !json.contains('\\') => Ok(Some(json[1..json.len() - 1].into())),
        Some(b'"') => {
            let of = |error| format!("its `{name}` cannot be read: {error}");
            serde_json::from_str(json).map(|text| Some(Cow::Owned(text))).map_err(of)
        }
        Some(b'-' | b'0'..=b'9') => Ok(Some(json.into())),
        Some(b'n') => Ok(None),
        _ => Err(format!("its `{name}` is neither text nor a number")),
    }
}

/// The text of an object; one that is kept as text is unpacked. `None` for null and empty text.
///
/// # Errors
/// Says that it is no object.
pub(in crate::ingest) fn object_of(text: Cow<'_, str>) -> Result<Option<Cow<'_, str>>, String> {
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'{') => Ok(Some(text)),
        Some(b'n') | None => Ok(None),
        Some(b'"') => {
            let of = |error| format!("its properties cannot be read: {error}");
            let inner: String = serde_json::from_str(&text).map_err(of)?;
            match inner.trim_ascii_start().as_bytes().first() {
                Some(b'{') => Ok(Some(inner.into())),
                None => Ok(None),
                _ => Err("its properties are no object".to_owned()),
            }
        }
        _ => Err("its properties are no object".to_owned()),
    }
}
