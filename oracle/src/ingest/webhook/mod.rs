//! Tools that push: each has an adapter that checks whether a delivery is authentic, and says which
//! events it holds.
//!
//! A delivery is checked over its raw bytes and in constant time, before anything in it is read.

use axum::http::HeaderMap;

/// A delivery as it came.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, byte for byte.
    pub body: &'a [u8],
    /// When it came, UTC microseconds.
    pub received_at_us: i64,
}

/// An event that a delivery holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedEvent {
    /// The source's id of the event; the same id twice is the same event.
    pub external_id: String,
    /// When it happened, UTC microseconds.
    pub at_us: i64,
    /// What happened.
    pub name: String,
    /// The source's id of who did it.
    pub actor: String,
    /// The rest: the text of a JSON object.
    pub properties: String,
}

/// Why a delivery is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// There is no signature, or not the one that the secret makes.
    #[error("the signature in {0} is missing or wrong")]
    Signature(&'static str),
    /// It was signed too long ago, or for later: it may be a replay.
    #[error("it was signed {0} seconds ago: the limit is {limit}", limit = MAX_AGE_SECONDS)]
    Stale(i64),
}

/// A tool that pushes.
pub trait Webhook: Send + Sync {
    /// Checks that a delivery is authentic.
    ///
    /// # Errors
    /// [`Distrust`] says why it is not; nothing in it was read.
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust>;

    /// The events of an authentic delivery; none when it is about something that is no event.
    ///
    /// # Errors
    /// Says what cannot be read.
    fn read(&self, delivery: &Delivery<'_>) -> Result<Vec<PushedEvent>, String>;
}

/// How old a signed time may be, seconds.
pub const MAX_AGE_SECONDS: i64 = 300;
