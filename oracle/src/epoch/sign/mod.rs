//! The only place that touches an oracle's key.

#[cfg(feature = "store")]
mod command;
#[cfg(feature = "store")]
mod key;
mod local;
mod signed;

#[cfg(feature = "store")]
pub use command::{SignError, SignerCommand};
#[cfg(feature = "store")]
pub use key::OracleKey;
pub use local::LocalKey;
pub use signed::{SignedEpoch, SignedError};
