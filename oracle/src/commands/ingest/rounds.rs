//! Reads sources to their ends, once or again and again, and keeps the log tidy meanwhile.

use std::time::Duration;

use tokio::sync::watch;

use super::super::Opened;
use super::meter;
use super::progress::Progress;
use super::reconcile::reconcile;
use super::sources::{AnySource, Pulls};
use crate::ingest::pull::PullError;
use crate::segments::{EventLog, LogError, Receipt};
use crate::store::Cursor;

/// What became of a source.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Sums over its pages.
    pub(super) receipt: Receipt,
    /// Whether it was read to its end.
    pub(super) caught_up: bool,
    /// Why it was not.
    pub(super) failure: Option<PullError>,
}

/// Tells when to stop.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

/// Says when to stop.
#[derive(Debug)]
pub(super) struct Stopper(watch::Sender<bool>);

impl Stop {
    pub(super) fn new() -> (Self, Stopper) {
        let (sender, receiver) = watch::channel(false);
        (Self(receiver), Stopper(sender))
    }

    /// Whether it is time.
    fn is_now(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits, for no longer than until it is time.
    async fn wait(&self, span: Duration) {
        let mut stop = self.0.clone();
        let _ = tokio::time::timeout(span, stop.wait_for(|stop| *stop)).await;
    }

    /// Waits until it is time, and then a while.
    pub(super) async fn and_grace(&self, grace: Duration) {
        let mut stop = self.0.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            // Nobody can say so any more.
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(grace).await;
    }
}

impl Stopper {
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Reads a source until there is nothing more for now.
pub(super) async fn read_to_end(
    source: &Pulls,
    opened: &Opened,
    stop: &Stop,
    progress: &Progress,
) -> Outcome {
    match source.adapter(opened) {
        Ok(adapter) => read_pages(source, &*adapter, opened, stop, progress).await,
        Err(failure) => unreadable(source, failure),
    }
}

/// What becomes of a source whose adapter cannot work.
fn unreadable(source: &Pulls, failure: PullError) -> Outcome {
    meter::failed(&source.name, &failure);
    Outcome { failure: Some(failure), ..Outcome::default() }
}

/// Reads a source to its end again and again, until it is time to stop.
pub(super) async fn follow(source: &Pulls, opened: &Opened, interval: Duration, stop: &Stop) {
    let mut adapter = None;
    let progress = Progress::none();
    while !stop.is_now() {
        // What a missing secret stops now may be there the next time.
        let outcome = match adapter.take().map_or_else(|| source.adapter(opened), Ok) {
            Ok(opened_adapter) => {
                let adapter = adapter.insert(opened_adapter);
                read_pages(source, &**adapter, opened, stop, &progress).await
            }
            Err(failure) => unreadable(source, failure),
        };
        let wait = match &outcome.failure {
            Some(failure) => report(source, failure).max(interval),
            None => interval,
        };
        if outcome.receipt.appended + outcome.receipt.rejected > 0 {
            let Receipt { read, appended, repeated, rejected } = outcome.receipt;
            tracing::info!(source = %source.name, read, appended, repeated, rejected, "read");
        }
        stop.wait(wait).await;
    }
}

/// Tells what stopped a source, and how long it asks us to wait.
fn report(source: &Pulls, failure: &PullError) -> Duration {
    match failure {
        PullError::Later { wait, .. } => {
            tracing::warn!(source = %source.name, "{failure}");
            wait.unwrap_or_default()
        }
        PullError::Fix(_) | PullError::Log(_) => {
            tracing::error!(source = %source.name, "{failure}");
            Duration::ZERO
        }
    }
}

async fn read_pages(
    source: &Pulls,
    adapter: &dyn AnySource,
    opened: &Opened,
    stop: &Stop,
    progress: &Progress,
) -> Outcome {
    let log = &opened.log;
    let bar = progress.bar(&source.name);
    let mut outcome = Outcome::default();
    while !stop.is_now() && !outcome.caught_up && outcome.failure.is_none() {
        match adapter.pull(log).await {
            Ok(pulled) => {
                outcome.receipt += pulled.receipt;
                outcome.caught_up = pulled.caught_up;
                meter::pulled(&source.name, &pulled.receipt);
                bar.show(&outcome.receipt);
            }
            Err(failure) => outcome.failure = Some(failure),
        }
    }
    bar.finish();
    if let Err(failure) = take_stock(source, adapter, opened, &outcome).await {
        outcome.failure.get_or_insert(failure);
    }
    if let Some(failure) = &outcome.failure {
        meter::failed(&source.name, failure);
    }
    outcome
}

/// Says how far a source was read, and compares counts once it was read to its end.
async fn take_stock(
    source: &Pulls,
    adapter: &dyn AnySource,
    opened: &Opened,
    outcome: &Outcome,
) -> Result<(), PullError> {
    let log = &opened.log;
    let cursors = log.store().get_cursors(&source.name).await.map_err(LogError::from)?;
    let Some(synced_until_us) = Cursor::synced_until_us(&cursors) else {
        return Ok(());
    };
    meter::synced(&source.name, synced_until_us, log.clock().now_us());
    if !outcome.caught_up {
        return Ok(());
    }
    reconcile(source, adapter, opened, synced_until_us, outcome.receipt.appended > 0).await
}

/// Puts what was pushed into the log, merges small segments and removes what nobody needs; returns how
/// many events were waiting.
///
/// # Errors
/// [`LogError`] when a file or the database fails.
pub(super) async fn keep_house(log: &EventLog, stop: &Stop) -> Result<u64, LogError> {
    let mut drained = 0;
    for source in log.store().get_inbox_sources().await? {
        loop {
            let receipt = log.drain_inbox(&source).await?;
            meter::pulled(&source, &receipt);
            drained += receipt.read;
            if receipt.read == 0 || stop.is_now() {
                break;
            }
        }
    }
    log.tidy().await?;
    Ok(drained)
}

/// Keeps house again and again, until it is time to stop.
pub(super) async fn follow_housekeeping(log: &EventLog, interval: Duration, stop: &Stop) {
    while !stop.is_now() {
        if let Err(error) = keep_house(log, stop).await {
            tracing::error!("failed to tidy the event log: {error}");
        }
        stop.wait(interval).await;
    }
}
