//! Reads what the community's tools recorded.
//!
//! Events are data, never trusted: a line that cannot be read is rejected by number and reason,
//! and the rest of the file goes on.

mod event;
mod export;

pub use event::{Event, EventError};
pub use export::{Import, Rejection, import_export};
