//! Who the members are: under which ids the community's tools know them, which roles they hold, and
//! which wallet they are paid to.
//!
//! A member has an index that is never reused: the leaf's position in every tree and the slot on
//! the ledger page. Indices are given in the order in which members are first seen, by event time.
//!
//! - [`Members`] is everybody at one moment, and the only place that decides what may change; pure.
//! - [`SignInMessage`] is what a wallet signs to be linked; `Linking` makes and checks it, and `api`
//!   serves it.
//! - `Roster` reads files of members and their ids.

#[cfg(feature = "service")]
pub mod api;
mod error;
#[cfg(feature = "service")]
mod linking;
mod member;
mod members;
mod message;
#[cfg(feature = "store")]
mod name;
#[cfg(feature = "service")]
mod roster;
mod snapshot;

pub use error::IdentityError;
#[cfg(feature = "service")]
pub use linking::{Challenge, LinkCode, LinkError, Linked, Linking};
pub use member::{Alias, Member, MemberIndex, Role};
pub use members::Members;
pub use message::{MessageError, SignInMessage};
#[cfg(feature = "store")]
pub use name::NameError;
#[cfg(feature = "service")]
pub use roster::{Applied, KEY_SOURCE, Roster, RosterError, RosterLine, RosterRow};
pub use snapshot::SnapshotError;
