//! How long parts of a run took: the only place that reads a clock, and nothing depends on it.

use std::time::{Duration, Instant};

/// Adds up durations of one part of the work.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    /// Runs a piece of work and adds its duration.
    pub(crate) fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = now();
        let result = work();
        self.0 += start.elapsed();
        result
    }

    /// Awaits a piece of work and adds its duration.
    pub(crate) async fn time_async<T>(&mut self, work: impl Future<Output = T>) -> T {
        let start = now();
        let result = work.await;
        self.0 += start.elapsed();
        result
    }

    /// The sum, seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.0.as_secs_f64()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that measures durations")]
fn now() -> Instant {
    Instant::now()
}
