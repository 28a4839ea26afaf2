//! Rows on their way into the log: columns, fingerprints, and what was turned away.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Int64Array, Int64Builder, RecordBatch, StringArray, StringBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::RawForm;
use super::fingerprint::Fingerprint;

/// One event as a source's adapter hands it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The source's id of the event; the same id twice is the same event.
    pub external_id: &'a str,
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// What happened.
    pub name: &'a str,
    /// The source's id of who did it.
    pub actor: &'a str,
    /// The rest: the text of a JSON object.
    pub properties: &'a str,
}

/// Something that a source delivered and that is no event for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Where it was: a file and line, or a delivery's id.
    pub place: String,
    /// Why, in words that say what to do.
    pub reason: String,
    /// What was delivered, without personal data.
    pub raw: String,
    /// What that text is.
    pub form: RawForm,
}

/// Events of one source, that enter the log together or not at all.
#[derive(Debug)]
pub struct Batch {
    pub(super) source: String,
    pub(super) chunks: Vec<Chunk>,
    pub(super) rejections: Vec<Rejection>,
    pub(super) read: u64,
}

/// Rows as columns; what a thread fills alone.
#[derive(Debug)]
pub struct Chunk {
    pub(super) columns: RecordBatch,
    pub(super) fingerprints: Vec<Fingerprint>,
}

/// Fills a [`Chunk`].
#[derive(Debug)]
pub struct ChunkBuilder {
    source: String,
    received_at_us: i64,
    external_ids: StringBuilder,
    at_us: Int64Builder,
    names: StringBuilder,
    actors: StringBuilder,
    properties: StringBuilder,
    fingerprints: Vec<Fingerprint>,
}

/// The columns of every segment, in order.
pub fn schema() -> SchemaRef {
    let column = |name, data_type| Field::new(name, data_type, false);
    Arc::new(Schema::new(vec![
        column("source", DataType::Utf8),
        column("external_id", DataType::Utf8),
        column("at_us", DataType::Int64),
        column("received_at_us", DataType::Int64),
        column("name", DataType::Utf8),
        column("actor", DataType::Utf8),
        column("properties", DataType::Utf8),
    ]))
}

impl ChunkBuilder {
    /// A builder for rows of a source that were received at a time, UTC microseconds.
    pub fn new(source: &str, received_at_us: i64) -> Self {
        Self {
            source: source.to_owned(),
            received_at_us,
            external_ids: StringBuilder::new(),
            at_us: Int64Builder::new(),
            names: StringBuilder::new(),
            actors: StringBuilder::new(),
            properties: StringBuilder::new(),
            fingerprints: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Row<'_>) {
        self.external_ids.append_value(row.external_id);
        self.at_us.append_value(row.at_us);
        self.names.append_value(row.name);
        self.actors.append_value(row.actor);
        self.properties.append_value(row.properties);
        self.fingerprints.push(Fingerprint::new(
            &self.source,
            row.external_id,
            row.at_us,
            row.actor,
            row.name,
        ));
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }

    /// The rows as columns.
    ///
    /// # Panics
    /// Never: the columns are equally long and of the schema's types.
    pub fn finish(mut self) -> Chunk {
        let rows = self.len();
        let sources = StringArray::from_iter_values(std::iter::repeat_n(&self.source, rows));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(sources),
            Arc::new(self.external_ids.finish()),
            Arc::new(self.at_us.finish()),
            Arc::new(Int64Array::from_value(self.received_at_us, rows)),
            Arc::new(self.names.finish()),
            Arc::new(self.actors.finish()),
            Arc::new(self.properties.finish()),
        ];
        let columns = RecordBatch::try_new(schema(), columns).expect("columns of the schema");
        Chunk { columns, fingerprints: self.fingerprints }
    }
}

impl Chunk {
    /// A row.
    pub(super) fn row(&self, row: usize) -> Row<'_> {
        Row {
            external_id: text(&self.columns, 1).value(row),
            at_us: integers(&self.columns, 2).value(row),
            name: text(&self.columns, 4).value(row),
            actor: text(&self.columns, 5).value(row),
            properties: text(&self.columns, 6).value(row),
        }
    }
}

impl Row<'_> {
    /// The row as the text of a JSON object, for people to read and to be replayed:
    /// [`RawForm::Event`].
    pub(super) fn to_json(self) -> String {
        serde_json::json!({
            "id": self.external_id,
            "at_us": self.at_us,
            "event": self.name,
            "actor": self.actor,
            "properties": self.properties,
        })
        .to_string()
    }
}

/// A column of text.
pub(super) fn text(columns: &RecordBatch, column: usize) -> &StringArray {
    columns.column(column).as_any().downcast_ref().expect("a column of the schema")
}

/// A column of integers.
pub(super) fn integers(columns: &RecordBatch, column: usize) -> &Int64Array {
    columns.column(column).as_any().downcast_ref().expect("a column of the schema")
}

impl Batch {
    /// A batch with nothing in it.
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), chunks: Vec::new(), rejections: Vec::new(), read: 0 }
    }

    /// The source whose events these are.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Adds rows.
    pub fn push(&mut self, chunk: Chunk) {
        self.read += chunk.fingerprints.len() as u64;
        if !chunk.fingerprints.is_empty() {
            self.chunks.push(chunk);
        }
    }

    /// Adds something that was turned away.
    pub fn reject(&mut self, rejection: Rejection) {
        self.read += 1;
        self.rejections.push(rejection);
    }

    /// What was turned away so far.
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// Rows so far, without the rejected ones.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.fingerprints.len()).sum()
    }

    /// When its latest event happened, UTC microseconds; `None` without events.
    pub fn last_at_us(&self) -> Option<i64> {
        self.chunks
            .iter()
            .filter_map(|chunk| integers(&chunk.columns, 2).values().iter().max())
            .max()
            .copied()
    }

    /// Whether there is nothing in it, not even a rejection.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty() && self.rejections.is_empty()
    }
}
