//! Asks a source how many events it has of the last epoch that has ended, beside what the log has, so
//! that `stk-oracle status` can say whether that epoch may close.

use super::super::Opened;
use super::super::status::last_ended_epoch;
use super::sources::{AnySource, Pulls};
use crate::ingest::pull::PullError;
use crate::segments::LogError;
use crate::store::Reconciliation;

/// How long counts stand before they are asked for again, when nothing new came.
const STANDS_US: i64 = 3_600_000_000;

/// Compares the counts, when the source was read past the epoch's end and they were not compared
/// just before.
///
/// # Errors
/// [`PullError`] when the source cannot be asked or the log fails.
pub(super) async fn reconcile(
    source: &Pulls,
    adapter: &dyn AnySource,
    opened: &Opened,
    synced_until_us: i64,
    has_new: bool,
) -> Result<(), PullError> {
    let fix = |error: anyhow::Error| PullError::Fix(format!("{error:#}"));
    let Some((_, from_us, to_us)) = last_ended_epoch(opened).map_err(fix)? else {
        return Ok(());
    };
    let (store, now_us) = (opened.log.store(), opened.log.clock().now_us());
    let known = store.get_reconciliations(from_us, to_us).await.map_err(LogError::from)?;
    let known = known.iter().find(|known| known.source == source.name);
    let stands = known.is_some_and(|known| now_us - known.checked_at_us < STANDS_US);
    if synced_until_us < to_us || (stands && !has_new) {
        return Ok(());
    }
    let Some(source_count) = adapter.count(from_us, to_us).await? else {
        return Ok(());
    };
    let counted = source.counted();
    let from = from_us.max(counted.from_us);
    let log_count = opened.log.count_events(&source.name, counted.names, from, to_us).await;
    let log_count = log_count.map_err(|error| fix(error.into()))?;
    if log_count != source_count {
        tracing::warn!(source = %source.name, source_count, log_count, "counts differ");
    }
    let counts = Reconciliation {
        source: source.name.clone(),
        from_us,
        to_us,
        source_count,
        log_count,
        checked_at_us: now_us,
    };
    Ok(store.put_reconciliation(&counts).await.map_err(LogError::from)?)
}
