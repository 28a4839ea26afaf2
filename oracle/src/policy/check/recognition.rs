//! Engagement, reuse, trust, influence and assessments.

use super::{MAX_PERCENT, require, require_percents, require_scale};
use crate::policy::{Decimal, PolicyError, RuleBook, TrustRules};

const MAX_SATURATION: Decimal = Decimal::whole(1_000_000);
const MAX_PERSONS: u32 = 1_000_000;
const MAX_WINDOW_EPOCHS: u16 = 520;
const MAX_ROUNDS: u8 = 100;

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    let engagement = &rules.engagement;
    require_percents(&[
        ("engagement.weight_percent", engagement.weight_percent),
        ("engagement.pair_damping_percent", engagement.pair_damping_percent),
    ])?;
    check_saturation("engagement.half_saturation", engagement.half_saturation)?;
    require((1..=2).contains(&engagement.steepness), "engagement.steepness", "must be 1 or 2")?;
    require(
        engagement.attention.is_none_or(|sum| sum > Decimal::default() && sum <= MAX_SATURATION),
        "engagement.attention",
        format!("must be above 0 and at most {MAX_SATURATION}"),
    )?;
    if let Some(reuse) = &rules.reuse {
        require_percents(&[("reuse.weight_percent", reuse.weight_percent)])?;
        check_saturation("reuse.half_saturation", reuse.half_saturation)?;
    }
    if let Some(influence) = &rules.influence {
        require_percents(&[("influence.weight_percent", influence.weight_percent)])?;
        require(rules.trust.is_some(), "influence", "needs the table [trust]")?;
    }
    if let Some(assessment) = &rules.assessment {
        require_scale("assessment.scale", assessment.scale.iter().copied())?;
        require(
            assessment.prior <= MAX_SATURATION,
            "assessment.prior",
            format!("must be at most {MAX_SATURATION}"),
        )?;
    }
    rules.trust.as_ref().map_or(Ok(()), check_trust)
}

fn check_saturation(key: &str, saturation: Decimal) -> Result<(), PolicyError> {
    require(
        saturation > Decimal::default() && saturation <= MAX_SATURATION,
        key,
        format!("must be above 0 and at most {MAX_SATURATION}"),
    )
}

fn check_trust(trust: &TrustRules) -> Result<(), PolicyError> {
    require(
        !trust.seeds.is_empty() || !trust.seed_roles.is_empty(),
        "trust.seeds",
        "must name somebody, or trust.seed_roles a role: else nobody is trusted",
    )?;
    let malformed = trust.seeds.iter().find(|seed| !seed.contains(':'));
    require(
        malformed.is_none(),
        "trust.seeds",
        format!("must be `source:external id`, not `{}`", malformed.map_or("", String::as_str)),
    )?;
    require(
        (1..=MAX_WINDOW_EPOCHS).contains(&trust.window_epochs),
        "trust.window_epochs",
        format!("must be between 1 and {MAX_WINDOW_EPOCHS}"),
    )?;
    require(
        (1..=100).contains(&trust.restart_percent),
        "trust.restart_percent",
        "must be between 1 and 100",
    )?;
    require(
        (1..=MAX_ROUNDS).contains(&trust.rounds),
        "trust.rounds",
        format!("must be between 1 and {MAX_ROUNDS}"),
    )?;
    require(
        (1..=MAX_PERSONS).contains(&trust.persons),
        "trust.persons",
        format!("must be between 1 and {MAX_PERSONS}"),
    )
}

/// The percents that a rule may multiply by, as a text for errors.
pub(super) fn percent_range() -> String {
    format!("must be between 1 and {MAX_PERCENT}")
}
