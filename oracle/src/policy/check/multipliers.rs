//! Qualification, streak, consistency, rarity, caps and rounding.

use super::{MAX_PERCENT, require, require_percents, require_scale};
use crate::policy::{Decimal, PolicyError, RuleBook};

const MAX_DAYS: u16 = 366;
/// A stage is held for three years at most.
const MAX_STAGE_DAYS: u16 = 3 * 366;
const MAX_POINTS: Decimal = Decimal::whole(1_000_000);

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    if let Some(stage) = &rules.qualification {
        check_levels("qualification.levels_percent", &stage.levels_percent)?;
        require_percents(&[("qualification.default_percent", stage.default_percent)])?;
        check_days("qualification.valid_days", stage.valid_days, MAX_STAGE_DAYS)?;
    }
    if let Some(streak) = &rules.streak {
        let levels = streak.levels.iter().map(|(days, percent)| (u64::from(*days), *percent));
        require_scale("streak.levels", levels)?;
        check_days("streak.history_days", streak.history_days, MAX_DAYS)?;
    }
    if let Some(consistency) = &rules.consistency {
        check_levels("consistency.levels_percent", &consistency.levels_percent)?;
        require(
            consistency.levels_percent.len() <= 52,
            "consistency.levels_percent",
            "must have at most 52 levels",
        )?;
    }
    if let Some(rarity) = &rules.rarity {
        check_days("rarity.window_days", rarity.window_days, MAX_DAYS)?;
        require_percents(&[
            ("rarity.exponent_percent", rarity.exponent_percent),
            ("rarity.at_least_percent", rarity.at_least_percent),
            ("rarity.at_most_percent", rarity.at_most_percent),
        ])?;
        require(
            rarity.at_least_percent <= rarity.at_most_percent,
            "rarity.at_least_percent",
            "must be at most rarity.at_most_percent",
        )?;
    }
    check_caps(rules)
}

fn check_caps(rules: &RuleBook) -> Result<(), PolicyError> {
    let caps = &rules.caps;
    require(
        caps.action.is_none_or(|cap| cap > Decimal::default() && cap <= MAX_POINTS),
        "caps.action",
        format!("must be above 0 and at most {MAX_POINTS}"),
    )?;
    require(
        caps.day_actions.is_none_or(|actions| (1..=1_000).contains(&actions)),
        "caps.day_actions",
        "must be between 1 and 1000",
    )?;
    require(
        caps.day_actions.is_none() || caps.action.is_some(),
        "caps.day_actions",
        "counts caps of one contribution: it needs caps.action",
    )?;
    let steps = &rules.rounding;
    require(
        steps.is_sorted_by(|a, b| a.from < b.from)
            && steps.iter().all(|step| step.to > Decimal::default() && step.to <= MAX_POINTS),
        "rounding",
        "must ascend in `from`, and `to` must be above 0",
    )
}

fn check_levels(key: &str, levels: &[u16]) -> Result<(), PolicyError> {
    require(!levels.is_empty(), key, "must have a level")?;
    require(
        levels.iter().all(|percent| *percent <= MAX_PERCENT),
        key,
        format!("must have percents of at most {MAX_PERCENT}"),
    )
}

fn check_days(key: &str, days: u16, at_most: u16) -> Result<(), PolicyError> {
    require((1..=at_most).contains(&days), key, format!("must be between 1 and {at_most}"))
}
