//! Ids as they are kept.

use std::borrow::Cow;

/// The same UUID is the same id, however it is written.
pub(crate) fn normal_uuid(id: &str) -> Cow<'_, str> {
    let is_normal = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-';
    if id.bytes().all(is_normal) && id.len() == 36 {
        return Cow::Borrowed(id);
    }
    uuid::Uuid::try_parse(id).map_or(Cow::Borrowed(id), |uuid| uuid.to_string().into())
}
