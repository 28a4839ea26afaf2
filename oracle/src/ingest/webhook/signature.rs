//! Compares signatures and secrets in constant time.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::config::Secret;

/// Bytes of an HMAC-SHA256.
const MAC_BYTES: usize = 32;

/// Whether a header `sha256=<64 hexadecimal digits>` is the HMAC-SHA256 of a body.
pub(super) fn is_hex_signature(secret: &Secret, header: &str, body: &[u8]) -> bool {
    header
        .strip_prefix("sha256=")
        .and_then(from_hex)
        .is_some_and(|signature| is_signature(secret.reveal().as_bytes(), &[body], &signature))
}

/// Whether a signature is the HMAC-SHA256 of some parts that follow each other.
pub(super) fn is_signature(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(signature).is_ok()
}

/// Whether a header is the secret. Both are hashed first, so that not even the length can be timed.
pub(super) fn is_secret(secret: &Secret, header: &str) -> bool {
    use sha2::Digest;
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    digest(secret.reveal()).ct_eq(&digest(header)).into()
}

fn from_hex(text: &str) -> Option<[u8; MAC_BYTES]> {
    let mut bytes = [0; MAC_BYTES];
    if text.len() != 2 * MAC_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GitHub's own example, from its page on validating webhook deliveries.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn only_the_whole_signature_of_these_bytes_is_one() {
        let secret = Secret::new(SECRET);
        let is = |header: &str, body| is_hex_signature(&secret, header, body);
        assert!(!is("", BODY));
        assert!(!is("sha256=", BODY));
        assert!(!is(&SIGNATURE[7..], BODY));
        assert!(!is(&SIGNATURE.replace("sha256", "sha1"), BODY));
        assert!(!is(&SIGNATURE[..SIGNATURE.len() - 2], BODY));
        assert!(!is(&format!("{SIGNATURE}00"), BODY));
        assert!(!is(&SIGNATURE.replace('7', "+"), BODY));
        assert!(!is(&SIGNATURE.replacen('7', "8", 1), BODY));
        assert!(!is(SIGNATURE, b"Hello, World"));
        assert!(is(SIGNATURE, BODY));
        assert!(!is_hex_signature(&Secret::new("another"), SIGNATURE, BODY));
    }

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = Secret::new(SECRET);
        assert!(!is_secret(&secret, ""));
        assert!(!is_secret(&secret, &SECRET[..10]));
        assert!(!is_secret(&secret, &format!("{SECRET} ")));
        assert!(is_secret(&secret, SECRET));
    }
}
