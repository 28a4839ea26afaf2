//! Takes named fields out of a delivery, and says which one is missing or of another shape.

use serde_json::Value;

use crate::ingest::parse_time_us;

/// A part of a delivery, and the way to it.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    value: &'a Value,
    name: &'static str,
}

impl<'a> Fields<'a> {
    /// A delivery's whole body.
    pub(super) fn of(body: &'a Value) -> Self {
        Self { value: body, name: "body" }
    }

    /// An object in it.
    pub(super) fn object(&self, name: &'static str) -> Result<Self, String> {
        match self.value.get(name) {
            Some(value @ Value::Object(_)) => Ok(Self { value, name }),
            _ => Err(self.problem(name, "an object")),
        }
    }

    /// A field, if it is there and not null.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }

    /// An id: a whole number, or text that is not empty.
    pub(super) fn id(&self, name: &str) -> Result<String, String> {
        self.get(name).and_then(id).ok_or_else(|| self.problem(name, "an id"))
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<i64, String> {
        self.get(name).and_then(Value::as_i64).ok_or_else(|| self.problem(name, "a whole number"))
    }

    /// Text.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.get(name).and_then(Value::as_str).ok_or_else(|| self.problem(name, "text"))
    }

    /// A time, UTC microseconds.
    pub(super) fn time_us(&self, name: &str) -> Result<i64, String> {
        parse_time_us(self.text(name)?).map_err(|error| format!("{}.{name}: {error}", self.name))
    }

    fn problem(&self, name: &str, expected: &str) -> String {
        format!("{}.{name} is not {expected}", self.name)
    }
}

/// The text of an id.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_or_of_another_shape_is_named() {
        let body = json!({"post":{"id":7,"user_id":null,"at":"2026-02-01T05:00:00Z","x":1.5}});
        let post = Fields::of(&body).object("post").unwrap();
        assert_eq!(post.id("id").unwrap(), "7");
        assert_eq!(post.time_us("at").unwrap(), 1_769_922_000_000_000);
        assert_eq!(post.id("user_id").unwrap_err(), "post.user_id is not an id");
        assert_eq!(post.id("x").unwrap_err(), "post.x is not an id");
        assert_eq!(post.text("id").unwrap_err(), "post.id is not text");
        assert!(post.time_us("id").is_err());
        let error = Fields::of(&body).object("topic").map(|_| ()).unwrap_err();
        assert_eq!(error, "body.topic is not an object");
    }
}
