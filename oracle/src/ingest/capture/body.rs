//! From a request's bytes to the JSON in them: gzip, forms, base64.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::GzDecoder;

use super::CaptureError;

/// The largest body, as it comes and as it is after decompression, bytes: PostHog's own limit.
pub const MAX_BODY_BYTES: usize = 20 << 20;
/// No deflate stream grows by more than this.
const MAX_DEFLATE_RATIO: usize = 1_032;
/// The first bytes of what gzip wrote.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How a request says its body is encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoding {
    /// `gzip`, `gzip-js`, `base64` or nothing; of the query's `compression`.
    pub compression: String,
    /// Whether the body is a form.
    pub is_form: bool,
    /// When the client says it sent it, UTC microseconds; the query's `_`, milliseconds.
    pub sent_at_us: Option<i64>,
}

impl Encoding {
    /// What a query and a content type say.
    pub fn new(query: &str, content_type: &str) -> Self {
        let is_form = content_type.starts_with("application/x-www-form-urlencoded");
        let mut encoding = Self { is_form, ..Self::default() };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "compression" => encoding.compression = value.into_owned(),
                "_" => {
                    let sent_at_ms = value.parse().ok();
                    encoding.sent_at_us = sent_at_ms.and_then(|ms: i64| ms.checked_mul(1_000));
                }
                _ => {}
            }
        }
        encoding
    }
}

/// How large a body may be after decompression, bytes.
pub fn max_decoded_bytes(body_bytes: usize) -> usize {
    body_bytes.saturating_mul(MAX_DEFLATE_RATIO).min(MAX_BODY_BYTES)
}

/// The JSON of a body.
///
/// # Errors
/// [`CaptureError`] when it is not what it says, or too large after decompression.
pub fn decode<'a>(body: &'a [u8], encoding: &Encoding) -> Result<Cow<'a, [u8]>, CaptureError> {
    if body.starts_with(&GZIP_MAGIC) {
        return unzip(body).map(Cow::Owned);
    }
    let data = body.strip_prefix(b"data=").is_some();
    if encoding.is_form || data {
        return form_data(body).map(Cow::Owned);
    }
    match encoding.compression.as_str() {
        "" => Ok(Cow::Borrowed(body)),
        "base64" => from_base64(body).map(Cow::Owned),
        "gzip" | "gzip-js" => {
            let starts_as_json = body.trim_ascii_start().first().is_some_and(|b| b"[{".contains(b));
            match starts_as_json {
                // Something on the way has unzipped it.
                true => Ok(Cow::Borrowed(body)),
                false => Err(unreadable("the body is not gzip, though it says so")),
            }
        }
        _ => Err(unreadable("the compression is not gzip, gzip-js or base64")),
    }
}

/// A form's `data`: base64, maybe of gzip.
fn form_data(form: &[u8]) -> Result<Vec<u8>, CaptureError> {
    let data = form_urlencoded::parse(form).find(|(name, _)| name == "data");
    let (_, data) = data.ok_or_else(|| unreadable("the form has no `data`"))?;
    if data.trim_start().starts_with(['{', '[']) {
        return Ok(data.into_owned().into_bytes());
    }
    // A plus that was not escaped reads as a space.
    let decoded = from_base64(data.replace(' ', "+").as_bytes())?;
    match decoded.starts_with(&GZIP_MAGIC) {
        true => unzip(&decoded),
        false => Ok(decoded),
    }
}

fn from_base64(text: &[u8]) -> Result<Vec<u8>, CaptureError> {
    STANDARD.decode(text.trim_ascii()).map_err(|_| unreadable("the data are not base64"))
}

/// Decompresses as much as is allowed and no byte more.
fn unzip(body: &[u8]) -> Result<Vec<u8>, CaptureError> {
    let mut bytes = Vec::new();
    let mut limited = GzDecoder::new(body).take(MAX_BODY_BYTES as u64 + 1);
    let read = limited.read_to_end(&mut bytes);
    if bytes.len() > MAX_BODY_BYTES {
        return Err(CaptureError::TooLarge(format!(
            "more than {MAX_BODY_BYTES} bytes after decompression"
        )));
    }
    read.map_err(|error| unreadable(&format!("the gzip stream is damaged: {error}")))?;
    Ok(bytes)
}

fn unreadable(problem: &str) -> CaptureError {
    CaptureError::Unreadable(problem.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const JSON: &[u8] = br#"[{"event":"a>>>>>"}]"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(body: &[u8], query: &str, content_type: &str) -> Result<Vec<u8>, CaptureError> {
        super::decode(body, &Encoding::new(query, content_type)).map(Cow::into_owned)
    }

    #[test]
    fn a_bomb_is_refused_and_damage_is_named() {
        let bomb = gzip(&vec![b' '; MAX_BODY_BYTES + 1]);
        assert!(bomb.len() < 1 << 16);
        assert!(matches!(decode(&bomb, "", ""), Err(CaptureError::TooLarge(_))));
        // As it is inside of a form
        let form = format!("data={}", STANDARD.encode(&bomb).replace('+', "%2B"));
        let form = decode(form.as_bytes(), "", "");
        assert!(matches!(form, Err(CaptureError::TooLarge(_))));
        assert_eq!(
            decode(&gzip(&vec![b' '; MAX_BODY_BYTES]), "", "").unwrap().len(),
            MAX_BODY_BYTES
        );
        let whole = gzip(JSON);
        let half = decode(&whole[..whole.len() / 2], "", "").unwrap_err().to_string();
        assert!(half.starts_with("the gzip stream is damaged"), "{half}");
        for (body, query) in [
            (&b"\x00\x01"[..], "compression=gzip"),
            (JSON, "compression=lz64"),
            (b"!", "compression=base64"),
        ] {
            assert!(matches!(decode(body, query, ""), Err(CaptureError::Unreadable(_))), "{query}");
        }
        let form = "application/x-www-form-urlencoded";
        assert!(matches!(decode(b"x=1", "", form), Err(CaptureError::Unreadable(_))));
    }

    #[test]
    fn every_way_that_clients_encode_is_read() {
        let form = "application/x-www-form-urlencoded";
        let base64 = STANDARD.encode(JSON);
        assert!(base64.contains('+'));
        for (body, query, content_type) in [
            (JSON.to_vec(), "", "application/json"),
            (gzip(JSON), "compression=gzip-js&ver=1.2&_=1769922000000", "text/plain"),
            (gzip(JSON), "", "application/json"),
            (JSON.to_vec(), "compression=gzip", ""),
            (base64.clone().into_bytes(), "compression=base64", "text/plain"),
            (format!("data={base64}").into_bytes(), "", form),
            (
                format!("data={}", base64.replace('+', "%2B")).into_bytes(),
                "compression=base64",
                form,
            ),
            (
                format!("data={}", STANDARD.encode(gzip(JSON)).replace('+', "%2B")).into_bytes(),
                "",
                form,
            ),
        ] {
            assert_eq!(decode(&body, query, content_type).unwrap(), JSON, "{query} {content_type}");
        }
        let encoding = Encoding::new("compression=gzip-js&_=1769922000000", "");
        assert_eq!(encoding.sent_at_us, Some(1_769_922_000_000_000));
    }

    #[test]
    fn a_small_body_cannot_become_large() {
        assert_eq!(max_decoded_bytes(1_000), 1_032_000);
        assert_eq!(max_decoded_bytes(MAX_BODY_BYTES), MAX_BODY_BYTES);
    }
}
