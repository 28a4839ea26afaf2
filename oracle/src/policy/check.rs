//! Whether a rule book's values make sense.

use std::collections::BTreeSet;

use super::{PolicyError, RuleBook};

/// No more tokens than SQL's 64-bit integers hold base units.
const MAX_BASE_UNITS: u64 = i64::MAX as u64;
const MAX_DECIMALS: u8 = 9;
/// A length of an epoch or window that nobody would call one.
const MAX_HOURS: u16 = 30 * 24;
const MAX_PERCENT: u16 = 1_000;

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    check_emission(rules)?;
    check_windows(rules)?;
    check_allocation(rules)?;
    check_pools(rules)?;
    check_kinds(rules)?;
    check_signals(rules)
}

pub(super) fn base_units(tokens: u64, decimals: u8) -> Option<u64> {
    let units = 10u64.checked_pow(decimals.into())?.checked_mul(tokens)?;
    (units <= MAX_BASE_UNITS).then_some(units)
}

fn wrong(key: impl Into<String>, problem: impl Into<String>) -> PolicyError {
    PolicyError::Value { key: key.into(), problem: problem.into() }
}

fn require(
    holds: bool,
    key: impl Into<String>,
    problem: impl Into<String>,
) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(wrong(key, problem)) }
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
    let engagement = &rules.engagement;
    for (key, percent) in [
        ("engagement.weight_percent", engagement.weight_percent),
        ("engagement.pair_damping_percent", engagement.pair_damping_percent),
    ] {
        require(percent <= MAX_PERCENT, key, format!("must be at most {MAX_PERCENT}"))?;
    }
    require(engagement.half_saturation > 0, "engagement.half_saturation", "must be above 0")
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

fn check_kinds(rules: &RuleBook) -> Result<(), PolicyError> {
    require(!rules.kinds.is_empty(), "kind", "must be there at least once")?;
    let mut names = BTreeSet::new();
    for kind in &rules.kinds {
        let key = |field: &str| format!("kind.{}.{field}", kind.name);
        require(names.insert(&kind.name), format!("kind.{}", kind.name), "must be there once")?;
        let known = rules.pools.iter().any(|pool| pool.name == kind.pool);
        require(known, key("pool"), format!("must be the name of a pool, not `{}`", kind.pool))?;
        require(kind.base <= 1_000_000, key("base"), "must be at most 1000000")?;
        require((1..=10_000).contains(&kind.limit), key("limit"), "must be between 1 and 10000")?;
        require(
            kind.diminishing_percent <= MAX_PERCENT,
            key("diminishing_percent"),
            format!("must be at most {MAX_PERCENT}"),
        )?;
        if let Some(difficulty) = &kind.difficulty {
            let brackets = &difficulty.brackets;
            let from_zero = brackets.first().is_some_and(|(from, _)| *from == 0);
            let ascending = brackets.is_sorted_by(|(a, _), (b, _)| a < b);
            require(
                from_zero && ascending,
                key("difficulty.brackets"),
                "must start at size 0 and ascend",
            )?;
            require(
                brackets.iter().all(|(_, percent)| *percent <= MAX_PERCENT),
                key("difficulty.brackets"),
                format!("must have percents of at most {MAX_PERCENT}"),
            )?;
        }
    }
    Ok(())
}

fn check_signals(rules: &RuleBook) -> Result<(), PolicyError> {
    for signal in &rules.signals {
        let key = format!("signal.{}.weight", signal.event);
        require(signal.weight <= 1_000, key, "must be at most 1000")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    const EXAMPLE: &str = include_str!("../../../examples/policy.toml");

    fn error_after(from: &str, to: &str) -> String {
        assert!(EXAMPLE.contains(from), "the example has no `{from}`");
        Policy::parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = error_after("length_days = 7", "length_days = 7\nlenght = 1");
        assert!(error.contains("lenght") && error.contains("line 13"), "{error}");
    }

    #[test]
    fn each_wrong_value_is_named_with_what_would_be_right() {
        for (from, to, expected) in [
            (
                "share_percent = 15",
                "share_percent = 14",
                "pool.share_percent: must add up to 100 over all pools, not to 99",
            ),
            (
                "pool = \"world\"",
                "pool = \"moon\"",
                "kind.work_accepted.pool: must be the name of a pool",
            ),
            ("decimals = 6", "decimals = 10", "token.decimals: must be at most 9"),
            ("supply_cap = 50_000_000", "supply_cap = 10", "must be within the supply cap"),
            ("length_days = 7", "length_days = 0", "must be between 1 and 366"),
            ("limit = 20", "limit = 0", "limit: must be between 1 and 10000"),
            ("[[0, 50], [10, 100]", "[[1, 50], [10, 100]", "must start at size 0 and ascend"),
            ("name = \"review\"", "name = \"comment\"", "kind.comment: must be there once"),
            ("half_saturation = 4", "half_saturation = 0", "must be above 0"),
            (
                "spend_limit_percent = 200",
                "spend_limit_percent = 99",
                "must be between 100 and 1000",
            ),
        ] {
            let error = error_after(from, to);
            assert!(error.contains(expected), "{to}: {error}");
        }
    }

    #[test]
    fn the_budget_decays_as_on_chain() {
        let policy = Policy::parse(EXAMPLE).unwrap();
        let budgets = [1, 52, 53, 104, 105].map(|epoch| policy.budget(epoch) / 1_000_000);
        assert_eq!(budgets, [100_000, 100_000, 90_000, 90_000, 81_000]);
        assert_eq!(policy.growth_limit(), 200_000_000_000);
    }
}
