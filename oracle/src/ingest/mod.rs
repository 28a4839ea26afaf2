//! Takes in what the community's tools recorded, every event once.
//!
//! Events are data, never trusted: what cannot be read is turned away with its place and reason, and
//! the rest goes on.
//!
//! - [`mod@file`] reads exports; the other sources are asked ([`pull`]) or push to us
//!   (`webhook`, `capture`).
//! - `replay` reads what was turned away once more, after a correction.
//! - [`Door`] lets a row in or says why not; [`PersonalData`] never comes in.

#[cfg(feature = "service")]
pub mod capture;
#[cfg(feature = "store")]
mod depth;
#[cfg(feature = "store")]
mod door;
mod event;
#[cfg(feature = "store")]
pub mod file;
#[cfg(feature = "service")]
pub mod hypothesis;
#[cfg(feature = "store")]
mod id;
#[cfg(feature = "store")]
mod json_text;
#[cfg(feature = "store")]
mod names;
#[cfg(feature = "store")]
mod personal_data;
#[cfg(feature = "service")]
pub mod posthog;
#[cfg(feature = "store")]
pub mod pull;
#[cfg(feature = "service")]
pub mod replay;
mod time;
#[cfg(feature = "service")]
pub mod webhook;

#[cfg(feature = "store")]
pub use door::{Admitted, Door, Integrity};
pub use event::{Event, EventId};
#[cfg(feature = "store")]
pub(crate) use id::normal_uuid;
#[cfg(feature = "store")]
pub use personal_data::{PersonalData, PersonalDataError, PersonalField, Salt};
pub use time::parse_time_us;
