//! Bounds the nesting of JSON before a reader follows it, whose stack has an end.

/// The deepest nesting that is followed; fewer levels than JSON's readers allow.
const SAFE_DEPTH: usize = 100;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_deeper_is_refused_and_brackets_in_texts_are_none() {
        let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
        assert_eq!(check_depth(&nested(SAFE_DEPTH)), Ok(()));
        assert!(check_depth(&nested(SAFE_DEPTH + 1)).is_err());
        assert!(check_depth(&b"[".repeat(1 << 20)).is_err());
        let text = format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(1_000));
        assert_eq!(check_depth(text.as_bytes()), Ok(()));
        assert_eq!(check_depth(&b"[1],".repeat(1_000)), Ok(()));
    }
}
