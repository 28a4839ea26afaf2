//! Finds names that an object of JSON says twice: nobody knows which one is meant.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Whether some object in this JSON has a name twice.
pub(super) fn has_repeated_names(json: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(json).is_ok()
        && serde_json::from_slice::<Unambiguous>(json).is_err()
}

/// JSON without such an object.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self, M::Error> {
        let mut names = HashSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(M::Error::custom("a name is there twice"));
            }
        }
        Ok(self)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<Self, S::Error> {
        while values.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_there_twice_is_found_at_any_depth() {
        for json in [r#"{"a":1,"a":2}"#, r#"[{"x":{"a":1,"b":null,"\u0061":true}}]"#] {
            assert!(has_repeated_names(json.as_bytes()), "{json}");
        }
        for json in [r#"{"a":{"a":1.5},"b":[{"a":"x"},{"a":-2}]}"#, "7", r#"{"a":1,"a":"#] {
            assert!(!has_repeated_names(json.as_bytes()), "{json}");
        }
    }
}
