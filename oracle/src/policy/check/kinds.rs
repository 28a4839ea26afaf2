//! Kinds of contributions, signals and withdrawals.

use std::collections::BTreeSet;

use super::recognition::percent_range;
use super::{MAX_PERCENT, require, require_scale};
use crate::policy::{Decimal, Difficulty, Kind, PolicyError, RuleBook};

/// Kinds are one bit each of a 64-bit number where they are weighed.
const MAX_KINDS: usize = 64;
const MAX_POINTS: Decimal = Decimal::whole(1_000_000);
const MAX_LIMIT: u32 = 10_000;
const MAX_HOLDING_DAYS: u16 = 366;

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    require(
        (1..=MAX_KINDS).contains(&rules.kinds.len()),
        "kind",
        format!("must be there, at most {MAX_KINDS} times"),
    )?;
    let mut names = BTreeSet::new();
    for kind in &rules.kinds {
        require(names.insert(&kind.name), format!("kind.{}", kind.name), "must be there once")?;
        let known = rules.pools.iter().any(|pool| pool.name == kind.pool);
        require(
            known,
            format!("kind.{}.pool", kind.name),
            format!("must be the name of a pool, not `{}`", kind.pool),
        )?;
        check_kind(rules, kind)?;
    }
    for signal in &rules.signals {
        let key = |field: &str| format!("signal.{}.{field}", signal.event);
        require(signal.weight <= 1_000, key("weight"), "must be at most 1000")?;
        require(signal.trust <= 1_000, key("trust"), "must be at most 1000")?;
        let unknown = signal.kinds.iter().find(|kind| !names.contains(kind));
        require(
            unknown.is_none(),
            key("kinds"),
            format!("must be names of kinds, not `{}`", unknown.map_or("", String::as_str)),
        )?;
    }
    Ok(())
}

fn check_kind(rules: &RuleBook, kind: &Kind) -> Result<(), PolicyError> {
    let key = |field: &str| format!("kind.{}.{field}", kind.name);
    require(kind.base <= MAX_POINTS, key("base"), format!("must be at most {MAX_POINTS}"))?;
    for (field, percent) in
        [("base_at_percent", kind.base_at_percent), ("group_percent", kind.group_percent)]
    {
        require((1..=MAX_PERCENT).contains(&percent), key(field), percent_range())?;
    }
    for (field, percent) in [
        ("unengaged_percent", kind.unengaged_percent),
        ("diminishing_percent", kind.diminishing_percent),
    ] {
        let problem = format!("must be at most {MAX_PERCENT}");
        require(percent <= MAX_PERCENT, key(field), problem)?;
    }
    let is_limit = |limit: u32| (1..=MAX_LIMIT).contains(&limit);
    let problem = format!("must be between 1 and {MAX_LIMIT}");
    require(kind.limit == u32::MAX || is_limit(kind.limit), key("limit"), problem.clone())?;
    require(kind.daily_limit.is_none_or(is_limit), key("daily_limit"), problem)?;
    require(
        kind.capacity.is_none_or(|points| points > Decimal::default() && points <= MAX_POINTS),
        key("capacity"),
        format!("must be above 0 and at most {MAX_POINTS}"),
    )?;
    require(
        kind.capacity.is_none() || rules.trust.is_some(),
        key("capacity"),
        "grows with trust: it needs the table [trust]",
    )?;
    require(!kind.rarity || rules.rarity.is_some(), key("rarity"), "needs the table [rarity]")?;
    require(
        kind.holding_days <= MAX_HOLDING_DAYS,
        key("holding_days"),
        format!("must be at most {MAX_HOLDING_DAYS}"),
    )?;
    if let Some(effort) = &kind.effort {
        let at_most = effort.at_most;
        require(
            (1..=100_000).contains(&at_most),
            key("effort.at_most"),
            "must be between 1 and 100000",
        )?;
        let exponent = effort.exponent_percent;
        require(exponent <= 200, key("effort.exponent_percent"), "must be at most 200")?;
    }
    kind.difficulty.as_ref().map_or(Ok(()), |difficulty| check_difficulty(&key, difficulty))
}

fn check_difficulty(
    key: &impl Fn(&str) -> String,
    difficulty: &Difficulty,
) -> Result<(), PolicyError> {
    let by_size = !difficulty.properties.is_empty() && !difficulty.brackets.is_empty();
    let has_size = !difficulty.properties.is_empty() || !difficulty.brackets.is_empty();
    let by_property = difficulty.property.is_some();
    require(
        if by_property { !has_size } else { by_size && difficulty.table.is_none() },
        key("difficulty"),
        "must have `properties` and `brackets`, or a `property` with or without a `table`",
    )?;
    if by_size {
        require_scale(&key("difficulty.brackets"), difficulty.brackets.iter().copied())?;
    }
    let table = difficulty.table.iter().flat_map(|table| table.values());
    require(
        table.into_iter().all(|percent| *percent <= MAX_PERCENT),
        key("difficulty.table"),
        format!("must have percents of at most {MAX_PERCENT}"),
    )
}
