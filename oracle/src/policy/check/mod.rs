//! Whether a rule book's values make sense.

mod budget;
mod kinds;
mod multipliers;
mod recognition;

use super::{PolicyError, RuleBook};

pub(super) use budget::base_units;

const MAX_PERCENT: u16 = 1_000;

pub(super) fn check(rules: &RuleBook) -> Result<(), PolicyError> {
    budget::check(rules)?;
    recognition::check(rules)?;
    multipliers::check(rules)?;
    kinds::check(rules)
}

fn wrong(key: impl Into<String>, problem: impl Into<String>) -> PolicyError {
    PolicyError::Value { line: 0, key: key.into(), problem: problem.into() }
}

fn require(
    holds: bool,
    key: impl Into<String>,
    problem: impl Into<String>,
) -> Result<(), PolicyError> {
    if holds { Ok(()) } else { Err(wrong(key, problem)) }
}

/// Checks that none of these percents is beyond reason.
fn require_percents(percents: &[(&str, u16)]) -> Result<(), PolicyError> {
    percents.iter().try_for_each(|(key, percent)| {
        require(*percent <= MAX_PERCENT, *key, format!("must be at most {MAX_PERCENT}"))
    })
}

/// Checks steps of a scale, which start at 0 and ascend, and their percents.
fn require_scale(key: &str, steps: impl Iterator<Item = (u64, u16)>) -> Result<(), PolicyError> {
    let steps: Vec<_> = steps.collect();
    let from_zero = steps.first().is_some_and(|(from, _)| *from == 0);
    require(
        from_zero && steps.is_sorted_by(|(a, _), (b, _)| a < b),
        key,
        "must start at 0 and ascend",
    )?;
    require(
        steps.iter().all(|(_, percent)| *percent <= MAX_PERCENT),
        key,
        format!("must have percents of at most {MAX_PERCENT}"),
    )
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    const EXAMPLE: &str = include_str!("../../../../examples/policies/contribution.toml");

    fn error_after(from: &str, to: &str) -> String {
        assert!(EXAMPLE.contains(from), "the example has no `{from}`");
        Policy::parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = error_after("length_days = 7", "length_days = 7\nlenght = 1");
        assert!(error.contains("lenght") && error.contains("line 14"), "{error}");
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
            (
                "capacity = 16_000",
                "limit = 0",
                "kind.work_proposed.limit: must be between 1 and 10000",
            ),
            ("[[0, 50], [10, 100]", "[[1, 50], [10, 100]", "must start at 0 and ascend"),
            ("persons = 20", "persons = 0", "trust.persons: must be between 1 and 1000000"),
            ("attention = 3", "attention = 0", "engagement.attention: must be above 0"),
            ("kinds = [\"review\"]", "kinds = [\"x\"]", "signal.comment_created.kinds: must be"),
            ("seeds = [", "seeds = [\"anna\",", "must be `source:external id`, not `anna`"),
            (
                "[allocation]",
                "[payout]\nmode = \"fixed_rate\"\n[allocation]",
                "payout.tokens_per_point: must be above 0",
            ),
            ("name = \"review\"", "name = \"comment\"", "kind.comment: must be there once"),
            ("half_saturation = 1", "half_saturation = 0", "must be above 0"),
            (
                "spend_limit_percent = 120",
                "spend_limit_percent = 99",
                "must be between 100 and 1000",
            ),
        ] {
            let error = error_after(from, to);
            assert!(error.contains(expected), "{to}: {error}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        let line_of = |text: &str| {
            let before = EXAMPLE.split(text).next().unwrap();
            before.matches('\n').count() + 1
        };
        for (from, to, key) in [
            ("length_days = 7", "length_days = 0", "epoch.length_days"),
            ("pool = \"world\"", "pool = \"moon\"", "kind.work_accepted.pool"),
            ("restart_percent = 80", "restart_percent = 0", "trust.restart_percent"),
            ("scale = [[0", "scale = [[1", "assessment.scale"),
        ] {
            let error = error_after(from, to);
            let expected = format!("line {}: {key}: must ", line_of(from));
            assert!(error.starts_with(&expected), "{expected}…: {error}");
        }
    }

    #[test]
    fn the_budget_decays_as_on_chain() {
        let policy = Policy::parse(EXAMPLE).unwrap();
        let budgets = [1, 52, 53, 104, 105].map(|epoch| policy.budget(epoch) / 1_000_000);
        assert_eq!(budgets, [100_000, 100_000, 90_000, 90_000, 81_000]);
        assert_eq!(policy.growth_limit(), 120_000_000_000);
    }
}
