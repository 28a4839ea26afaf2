//! Closes a week: totals, tree, attestation and the oracles' signatures.

mod bundle;
mod comparison;
mod holding;
mod ledger;
mod readiness;
mod replay;
mod schedule;
mod sign;
mod succession;
mod token_accounts;

pub use bundle::{Bundle, Digests, bundle_hash};
pub use comparison::{BySide, Comparison, MemberChange};
pub use holding::Held;
pub use ledger::{ClosedEpoch, Earned, EpochError, Ledger, events_of_window};
pub use readiness::{SourceStanding, Waiting};
pub use replay::{Replay, ReplayError};
pub use schedule::Schedule;
pub use sign::{LocalKey, SignedEpoch, SignedError};
#[cfg(feature = "store")]
pub use sign::{OracleKey, SignError, SignerCommand};
pub use succession::{Succession, SuccessionError};
