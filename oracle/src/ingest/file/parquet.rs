//! Parquet: PostHog's batch exports, whose ids, events and JSON are text, and tables of other tools.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, SchemaRef, TimeUnit, TimestampMicrosecondType};
use jiff::Timestamp;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::{Map, Value};

use super::reading::{Block, Blocks, Parsing};
use super::row::{Fields, Time, object_of};
use super::{FileError, Watched};
use crate::config::ColumnNames;

/// Rows of a block.
const BLOCK_ROWS: usize = 1 << 13;

/// The rows of a Parquet file.
pub(super) struct ParquetRows<F> {
    rows: ParquetRecordBatchReader,
    next_row: u64,
    total_rows: u64,
    file_bytes: u64,
    on_read: F,
}

/// Some rows that follow each other.
pub(super) struct RowBlock {
    first_row: u64,
    rows: RecordBatch,
}

impl<F: FnMut(u64)> ParquetRows<F> {
    /// Opens a file that has the columns that are needed.
    pub(super) fn new(watched: Watched<F>, columns: &ColumnNames) -> Result<Self, FileError> {
        let file_bytes = watched.file.metadata()?.len();
        let damaged = |error: parquet::errors::ParquetError| {
            FileError::Format(format!("it starts as Parquet and cannot be read: {error}"))
        };
        let builder = ParquetRecordBatchReaderBuilder::try_new(watched.file).map_err(damaged)?;
        check_columns(builder.schema(), columns).map_err(FileError::Format)?;
        let total_rows = builder.metadata().file_metadata().num_rows().try_into().unwrap_or(0);
        let wanted = |name: &str| {
            columns.properties().is_none() || names(columns).any(|(wanted, _)| wanted == name)
        };
        let roots: Vec<_> = (0..builder.schema().fields().len())
            .filter(|at| wanted(builder.schema().field(*at).name()))
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let rows =
            builder.with_projection(mask).with_batch_size(BLOCK_ROWS).build().map_err(damaged)?;
        Ok(Self { rows, next_row: 1, total_rows, file_bytes, on_read: watched.on_read })
    }
}

impl<F: FnMut(u64) + Send> Blocks for ParquetRows<F> {
    type Block = RowBlock;

    fn next(&mut self) -> Result<Option<RowBlock>, FileError> {
        let first_row = self.next_row;
        let Some(rows) = self.rows.next() else {
            return Ok(None);
        };
        let rows = rows.map_err(|error| FileError::Format(format!("row {first_row}: {error}")))?;
        let read = rows.num_rows() as u64;
        self.next_row += read;
        let share = u128::from(self.file_bytes) * u128::from(read);
        let bytes = share / u128::from(self.total_rows.max(1));
        (self.on_read)(u64::try_from(bytes).unwrap_or_default());
        Ok(Some(RowBlock { first_row, rows }))
    }
}

impl Block for RowBlock {
    fn last_row(&self) -> u64 {
        self.first_row + self.rows.num_rows() as u64 - 1
    }

    fn parse(&self, parsing: &mut Parsing<'_>) {
        let columns = Columns::of(&self.rows, &parsing.import.columns);
        for (number, row) in (self.first_row..).zip(0..self.rows.num_rows()) {
            if parsing.is_done(number) {
                continue;
            }
            let admitted = columns.fields(row).and_then(|fields| fields.admit(parsing));
            if let Err(reason) = admitted {
                let row = columns.to_json(row, &parsing.import.columns);
                parsing.reject(number, reason, row.as_bytes());
            }
        }
    }
}

/// Some rows, each column as what is read from it.
struct Columns {
    id: Option<StringArray>,
    event: Option<StringArray>,
    actor: Option<StringArray>,
    time: Option<ArrayRef>,
    properties: Option<StringArray>,
    /// All the others, when they are the properties: name, text, and whether it is JSON already.
    rest: Option<Vec<(String, StringArray, bool)>>,
}

impl Columns {
    fn of(rows: &RecordBatch, names: &ColumnNames) -> Self {
        let text = |name: &str| rows.column_by_name(name).and_then(as_text);
        Self {
            id: text(&names.id),
            event: text(&names.event),
            actor: text(&names.actor),
            time: rows.column_by_name(&names.time).and_then(as_time),
            properties: names.properties().and_then(text),
            rest: names.properties().is_none().then(|| rest_of(rows, names)),
        }
    }

    /// The fields of a row.
    ///
    /// # Errors
    /// Says why its properties are none.
    fn fields(&self, row: usize) -> Result<Fields<'_>, String> {
        let properties = match &self.rest {
            Some(rest) => Some(Cow::Owned(object_text(rest, row))),
            None => value(&self.properties, row).map_or(Ok(None), |text| object_of(text.into()))?,
        };
        Ok(Fields {
            id: value(&self.id, row).map(Cow::Borrowed),
            event: value(&self.event, row).map(Cow::Borrowed),
            actor: value(&self.actor, row).map(Cow::Borrowed),
            time: self.time_of(row),
            properties,
        })
    }

    fn time_of(&self, row: usize) -> Option<Time<'_>> {
        let time = self.time.as_ref().filter(|time| time.is_valid(row))?;
        match time.as_string_opt::<i32>() {
            Some(texts) => Some(Time::Text(texts.value(row).into())),
            None => {
                let times = time.as_primitive::<TimestampMicrosecondType>();
                Some(Time::Microseconds(times.value(row)))
            }
        }
    }

    /// A row as the text of a JSON object by the columns' names, as a line of a file has it.
    fn to_json(&self, row: usize, names: &ColumnNames) -> String {
        let mut fields = Map::new();
        let texts =
            [(&names.id, &self.id), (&names.event, &self.event), (&names.actor, &self.actor)];
        for (name, column) in texts {
            fields.extend(value(column, row).map(|text| (name.clone(), text.into())));
        }
        let time = self.time_of(row).map(|time| match time {
            Time::Text(text) => text.into_owned().into(),
            Time::Microseconds(at_us) => Timestamp::from_microsecond(at_us)
                .map_or_else(|_| at_us.into(), |at| Value::from(at.to_string())),
        });
        fields.extend(time.map(|time| (names.time.clone(), time)));
        if let (Some(name), Some(text)) = (names.properties(), value(&self.properties, row)) {
            fields.insert(name.to_owned(), text.into());
        }
        let rest = self.rest.iter().map(|rest| object_text(rest, row));
        for rest in rest.filter_map(|rest| serde_json::from_str::<Map<_, _>>(&rest).ok()) {
            fields.extend(rest);
        }
        Value::from(fields).to_string()
    }
}

fn value(column: &Option<StringArray>, row: usize) -> Option<&str> {
    column.as_ref().filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

/// All columns that have no other meaning, as text.
fn rest_of(rows: &RecordBatch, columns: &ColumnNames) -> Vec<(String, StringArray, bool)> {
    let schema = rows.schema();
    let fields = schema.fields().iter().zip(rows.columns());
    let others = fields.filter(|(field, _)| names(columns).all(|(name, _)| name != field.name()));
    others
        .filter_map(|(field, column)| {
            let is_json = field.data_type().is_integer() || *field.data_type() == DataType::Boolean;
            Some((field.name().clone(), as_text(column)?, is_json))
        })
        .collect()
}

/// The text of an object of some columns' values; what is null is left out.
fn object_text(columns: &[(String, StringArray, bool)], row: usize) -> String {
    let present = columns.iter().filter(|(_, column, _)| column.is_valid(row));
    let fields = present.map(|(name, column, is_json)| {
        let text = column.value(row);
        let value = if *is_json { text.to_owned() } else { Value::from(text).to_string() };
        format!("{}:{value}", Value::from(name.as_str()))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// A column as text; `None` when it can be none.
fn as_text(column: &ArrayRef) -> Option<StringArray> {
    Some(cast(column, &DataType::Utf8).ok()?.as_string().clone())
}

/// A column of times as text, or as UTC microseconds.
fn as_time(column: &ArrayRef) -> Option<ArrayRef> {
    match column.data_type() {
        DataType::Timestamp(unit, _) => {
            // The zone says only how to show a time; without one it is UTC.
            let numbers = cast(column, &DataType::Int64).ok()?;
            let numbers = numbers.as_primitive::<Int64Type>();
            let micros = numbers.unary_opt::<_, TimestampMicrosecondType>(|at| match unit {
                TimeUnit::Second => at.checked_mul(1_000_000),
                TimeUnit::Millisecond => at.checked_mul(1_000),
                TimeUnit::Microsecond => Some(at),
                TimeUnit::Nanosecond => Some(at.div_euclid(1_000)),
            });
            Some(std::sync::Arc::new(micros))
        }
        _ => cast(column, &DataType::Utf8).ok(),
    }
}

/// The columns that have a meaning, and whether they hold times.
fn names(columns: &ColumnNames) -> impl Iterator<Item = (&str, bool)> {
    let ColumnNames { id, event, actor, time, .. } = columns;
    let texts = [id, event, actor].map(String::as_str).into_iter().chain(columns.properties());
    texts.map(|name| (name, false)).chain([(time.as_str(), true)])
}

/// Checks that all columns that are needed are there, and hold what they should.
fn check_columns(schema: &SchemaRef, columns: &ColumnNames) -> Result<(), String> {
    for (name, is_time) in names(columns) {
        let Ok(field) = schema.field_with_name(name) else {
            if name == columns.id && columns.derive_missing_ids {
                continue;
            }
            let there: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(format!("it has no column `{name}`; it has {}", there.join(", ")));
        };
        let data_type = match field.data_type() {
            DataType::Dictionary(_, values) => values,
            data_type => data_type,
        };
        let is_text =
            matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let is_number = data_type.is_integer() && (name == columns.id || name == columns.actor);
        let fits = match is_time {
            true => is_text || matches!(data_type, DataType::Timestamp(..)),
            false => is_text || is_number,
        };
        if !fits {
            let wanted = if is_time { "times or text" } else { "text" };
            return Err(format!("its column `{name}` holds {data_type} and should hold {wanted}"));
        }
    }
    Ok(())
}
