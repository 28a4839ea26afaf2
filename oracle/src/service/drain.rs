//! Moves what was pushed to us from the inbox into the log, and tells how far each source is.
//!
//! A source that pushes is synced until a minute before its inbox was last empty: a request that was
//! under way then has been answered since. While nobody serves, no source is synced, so that an epoch
//! waits for what tools will send again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{Service, told};
use crate::segments::{Advance, Batch, EventLog, LogError};

/// How long an event waits in the inbox.
const ROUND: Duration = Duration::from_secs(2);
/// Rounds after which the log is tidied up: every ten minutes.
const TIDY_ROUNDS: u32 = 300;
/// How long a request may be under way, microseconds.
const UNDER_WAY_US: i64 = 60_000_000;

/// The task that moves what waits.
#[derive(Debug)]
pub(super) struct Drain {
    service: Arc<Service>,
}

impl Drain {
    pub(super) fn new(service: Arc<Service>) -> Self {
        Self { service }
    }

    /// Moves what waits, every few seconds or when there is much of it, until `stop` says so.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count = 0_u32;
        loop {
            tokio::select! {
                _ = rounds.tick() => {}
                () = self.service.intake.many.notified() => {}
                () = told(&mut stop) => return,
            }
            self.round().await;
            count = count.wrapping_add(1);
            if count.is_multiple_of(TIDY_ROUNDS)
                && let Err(error) = self.log().tidy().await
            {
                tracing::error!(%error, "tidying the log up failed; it is tried again later");
            }
        }
    }

    /// Moves all that waits, source by source. What fails waits for the next round.
    pub(super) async fn round(&self) {
        let began_at_us = self.log().clock().now_us();
        let pushers = || self.service.intake.pushers();
        let mut waiting: BTreeMap<_, _> =
            pushers().map(|(_, pusher)| (pusher.filed_under.clone(), false)).collect();
        match self.log().store().get_inbox_sources().await {
            // A source that was taken out of the configuration may have left something.
            Ok(sources) => waiting.extend(sources.into_iter().map(|source| (source, false))),
            Err(error) => tracing::error!(%error, "the inbox cannot be read"),
        }
        for (source, is_moved) in &mut waiting {
            match self.drain(source).await {
                Ok(()) => *is_moved = true,
                Err(error) => {
                    tracing::error!(source, %error, "what waits could not be moved into the log");
                }
            }
        }
        // The cursor is the pusher's own, whoever's events it brings.
        for (source, _) in pushers().filter(|(_, pusher)| waiting[&pusher.filed_under]) {
            if let Err(error) = advance(self.log(), source, began_at_us - UNDER_WAY_US).await {
                tracing::error!(source, %error, "how far it is could not be kept");
            }
        }
    }

    /// Moves all that waits of a source.
    async fn drain(&self, source: &str) -> Result<(), LogError> {
        loop {
            let receipt = self.log().drain_inbox(source).await?;
            if receipt.read == 0 {
                return Ok(());
            }
            for (result, count) in [
                ("appended", receipt.appended),
                ("repeated", receipt.repeated),
                ("rejected", receipt.rejected),
            ] {
                let labels = [("source", source.to_owned()), ("result", result.to_owned())];
                counter!("stk_drained_events_total", &labels).increment(count);
            }
        }
    }

    fn log(&self) -> &EventLog {
        &self.service.intake.log
    }
}

/// Says that all that was pushed before a time is in the log; at most once a minute.
async fn advance(log: &EventLog, source: &str, synced_until_us: i64) -> Result<(), LogError> {
    let known = log.store().get_cursor(source, "").await?;
    if known.as_ref().is_some_and(|known| synced_until_us - known.synced_until_us < UNDER_WAY_US) {
        return Ok(());
    }
    let advance = Advance {
        stream: String::new(),
        from: known.map(|known| known.position),
        to: synced_until_us.to_string(),
        synced_until_us,
    };
    log.append(Batch::new(source), Some(&advance)).await?;
    Ok(())
}
