//! The only place that touches an oracle's key.

mod key;
mod signed;

pub use key::OracleKey;
pub use signed::{SignedEpoch, SignedError};
