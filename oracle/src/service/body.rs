//! Reads bodies within limits.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::refusal::Refusal;

/// How much more than the limit is read and thrown away, so that the sender sees the answer and not
/// a broken connection: times the limit.
const DISCARDED: usize = 4;

/// A body, and the room it takes of what all bodies may take together.
#[derive(Debug)]
pub(super) struct Held<'a> {
    /// Its bytes.
    pub(super) bytes: Bytes,
    _room: SemaphorePermit<'a>,
}

/// Reads a body of at most `limit` bytes, when there is room for it; `grown` says how large it may
/// become.
pub(super) async fn read<'a>(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    budget: &'a Semaphore,
    grown: impl Fn(usize) -> usize,
) -> Result<Held<'a>, Refusal> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // Without a length it may be as large as the limit.
    let held = length.unwrap_or(limit).min(limit);
    let room = u32::try_from((held + grown(held)).div_ceil(1 << 10)).unwrap_or(u32::MAX);
    let room = budget.acquire_many(room).await.map_err(|_| Refusal::Unavailable)?;
    let mut stream = body.into_data_stream();
    let (mut bytes, mut read) = (Vec::with_capacity(held.min(1 << 16)), 0);
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Refusal::Unreadable("the body ends early".to_owned()))?;
        read += part.len();
        if read <= limit {
            bytes.extend_from_slice(&part);
        } else if read > DISCARDED * limit {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    match read > limit {
        true => Err(Refusal::TooLarge(format!("the body is larger than {limit} bytes"))),
        false => Ok(Held { bytes: bytes.into(), _room: room }),
    }
}
