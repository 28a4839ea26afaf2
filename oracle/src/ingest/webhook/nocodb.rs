//! NocoDB's webhooks, version 3: rows that were added, changed or removed.
//!
//! A header of the webhook carries the secret. An event's id is the delivery's and the row's. A row's
//! columns may hold anything, so only those that the configuration names are kept.

use serde_json::{Map, Value, json};

use super::fields::{Fields, id};
use super::signature::is_secret;
use super::{Delivery, Distrust, PushedEvent, Webhook};
use crate::config::{NocodbSettings, Secret};
use crate::ingest::parse_time_us;

/// A NocoDB base.
#[derive(Debug)]
pub struct Nocodb {
    secret: Secret,
    header: String,
    actor_column: String,
    columns: Vec<String>,
}

impl Nocodb {
    /// A base whose webhooks have this secret.
    pub fn new(secret: Secret, settings: &NocodbSettings) -> Self {
        Self {
            secret,
            header: settings.header.to_lowercase(),
            actor_column: settings.actor_column.clone(),
            columns: settings.columns.clone(),
        }
    }

    fn row(&self, delivery: &Fields<'_>, row: &Value, at_us: i64) -> Result<PushedEvent, String> {
        let data = delivery.object("data")?;
        let table = data.text("table_name").or_else(|_| data.text("table_id"))?;
        let row_id = ["Id", "id"].iter().find_map(|column| row.get(column)).and_then(id);
        let row_id = row_id.ok_or("a row has no Id: add the column to what the webhook sends")?;
        let actor = row.get(&self.actor_column).and_then(person).ok_or_else(|| {
            format!("row {row_id} says nobody in the column `{}`", self.actor_column)
        })?;
        let name = match delivery.text("type")? {
            "records.after.insert" => "record_added",
            "records.after.update" => "record_changed",
            _ => "record_removed",
        };
        let mut more = Map::from_iter([("space".to_owned(), json!(table))]);
        for column in &self.columns {
            if let Some(value) = row.get(column) {
                more.insert(column.clone(), value.clone());
            }
        }
        Ok(PushedEvent {
            external_id: format!("{}:{row_id}", delivery.id("id")?),
            at_us: row_time_us(row, name).unwrap_or(at_us),
            name: name.to_owned(),
            actor,
            artifact: Some(format!("{table}/{row_id}")),
            more,
            ..PushedEvent::default()
        })
    }
}

impl Webhook for Nocodb {
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust> {
        match is_secret(&self.secret, delivery.header(&self.header)) {
            true => Ok(()),
            false => Err(Distrust::Signature(self.header.clone())),
        }
    }

    fn read(&self, delivery: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>> {
        let fields = Fields::of(body);
        match rows(&fields) {
            Ok(rows) => {
                rows.iter().map(|row| self.row(&fields, row, delivery.received_at_us)).collect()
            }
            Err(problem) => vec![Err(problem)],
        }
    }
}

fn rows<'a>(delivery: &Fields<'a>) -> Result<&'a [Value], String> {
    match delivery.text("type")? {
        "records.after.insert" | "records.after.update" | "records.after.delete" => {
            let rows = delivery.object("data")?.get("rows").and_then(Value::as_array);
            rows.map(Vec::as_slice).ok_or_else(|| "data.rows is not a list".to_owned())
        }
        _ => Ok(&[]),
    }
}

/// A person in a column: an id, or a column of users with exactly one in it.
fn person(value: &Value) -> Option<String> {
    match value {
        Value::Array(one) if one.len() == 1 => person(&one[0]),
        Value::Object(user) => user.get("id").and_then(id),
        _ => id(value),
    }
}

/// When a row was last changed, or added; NocoDB may not send it.
fn row_time_us(row: &Value, name: &str) -> Option<i64> {
    let columns = match name {
        "record_added" => ["CreatedAt", "created_at"],
        "record_changed" => ["UpdatedAt", "updated_at"],
        _ => return None,
    };
    let text = columns.iter().find_map(|column| row.get(column))?.as_str()?;
    parse_time_us(text).ok()
}
