//! Tokens, epochs, and how budgets are split.

use std::collections::BTreeSet;

use super::{MAX_PERCENT, require, wrong};
use crate::policy::{Decimal, PayoutMode, PolicyError, RuleBook};

/// No more tokens than SQL's 64-bit integers hold base units.
const MAX_BASE_UNITS: u64 = i64::MAX as u64;
const MAX_DECIMALS: u8 = 9;
/// A length of a window that nobody would call one.
const MAX_HOURS: u16 = 30 * 24;
/// More epochs back than anybody would wait for.
const MAX_REVISION_EPOCHS: u16 = 52;
const MAX_TOKENS_PER_POINT: Decimal = Decimal::whole(1_000_000);

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    check_emission(rules)?;
    check_windows(rules)?;
    check_allocation(rules)?;
    check_payout(rules)?;
    check_pools(rules)
}

pub(in crate::policy) fn base_units(tokens: u64, decimals: u8) -> Option<u64> {
    let units = 10u64.checked_pow(decimals.into())?.checked_mul(tokens)?;
    (units <= MAX_BASE_UNITS).then_some(units)
}

fn check_payout(rules: &RuleBook) -> Result<(), PolicyError> {
    let (payout, key) = (&rules.payout, "payout.tokens_per_point");
    let is_rate = payout.mode == PayoutMode::FixedRate;
    let rate = payout.tokens_per_point;
    require(
        is_rate == (rate > Decimal::default()),
        key,
        "must be above 0 in the mode fixed_rate, and not be there in the mode budget_share",
    )?;
    require(rate <= MAX_TOKENS_PER_POINT, key, format!("must be at most {MAX_TOKENS_PER_POINT}"))?;
    require(
        rules.revision.epochs <= MAX_REVISION_EPOCHS,
        "revision.epochs",
        format!("must be at most {MAX_REVISION_EPOCHS}"),
    )
}

fn check_emission(rules: &RuleBook) -> Result<(), PolicyError> {
    let (emission, decimals) = (&rules.emission, rules.token.decimals);
    require(decimals <= MAX_DECIMALS, "token.decimals", format!("must be at most {MAX_DECIMALS}"))?;
    for (key, tokens) in
        [("emission.supply_cap", emission.supply_cap), ("emission.budget", emission.budget)]
    {
        require(tokens > 0, key, "must be above 0")?;
        base_units(tokens, decimals)
            .ok_or_else(|| wrong(key, format!("must be at most {MAX_BASE_UNITS} base units")))?;
    }
    require(
        emission.budget <= emission.supply_cap,
        "emission.budget",
        "must be within the supply cap",
    )?;
    require(emission.decay_percent <= 100, "emission.decay_percent", "must be at most 100")
}

fn check_windows(rules: &RuleBook) -> Result<(), PolicyError> {
    let start = rules.epoch.start_at;
    require(start.as_second() > 0, "epoch.start_at", "must be after 1970")?;
    require(start.subsec_nanosecond() == 0, "epoch.start_at", "must be a whole second")?;
    let days = rules.epoch.length_days;
    require((1..=366).contains(&days), "epoch.length_days", "must be between 1 and 366")?;
    let governance = &rules.governance;
    for (key, hours) in [
        ("governance.challenge_hours", governance.challenge_hours),
        ("governance.timelock_hours", governance.timelock_hours),
    ] {
        require(hours <= MAX_HOURS, key, format!("must be at most {MAX_HOURS}"))?;
    }
    Ok(())
}

fn check_allocation(rules: &RuleBook) -> Result<(), PolicyError> {
    let allocation = &rules.allocation;
    let cap = allocation.member_cap_percent;
    require(
        (1..=100).contains(&cap),
        "allocation.member_cap_percent",
        "must be between 1 and 100",
    )?;
    let limit = allocation.spend_limit_percent;
    require(
        (100..=MAX_PERCENT).contains(&limit),
        "allocation.spend_limit_percent",
        format!("must be between 100 and {MAX_PERCENT}"),
    )?;
    let most = allocation.tokens_per_point_limit;
    require(
        most.is_none_or(|most| most > Decimal::default() && most <= MAX_TOKENS_PER_POINT),
        "allocation.tokens_per_point_limit",
        format!("must be above 0 and at most {MAX_TOKENS_PER_POINT}"),
    )
}

fn check_pools(rules: &RuleBook) -> Result<(), PolicyError> {
    let mut names = BTreeSet::new();
    for pool in &rules.pools {
        require(names.insert(&pool.name), format!("pool.{}", pool.name), "must be there once")?;
    }
    let sum: u32 = rules.pools.iter().map(|pool| u32::from(pool.share_percent)).sum();
    require(
        sum == 100,
        "pool.share_percent",
        format!("must add up to 100 over all pools, not to {sum}"),
    )
}
