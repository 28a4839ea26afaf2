//! When epochs begin and end.

use system_token_interface::accounts::Emission;

/// When an epoch ends, UTC seconds: `start_at + epoch × epoch_seconds`; `None` past 64 bits.
pub(crate) fn epoch_end(emission: &Emission, epoch: u64) -> Option<i64> {
    let elapsed = epoch.checked_mul(u64::from(emission.epoch_seconds.get()))?;
    emission.start_at.get().checked_add(i64::try_from(elapsed).ok()?)
}

/// The epoch that runs at a time, UTC seconds; 0: none has begun.
pub(crate) fn epoch_at(emission: &Emission, unix_timestamp: i64) -> u64 {
    let elapsed = unix_timestamp.saturating_sub(emission.start_at.get());
    match u64::try_from(elapsed) {
        Ok(elapsed) => elapsed.checked_div(emission.epoch_seconds.get().into()).unwrap_or(0) + 1,
        Err(_) => 0,
    }
}
