//! Edits the text of a JSON object without building its values, which every event goes through.
//!
//! What it lets pass can be read later: nesting is bounded, numbers fit, escapes are characters.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// How deep objects and arrays may lie within each other; fewer than JSON's readers allow.
const MAX_DEPTH: usize = 100;
/// Digits of a number that certainly fits.
const SAFE_DIGITS: usize = 18;

/// What becomes of a field.
pub(super) enum Edit {
    /// It stays.
    Keep,
    /// It is left out.
    Remove,
    /// Its value is replaced by other JSON.
    Replace(String),
}

/// Walks all fields of an object, at whichever depth. `concerns` is asked for each field's name;
/// where it says so, `decide` gets name and value, and says what becomes of the field.
///
/// # Errors
/// Says why the text is no object that can be read, or what `decide` says.
pub(super) fn edit<'a>(
    object: &'a str,
    concerns: impl Fn(&str) -> bool,
    mut decide: impl FnMut(&str, &str) -> Result<Edit, String>,
) -> Result<Cow<'a, str>, String> {
    // From here on, the text is known to be JSON.
    let _: IgnoredAny = serde_json::from_str(object).map_err(|error| error.to_string())?;
    let text = object.trim_ascii();
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'{') {
        return Err("no object".to_owned());
    }
    let mut edited = Edited { text, output: String::new(), copied: 0 };
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'"' => {
                let end = string_end(bytes, at);
                let name = unescaped(&text[at..end])?;
                let colon = spaces_end(bytes, end);
                // In JSON, only a field's name stands before a colon.
                if bytes.get(colon) != Some(&b':') {
                    end
                } else if concerns(&name) {
                    let value = spaces_end(bytes, colon + 1);
                    let value_end = value_end(bytes, value);
                    match decide(&name, &text[value..value_end])? {
                        Edit::Keep => value,
                        Edit::Remove => edited.remove(at, value_end),
                        Edit::Replace(new) => edited.replace(value, value_end, &new),
                    }
                } else {
                    colon + 1
                }
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(format!("nested deeper than {MAX_DEPTH}"));
                }
                at + 1
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at + 1
            }
            b'-' | b'0'..=b'9' => {
                let end = value_end(bytes, at);
                check_number(&text[at..end])?;
                end
            }
            _ => at + 1,
        };
    }
    Ok(edited.finish())
}

/// A text with parts left out or replaced, copied only when there are any.
struct Edited<'a> {
    text: &'a str,
    output: String,
    /// How much of the text is in the output, or left out of it.
    copied: usize,
}

impl<'a> Edited<'a> {
    /// Leaves a field out, with one of the commas around it; returns where the text goes on.
    fn remove(&mut self, from: usize, to: usize) -> usize {
        let bytes = self.text.as_bytes();
        self.output.push_str(&self.text[self.copied..from]);
        let comma = spaces_end(bytes, to);
        self.copied = if bytes.get(comma) == Some(&b',') {
            comma + 1
        } else {
            let kept = self.output.trim_ascii_end();
            let kept = kept.strip_suffix(',').unwrap_or(kept).len();
            self.output.truncate(kept);
            to
        };
        self.copied
    }

    /// Puts another text in the place of a value; returns where the text goes on.
    fn replace(&mut self, from: usize, to: usize, new: &str) -> usize {
        self.output.push_str(&self.text[self.copied..from]);
        self.output.push_str(new);
        self.copied = to;
        to
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.copied == 0 {
            return Cow::Borrowed(self.text);
        }
        self.output.push_str(&self.text[self.copied..]);
        Cow::Owned(self.output)
    }
}

/// The place after a string that starts at a place.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        match bytes[at + found] {
            b'"' => return at + found + 1,
            _ => at += found + 2,
        }
    }
    bytes.len()
}

/// The place after the value that starts at a place.
fn value_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The first place from a place on that is no space.
fn spaces_end(bytes: &[u8], from: usize) -> usize {
    let is_space = |byte: &u8| byte.is_ascii_whitespace();
    from + bytes[from..].iter().take_while(|byte| is_space(byte)).count()
}

/// What a string in quotes says.
fn unescaped(quoted: &str) -> Result<Cow<'_, str>, String> {
    if memchr::memchr(b'\\', quoted.as_bytes()).is_some() {
        // The text itself is not told: it may be personal data.
        let of = |error| format!("a text in it: {error}");
        return serde_json::from_str(quoted).map(Cow::Owned).map_err(of);
    }
    Ok(Cow::Borrowed(quoted.get(1..quoted.len() - 1).unwrap_or_default()))
}

fn check_number(digits: &str) -> Result<(), String> {
    let may_be_large = digits.len() > SAFE_DIGITS || digits.contains(['e', 'E']);
    if may_be_large && serde_json::from_str::<serde_json::Number>(digits).is_err() {
        return Err("a number in it is out of range".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn without_x(text: &str) -> Result<Cow<'_, str>, String> {
        edit(text, |name| name == "x", |_, _| Ok(Edit::Remove))
    }

    #[test]
    fn fields_are_left_out_wherever_they_stand() {
        for (text, expected) in [
            (r#"{"x":1}"#, "{}"),
            (r#"{"x":1,"y":2}"#, r#"{"y":2}"#),
            (r#"{"y":2 , "x":1}"#, r#"{"y":2 }"#),
            (r#"{"y":2,"x":[1,{"x":"}"}],"x":"\"","z":3}"#, r#"{"y":2,"z":3}"#),
            (r#"{"y":2,"x":1,"x":2}"#, r#"{"y":2}"#),
            (r#"{"a":{"\u0078":null},"b":["x",{"x":-1e3 }]}"#, r#"{"a":{},"b":["x",{ }]}"#),
        ] {
            assert_eq!(without_x(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_field_inside_a_text_is_none() {
        for text in [r#"{"a":"say \"x\":1"}"#, r#"{"a":"\\","b":"x"}"#, r#"{"a":["x","x"]}"#] {
            assert!(matches!(without_x(text), Ok(Cow::Borrowed(same)) if same == text));
        }
    }

    #[test]
    fn what_could_not_be_read_later_is_refused() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert_eq!(without_x(&deep).unwrap_err(), "nested deeper than 100");
        assert!(without_x(r#"{"a":1e999}"#).unwrap_err().contains("number in it is out of range"));
        assert!(without_x(r#"{"a":"\ud800"}"#).unwrap_err().contains("hex escape"));
        for no_object in ["", "[]", "1", r#"{"a":}"#, r#"{"a":1}}"#, "{\"a\":\"\n\"}"] {
            assert!(without_x(no_object).is_err(), "{no_object}");
        }
    }

    #[test]
    fn a_value_is_replaced() {
        let edited = edit(
            r#"{"a":1,"x" : [1],"b":2}"#,
            |name| name == "x",
            |name, value| Ok(Edit::Replace(format!("\"{name}={value}\""))),
        );
        assert_eq!(edited.unwrap(), r#"{"a":1,"x" : "x=[1]","b":2}"#);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            Just(Value::from(-0.5)),
            "[x\"\\\\{},\u{e9}\u{1}]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[xy\"\\\\]{1,2}", inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn remove_x(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("x");
                fields.values_mut().for_each(remove_x);
            }
            Value::Array(values) => values.iter_mut().for_each(remove_x),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn editing_the_text_is_editing_the_value(fields in json(), pretty: bool) {
            let mut value = serde_json::json!({ "f": fields });
            let text = match pretty {
                true => serde_json::to_string_pretty(&value).unwrap(),
                false => value.to_string(),
            };
            let edited: Value = serde_json::from_str(&without_x(&text).unwrap()).unwrap();
            remove_x(&mut value);
            prop_assert_eq!(edited, value);
        }
    }
}
