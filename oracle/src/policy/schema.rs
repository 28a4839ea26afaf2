//! The rule book as a JSON Schema, by which editors complete and check it.
//!
//! The schema knows keys and types; what values make sense together, `check` says. It is committed as
//! `examples/policies/policy.schema.json`, in draft 7, which TOML's language servers read.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::{Decimal, RuleBook};
use crate::identity::Role;

/// The schema of a rule book.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(as_in_toml));
    let mut schema = settings.into_generator().into_root_schema_for::<RuleBook>();
    schema.insert("title".into(), "A rule book".into());
    schema.to_value()
}

/// Takes away what TOML cannot say, a null, and defaults that nobody would write.
fn as_in_toml(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|of| of != "null"));
        if choices.len() == 1 {
            let only =
                schema.remove("anyOf").and_then(|choices| choices.as_array()?.first().cloned());
            // Beside others a reference has to stand in `allOf`, or draft 7 leaves the others out.
            schema.insert("allOf".into(), Value::Array(only.into_iter().collect()));
        }
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.starts_with("uint")) {
        // A name of Rust's types, which says nothing that the bounds do not.
        schema.remove("format");
    }
    let is_endless = schema.get("default").is_some_and(|default| *default == u32::MAX);
    if is_endless || schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number not below zero with at most 6 decimals: 12, 8.8 or \"8.8\".",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9]{1,12}(\\.[0-9]{1,6})?$" },
            ],
        })
    }
}

impl JsonSchema for Role {
    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What a member is entrusted with.",
            "type": "string",
            "enum": Self::ALL.map(Self::name),
        })
    }
}
