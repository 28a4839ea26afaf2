//! What the settings of any distribution must satisfy, when it starts and whenever they change.

use anchor_lang::prelude::*;

use super::MAX_ORACLES;
use crate::error::SystemTokenError;

/// The longest challenge window and timelock, seconds: 30 days.
const MAX_WINDOW_SECONDS: u32 = 30 * 24 * 60 * 60;

/// Refuses a set that has not 1 to 16 distinct keys, none of them zero, or a threshold that they
/// cannot reach.
pub fn check_oracle_set(oracles: &[Address], threshold: u8) -> Result<()> {
    let zero = Address::new_from_array([0; 32]);
    let is_set = !oracles.is_empty()
        && oracles.len() <= MAX_ORACLES
        && oracles.iter().enumerate().all(|(i, key)| *key != zero && !oracles[..i].contains(key));
    if !is_set {
        return Err(SystemTokenError::InvalidOracleSet.into());
    }
    if threshold == 0 || usize::from(threshold) > oracles.len() {
        return Err(SystemTokenError::InvalidThreshold.into());
    }
    Ok(())
}

/// Refuses a challenge window or a timelock of more than 30 days.
pub fn check_windows(challenge_seconds: u32, timelock_seconds: u32) -> Result<()> {
    if challenge_seconds > MAX_WINDOW_SECONDS || timelock_seconds > MAX_WINDOW_SECONDS {
        return Err(SystemTokenError::InvalidWindow.into());
    }
    Ok(())
}

/// Refuses an emission that can never pay, a decay that grows, and a cap that is passed already.
///
/// `supply` is the most the mint's supply can be by what was granted so far, base units.
pub fn check_emission(
    budget: u64,
    growth_limit: u64,
    decay_basis_points: u16,
    supply_cap: u64,
    supply: u64,
) -> Result<()> {
    if budget == 0 || growth_limit == 0 || decay_basis_points > 10_000 || supply_cap < supply {
        return Err(SystemTokenError::InvalidEmission.into());
    }
    Ok(())
}
