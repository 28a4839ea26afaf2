//! The only place that touches an oracle's key.

mod key;
mod signed;

pub use key::{KeyError, OracleKey};
pub use signed::{SignedEpoch, SignedError};
