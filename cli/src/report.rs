//! What a command has to say, once, for people and for programs: every value has a label and a key.
//!
//! For programs: keys in snake_case with their units; amounts of tokens as strings of base units,
//! because they may exceed what a JSON reader keeps exactly; times in RFC 3339, UTC; digests in hex.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use solana_address::Address;

use crate::amount::tokens;
use crate::digest::Digest;
use crate::duration::Seconds;
use crate::time::UtcTime;

const LAMPORTS_DECIMALS: u8 = 9;

/// One value: as people read it, and as programs do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    text: String,
    json: Value,
}

impl Cell {
    /// A value that reads the same for both.
    pub(crate) fn text(value: impl fmt::Display) -> Self {
        let text = value.to_string();
        Self { json: Value::from(text.clone()), text }
    }

    /// A value that reads differently.
    pub(crate) fn new(text: impl fmt::Display, json: impl Into<Value>) -> Self {
        Self { text: text.to_string(), json: json.into() }
    }

    /// A whole number.
    pub(crate) fn number(value: impl Into<u64>) -> Self {
        let value = value.into();
        Self::new(crate::amount::grouped(value), value)
    }

    /// An amount of the community's tokens.
    pub(crate) fn amount(base_units: u64, decimals: u8) -> Self {
        Self::new(format_args!("{} STK", tokens(base_units, decimals)), base_units.to_string())
    }
}

/// One part of a report.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Field { key: String, label: String, cell: Cell },
    Table { key: String, label: String, columns: Vec<&'static str>, rows: Vec<Vec<Cell>> },
    Reports { key: String, label: String, reports: Vec<Report> },
    Object { key: String, label: String, report: Report },
    Hidden { key: String, json: Value },
}

/// What a command has to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    /// What people read first; programs do not need it.
    title: Option<String>,
    entries: Vec<Entry>,
}

impl Report {
    /// A report without a title.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A report that opens with a sentence for people.
    pub(crate) fn titled(title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), entries: Vec::new() }
    }

    /// Adds a value.
    pub(crate) fn field(&mut self, key: &str, label: &str, cell: Cell) -> &mut Self {
        self.entries.push(Entry::Field { key: key.to_owned(), label: label.to_owned(), cell });
        self
    }

    /// Adds a value that people are told otherwise, or need not be.
    pub(crate) fn hidden(&mut self, key: &str, json: Value) -> &mut Self {
        self.entries.push(Entry::Hidden { key: key.to_owned(), json });
        self
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, key: &str, label: &str, value: impl fmt::Display) -> &mut Self {
        self.field(key, label, Cell::text(value))
    }

    /// Adds an address; of none, people read what the absence means.
    pub(crate) fn address_or(
        &mut self,
        key: &str,
        label: &str,
        address: Option<Address>,
        absent: &str,
    ) -> &mut Self {
        let cell = match address {
            Some(address) => Cell::text(address),
            None => Cell::new(absent, Value::Null),
        };
        self.field(key, label, cell)
    }

    /// Adds an amount of the community's tokens; its key ends in `_base_units`.
    pub(crate) fn amount(
        &mut self,
        key: &str,
        label: &str,
        base_units: u64,
        decimals: u8,
    ) -> &mut Self {
        self.field(&format!("{key}_base_units"), label, Cell::amount(base_units, decimals))
    }

    /// Adds an amount of SOL; its key ends in `_lamports`.
    pub(crate) fn sol(&mut self, key: &str, label: &str, lamports: u64) -> &mut Self {
        let text = format!("{} SOL", tokens(lamports, LAMPORTS_DECIMALS));
        self.field(&format!("{key}_lamports"), label, Cell::new(text, lamports))
    }

    /// Adds a length of time; its key ends in `_seconds`.
    pub(crate) fn duration(&mut self, key: &str, label: &str, seconds: u32) -> &mut Self {
        let cell = Cell::new(Seconds(seconds), seconds);
        self.field(&format!("{key}_seconds"), label, cell)
    }

    /// Adds a point in time.
    pub(crate) fn time(&mut self, key: &str, label: &str, unix_timestamp: i64) -> &mut Self {
        self.text(key, label, UtcTime(unix_timestamp))
    }

    /// Adds a digest.
    pub(crate) fn digest(&mut self, key: &str, label: &str, digest: [u8; 32]) -> &mut Self {
        self.text(key, label, Digest(digest))
    }

    /// Adds rows of the same columns; the columns' names are keys.
    pub(crate) fn table(
        &mut self,
        key: &str,
        label: &str,
        columns: &[&'static str],
        rows: Vec<Vec<Cell>>,
    ) -> &mut Self {
        let (key, label) = (key.to_owned(), label.to_owned());
        self.entries.push(Entry::Table { key, label, columns: columns.to_vec(), rows });
        self
    }

    /// Adds a report within this one.
    pub(crate) fn object(&mut self, key: &str, label: &str, report: Report) -> &mut Self {
        let (key, label) = (key.to_owned(), label.to_owned());
        self.entries.push(Entry::Object { key, label, report });
        self
    }

    /// Adds reports of the same kind.
    pub(crate) fn reports(&mut self, key: &str, label: &str, reports: Vec<Report>) -> &mut Self {
        let (key, label) = (key.to_owned(), label.to_owned());
        self.entries.push(Entry::Reports { key, label, reports });
        self
    }

    /// Adds all entries of another report.
    pub(crate) fn extend(&mut self, other: Report) -> &mut Self {
        self.entries.extend(other.entries);
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let pad = " ".repeat(indent);
        if let Some(title) = &self.title {
            writeln!(f, "{pad}{title}")?;
        }
        let width = |entry: &Entry| match entry {
            Entry::Field { label, .. } => label.chars().count(),
            _ => 0,
        };
        let label_width = self.entries.iter().map(width).max().unwrap_or(0);
        for entry in &self.entries {
            match entry {
                Entry::Field { label, cell, .. } => {
                    writeln!(f, "{pad}{label:label_width$}  {}", cell.text)?;
                }
                Entry::Hidden { .. } => {}
                Entry::Object { label, report, .. } => {
                    writeln!(f, "{pad}{label}:")?;
                    report.write(f, indent + 2)?;
                }
                Entry::Table { label, rows, .. } if rows.is_empty() => {
                    writeln!(f, "{pad}{label}: none")?;
                }
                Entry::Table { label, rows, .. } => {
                    writeln!(f, "{pad}{label}:")?;
                    write_rows(f, rows, indent + 2)?;
                }
                Entry::Reports { label, reports, .. } if reports.is_empty() => {
                    writeln!(f, "{pad}{label}: none")?;
                }
                Entry::Reports { label, reports, .. } => {
                    writeln!(f, "{pad}{label}:")?;
                    for (i, report) in reports.iter().enumerate() {
                        if i > 0 {
                            writeln!(f)?;
                        }
                        report.write(f, indent + 2)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Rows in columns as wide as their widest cell.
fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[Vec<Cell>], indent: usize) -> fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let cells: Vec<_> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{:width$}", cell.text)).collect();
        writeln!(f, "{:indent$}{}", "", cells.join("  ").trim_end())?;
    }
    Ok(())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for entry in &self.entries {
            match entry {
                Entry::Field { key, cell, .. } => map.serialize_entry(key, &cell.json)?,
                Entry::Object { key, report, .. } => map.serialize_entry(key, report)?,
                Entry::Hidden { key, json } => map.serialize_entry(key, json)?,
                Entry::Reports { key, reports, .. } => map.serialize_entry(key, reports)?,
                Entry::Table { key, columns, rows, .. } => {
                    let rows: Vec<_> = rows.iter().map(|row| Row { columns, row }).collect();
                    map.serialize_entry(key, &rows)?;
                }
            }
        }
        map.end()
    }
}

/// One row of a table, as an object.
struct Row<'a> {
    columns: &'a [&'static str],
    row: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(self.row.iter().map(|cell| &cell.json)))
    }
}
