//! A page of PostHog's rows: what the answer says, row by row.

use serde::Deserialize;
use serde_json::{Map, Value};
use sonic_rs::LazyValue;

use super::failure::{Trouble, not_an_answer};
use super::position::Key;
use super::query::{COLUMNS, ORIGINS};
use crate::ingest::file::object_of;
use crate::ingest::{Door, normal_uuid, parse_time_us};
use crate::segments::{Batch, ChunkBuilder, RawForm, Row};

/// Pages that PostHog cuts short end at a multiple of this, as all its limits do.
const ROUND_ROWS: usize = 100;

/// PostHog's answer to a query; what it has beside these is of no use here.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Option<Vec<LazyValue<'a>>>,
    columns: Option<Vec<String>>,
    types: Option<Value>,
    #[serde(rename = "hasMore")]
    has_more: Option<bool>,
    limit: Option<usize>,
    error: Option<String>,
    is_cached: Option<bool>,
}

/// What a page holds.
#[derive(Debug)]
pub(super) struct Page {
    /// Its events, and the rows that are none.
    pub(super) batch: Batch,
    /// The key of its last row; `None` when it has no rows.
    pub(super) last: Option<Key>,
    /// Its rows.
    pub(super) read: usize,
    /// Whether there may be more where it came from.
    pub(super) full: bool,
}

/// What a page was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The source's name.
    pub(super) source: String,
    /// The key after which it begins.
    pub(super) after: Key,
    /// Rows at most.
    pub(super) rows: u32,
}

/// Where each of [`COLUMNS`] is in a row.
type Places = [usize; COLUMNS.len()];

impl Page {
    /// Reads the answer to a page's query.
    ///
    /// # Errors
    /// [`Trouble`] when the answer as a whole cannot be used; single rows are rejected in the batch.
    pub(super) fn read(answer: &[u8], asked: &Asked, door: &Door<'_>) -> Result<Self, Trouble> {
        let answer = parse(answer)?;
        let places = places(answer.columns.as_deref().unwrap_or_default())?;
        check_types(answer.types.as_ref())?;
        let rows = answer.results.unwrap_or_default();
        let mut page =
            Self { batch: Batch::new(&asked.source), last: None, read: rows.len(), full: false };
        let mut chunk = ChunkBuilder::new(&asked.source, door.now_us);
        for (number, row) in (1..).zip(&rows) {
            match admit(row, &places, door, &mut chunk) {
                (Some(key), admitted) => {
                    let before = page.last.as_ref().unwrap_or(&asked.after);
                    if key < *before {
                        return Err(out_of_order(&key));
                    }
                    page.last = Some(key);
                    page.note(admitted, number, row, &places, door);
                }
                (None, admitted) => page.note(admitted, number, row, &places, door),
            }
        }
        page.batch.push(chunk.finish());
        if !rows.is_empty() && page.last.as_ref().is_none_or(|last| *last <= asked.after) {
            return Err(out_of_order(&asked.after));
        }
        let limit = answer.limit.unwrap_or(usize::MAX).min(asked.rows as usize);
        let is_round = page.read.is_multiple_of(ROUND_ROWS);
        page.full =
            page.read > 0 && (answer.has_more == Some(true) || page.read >= limit || is_round);
        Ok(page)
    }

    /// Keeps what was turned away.
    fn note(
        &mut self,
        admitted: Result<(), String>,
        number: usize,
        row: &LazyValue<'_>,
        places: &Places,
        door: &Door<'_>,
    ) {
        if let Err(reason) = admitted {
            let id =
                cells(row, places).and_then(|cells| text(&cells, places, 0)).unwrap_or_default();
            let place = if id.is_empty() { format!("row {number} of a page") } else { id };
            let kept = as_export_row(row, places);
            let form = RawForm::PosthogRow;
            self.batch.reject(door.rejection(place, reason, form, kept.as_bytes()));
        }
    }
}

/// The number that a count's answer is.
///
/// # Errors
/// [`Trouble`] when it is none.
pub(super) fn read_count(answer: &[u8]) -> Result<u64, Trouble> {
    let rows = parse(answer)?.results.unwrap_or_default();
    let first: Option<Vec<Value>> =
        rows.first().and_then(|row| serde_json::from_str(row.as_raw_str()).ok());
    let count = first.as_ref().and_then(|row| row.first());
    count
        .and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()))
        .ok_or_else(|| Trouble::Fix("PostHog's answer to a count is no number".to_owned()))
}

fn parse(answer: &[u8]) -> Result<Answer<'_>, Trouble> {
    let answer: Answer<'_> = sonic_rs::from_slice(answer).map_err(|error| not_an_answer(&error))?;
    if let Some(error) = answer.error.as_deref().filter(|error| !error.is_empty()) {
        return Err(Trouble::of_background(error));
    }
    if answer.is_cached == Some(true) {
        return Err(Trouble::later("PostHog answered from its cache, though asked not to"));
    }
    Ok(answer)
}

fn places(columns: &[String]) -> Result<Places, Trouble> {
    let mut places = Places::default();
    for ((column, origin), place) in COLUMNS.iter().zip(ORIGINS).zip(&mut places) {
        *place = columns.iter().position(|found| found == column).ok_or_else(|| {
            Trouble::Fix(format!(
                "PostHog's answer lacks the column `{origin}` (asked for as `{column}`): this version \
                 of stk-oracle cannot read it"
            ))
        })?;
    }
    Ok(places)
}

/// Every column that is read is text; the properties may be an object.
fn check_types(types: Option<&Value>) -> Result<(), Trouble> {
    for of_column in types.and_then(Value::as_array).into_iter().flatten() {
        let (Some(name), Some(found)) = (of_column[0].as_str(), of_column[1].as_str()) else {
            continue;
        };
        let Some(place) = COLUMNS.iter().position(|column| *column == name) else {
            continue;
        };
        let is_object = place == 5 && (found.starts_with("JSON") || found.starts_with("Object"));
        let plain = found.trim_start_matches("LowCardinality(").trim_start_matches("Nullable(");
        let is_text = plain.starts_with("String") || plain.starts_with("FixedString");
        if !is_text && !is_object {
            return Err(Trouble::Fix(format!(
                "PostHog's column `{}` is of type {found} now, and was text: this version of \
                 stk-oracle cannot read it",
                ORIGINS[place]
            )));
        }
    }
    Ok(())
}

fn out_of_order(key: &Key) -> Trouble {
    Trouble::Fix(format!(
        "PostHog's rows are not in the order that was asked for, at {} of {}: nothing of this page was \
         kept",
        key.uuid, key.created_us
    ))
}

/// Lets a row in. Its key is there whenever it can be read.
fn admit(
    row: &LazyValue<'_>,
    places: &Places,
    door: &Door<'_>,
    chunk: &mut ChunkBuilder,
) -> (Option<Key>, Result<(), String>) {
    let Some(cells) = cells(row, places) else {
        return (None, Err("not a row of columns".to_owned()));
    };
    let key = key(&cells, places);
    if key.is_none() {
        let created_at = cells[places[4]].as_raw_str();
        return (None, Err(format!("its created_at is not a time, or it has no id: {created_at}")));
    }
    (key, admit_cells(&cells, places, door, chunk))
}

fn admit_cells(
    cells: &[LazyValue<'_>],
    places: &Places,
    door: &Door<'_>,
    chunk: &mut ChunkBuilder,
) -> Result<(), String> {
    let cell = |place| {
        text(cells, places, place).ok_or_else(|| format!("its {} is not text", ORIGINS[place]))
    };
    let (uuid, name, actor, at) = (cell(0)?, cell(1)?, cell(2)?, cell(3)?);
    let properties = object_of(cells[places[5]].as_raw_str().into())?;
    let properties = properties.as_deref().unwrap_or("{}");
    let row = Row {
        external_id: &normal_uuid(&uuid),
        at_us: parse_time_us(&at)?,
        name: &name,
        actor: &actor,
        properties,
    };
    door.admit(row, chunk)
}

fn cells<'a>(row: &'a LazyValue<'_>, places: &Places) -> Option<Vec<LazyValue<'a>>> {
    let cells: Vec<LazyValue<'a>> = sonic_rs::from_str(row.as_raw_str()).ok()?;
    places.iter().all(|place| *place < cells.len()).then_some(cells)
}

fn text(cells: &[LazyValue<'_>], places: &Places, place: usize) -> Option<String> {
    serde_json::from_str(cells[places[place]].as_raw_str()).ok()
}

fn key(cells: &[LazyValue<'_>], places: &Places) -> Option<Key> {
    let created_us = parse_time_us(&text(cells, places, 4)?).ok()?;
    Some(Key { created_us, uuid: text(cells, places, 0)? })
}

/// A row as a batch export has it, so that what was turned away can be read again like a file, and
/// personal data within its properties is found.
fn as_export_row(row: &LazyValue<'_>, places: &Places) -> String {
    let Some(cells) = cells(row, places) else {
        return row.as_raw_str().to_owned();
    };
    let mut object = Map::new();
    for (origin, place) in ORIGINS.iter().zip(places) {
        let mut value: Value = cells
            .get(*place)
            .and_then(|cell| serde_json::from_str(cell.as_raw_str()).ok())
            .unwrap_or_default();
        if let ("properties", Value::String(inner)) = (*origin, &value)
            && let Ok(parsed) = serde_json::from_str(inner)
        {
            value = parsed;
        }
        object.insert((*origin).to_owned(), value);
    }
    Value::from(object).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ingest::{Integrity, PersonalData};

    const NOW_US: i64 = 1_800_000_000_000_000;

    fn read(answer: &Value) -> Result<Page, Trouble> {
        let personal_data = PersonalData::default();
        let integrity = Integrity::default();
        let door = Door { integrity, personal_data: &personal_data, now_us: NOW_US };
        let after = Key { created_us: 1_000_000, uuid: "b".into() };
        let asked = Asked { source: "posthog".into(), after, rows: 1_000 };
        Page::read(answer.to_string().as_bytes(), &asked, &door)
    }

    fn row(uuid: &str, second: u32) -> Value {
        let at = format!("1970-01-01 00:00:{second:02}.000000");
        json!([uuid, "opened", "anna", at, at, "{\"x\":1}"])
    }

    fn answer(rows: &[Value]) -> Value {
        json!({ "columns": COLUMNS, "results": rows })
    }

    #[test]
    fn what_posthog_adds_is_ignored_and_what_it_drops_or_changes_is_named() {
        let rows = [row("c", 1)];
        let mut renamed = answer(&rows);
        renamed["columns"][4] = "ingested_utc".into();
        let text = read(&renamed).unwrap_err().to_string();
        assert!(text.contains("lacks the column `created_at`"), "{text}");
        let mut changed = answer(&rows);
        changed["types"] = json!([["event_uuid", "String"], ["actor", "Array(String)"]]);
        let text = read(&changed).unwrap_err().to_string();
        assert!(text.contains("`distinct_id` is of type Array(String) now"), "{text}");
        // A new column in front, and a new type for the properties
        let mut more = row("c", 1);
        more.as_array_mut().unwrap().insert(0, json!(7));
        more[6] = json!({"x": 1});
        let mut columns: Vec<Value> = COLUMNS.map(Value::from).into();
        columns.insert(0, "new".into());
        let types =
            json!([["new", "UInt8"], ["properties_json", "JSON"], ["actor", "Nullable(String)"]]);
        let page = read(&json!({ "columns": columns, "results": [more], "types": types, "x": 1 }));
        assert_eq!(page.unwrap().batch.len(), 1);
    }

    #[test]
    fn a_bad_row_is_rejected_alone_and_without_personal_data() {
        let mut bad = row("d", 2);
        bad[3] = "yesterday".into();
        bad[5] = "{\"phone\":\"+7\",\"y\":\"anna@example.org\"}".into();
        let mut nobody = row("e", 2);
        nobody[2] = Value::Null;
        let page = read(&answer(&[row("c", 1), bad, json!([1]), nobody, row("f", 3)])).unwrap();
        assert_eq!((page.batch.len(), page.read), (2, 5));
        let rejections = page.batch.rejections();
        let reasons: Vec<_> = rejections.iter().map(|found| found.reason.as_str()).collect();
        assert!(reasons[0].contains("`yesterday` is not a time"), "{reasons:?}");
        assert_eq!(reasons[1..], ["not a row of columns", "its distinct_id is not text"]);
        assert_eq!(
            (rejections[0].place.as_str(), rejections[1].place.as_str()),
            ("d", "row 3 of a page")
        );
        let raw: Value = serde_json::from_str(&rejections[0].raw).unwrap();
        assert_eq!(raw["properties"], json!({ "y": "(e-mail address)" }));
        assert_eq!(raw["uuid"], "d");
        assert!(rejections.iter().all(|found| found.form == RawForm::PosthogRow));
        assert_eq!(page.last, Some(Key { created_us: 3_000_000, uuid: "f".into() }));
    }

    #[test]
    fn rows_that_would_lead_in_a_circle_are_refused() {
        for rows in [
            vec![row("a", 1)],              // before the key
            vec![row("b", 1)],              // the key itself
            vec![row("d", 2), row("c", 2)], // not in order
        ] {
            let text = read(&answer(&rows)).unwrap_err().to_string();
            assert!(text.contains("not in the order"), "{text}");
        }
        // The same row twice is PostHog's late deduplication
        assert_eq!(read(&answer(&[row("c", 1), row("c", 1)])).unwrap().batch.len(), 2);
    }

    #[test]
    fn a_page_that_may_have_been_cut_is_not_the_last() {
        let rows = |count: u32| (0..count).map(|n| row(&format!("c{n:04}"), 1)).collect::<Vec<_>>();
        for (count, full) in [(0, false), (99, false), (100, true), (101, false), (1_000, true)] {
            assert_eq!(read(&answer(&rows(count))).unwrap().full, full, "{count}");
        }
        let mut told = answer(&rows(7));
        told["hasMore"] = true.into();
        assert!(read(&told).unwrap().full);
        let mut limited = answer(&rows(7));
        limited["limit"] = 7.into();
        assert!(read(&limited).unwrap().full);
    }

    #[test]
    fn an_old_answer_is_none() {
        let mut cached = answer(&[]);
        cached["is_cached"] = true.into();
        assert!(matches!(read(&cached), Err(Trouble::Busy { .. })));
        assert!(matches!(read(&json!([])), Err(Trouble::Fix(_))));
        let count = |rows: Value| read_count(json!({ "results": rows }).to_string().as_bytes());
        assert_eq!(count(json!([[7]])), Ok(7));
        assert_eq!(count(json!([["7"]])), Ok(7));
        assert!(count(json!([])).is_err());
    }
}
