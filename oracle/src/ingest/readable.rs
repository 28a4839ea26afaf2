//! Makes sure that what is kept can be read again.
//!
//! An adapter may keep the text of an event's properties without reading all of it. Some texts are
//! JSON by their grammar and cannot be read into values: nested deeper than a reader follows, or with
//! a number that no machine number holds. One of them in the log would stop every later reading, so
//! whatever looks like one is read here. The others cost a glance.

use std::collections::BTreeMap;

use serde_json::Value;

/// The deepest nesting that is not looked at more closely; readers follow 127 levels.
const SAFE_DEPTH: usize = 100;
/// Digits of a number that is certainly too large; shorter ones are numbers as they are.
const MANY_DIGITS: usize = 300;

/// Checks that the text of a JSON object can be read into values.
///
/// # Errors
/// Says why not.
pub(super) fn check_readable(properties: &str) -> Result<(), String> {
    let bytes = properties.as_bytes();
    if nests_deep(bytes) || has_large_exponent(bytes) || has_many_digits(bytes) {
        serde_json::from_str::<BTreeMap<String, Value>>(properties)
            .map_err(|error| format!("its properties cannot be read: {error}"))?;
    }
    Ok(())
}

/// Checks that JSON is not nested so deep that a reader which follows it runs out of stack.
///
/// # Errors
/// Says that it is.
pub(super) fn check_depth(json: &[u8]) -> Result<(), String> {
    if !nests_deep(json) {
        return Ok(());
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > SAFE_DEPTH {
            return Err(format!("it is nested deeper than {SAFE_DEPTH} levels"));
        }
    }
    Ok(())
}

/// Whether there are as many opening brackets as a deep nesting has, wherever they stand.
fn nests_deep(bytes: &[u8]) -> bool {
    bytes.len() > 2 * SAFE_DEPTH
        && memchr::memchr2_iter(b'{', b'[', bytes).nth(SAFE_DEPTH).is_some()
}

/// Whether there is something like `1e308`: a digit, an e, an exponent of three digits.
fn has_large_exponent(bytes: &[u8]) -> bool {
    memchr::memchr2_iter(b'e', b'E', bytes).any(|at| {
        let after = &bytes[at + 1..];
        let exponent = after.strip_prefix(b"+").unwrap_or(after);
        at > 0
            && bytes[at - 1].is_ascii_digit()
            && exponent.len() >= 3
            && exponent[..3].iter().all(u8::is_ascii_digit)
    })
}

/// Whether there is a run of so many digits: every such run covers one of these places.
fn has_many_digits(bytes: &[u8]) -> bool {
    let digits =
        |bytes: &mut dyn Iterator<Item = &u8>| bytes.take_while(|b| b.is_ascii_digit()).count();
    (MANY_DIGITS - 1..bytes.len()).step_by(MANY_DIGITS).any(|at| {
        bytes[at].is_ascii_digit()
            && digits(&mut bytes[at..].iter()) + digits(&mut bytes[..at].iter().rev())
                >= MANY_DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(properties: &str) -> bool {
        let refused = check_readable(properties).is_err();
        // What is let in can be read, and what is refused cannot.
        assert_eq!(refused, serde_json::from_str::<Value>(properties).is_err(), "{properties}");
        refused
    }

    #[test]
    fn what_no_reader_follows_is_refused() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(refused(&nested(127)));
        assert!(refused(&nested(100_000)));
        assert!(!refused(&nested(126)));
        for number in ["1e999", "1E309", "-1e+400", "1.5e0999", "0.1e310"] {
            assert!(refused(&format!("{{\"a\":[{number}]}}")), "{number}");
        }
        for length in [310, 320, 599, 600, 601, 900] {
            let digits = "9".repeat(length);
            assert!(refused(&format!("{{\"a\":{digits}}}")), "{length}");
            assert!(refused(&format!("{{\"a\":{digits}.5}}")), "{length}");
        }
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert_eq!(check_depth(&nested(100)), Ok(()));
        assert!(check_depth(&nested(101)).is_err());
        assert!(check_depth(&vec![b'{'; 1 << 20]).is_err());
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(500), "{".repeat(500));
        assert_eq!(check_depth(text.as_bytes()), Ok(()));
        assert_eq!(check_depth("[],".repeat(500).as_bytes()), Ok(()));
    }

    #[test]
    fn what_only_looks_like_it_comes_in() {
        assert!(!refused(r#"{"id":"0192e4ab-7e12-7e999-8e100"}"#));
        assert!(!refused(r#"{"a":1e30,"b":1e-999,"c":"1e999"}"#));
        assert!(!refused(&format!("{{\"a\":\"{}\"}}", "9".repeat(1_000))));
        assert!(!refused(&format!("{{\"a\":[{}0]}}", "{},".repeat(1_000))));
    }
}
