//! Tools that are asked: each has an adapter that reads on from its cursor.

use std::time::Duration;

use crate::segments::{EventLog, LogError, Receipt};

/// What a pull brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Its counts.
    pub receipt: Receipt,
    /// Whether there is nothing more for now.
    pub caught_up: bool,
}

/// Why a source was not read.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// It will do again, later: the network, a limit, a fault on the other side.
    #[error("{problem}")]
    Later {
        /// What happened.
        problem: String,
        /// How long the source asks us to wait, if it says so.
        wait: Option<Duration>,
    },
    /// Somebody has to change something: a key, a permission, a query.
    #[error("{0}")]
    Fix(String),
    /// The log fails.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// A tool that is asked.
pub trait PullSource {
    /// Reads on from the source's cursor: one page, into the log.
    ///
    /// # Errors
    /// [`PullError`]; the cursor then stands where it stood.
    fn pull(&self, log: &EventLog) -> impl Future<Output = Result<Pulled, PullError>> + Send;

    /// How many distinct events the source itself counts in a range of times, UTC microseconds;
    /// `None` when it cannot say.
    ///
    /// # Errors
    /// [`PullError`] when it cannot be asked.
    fn count(
        &self,
        from_us: i64,
        to_us: i64,
    ) -> impl Future<Output = Result<Option<u64>, PullError>> + Send;
}
