//! A member's statement out of the explanation of its epoch.
//!
//! Σ points of the contributions + Σ points of the factors = the points of all pools; the amounts of the
//! factors add up to what is paid.

use super::data::{MemberStatement, StatementLine};
use crate::explain::{ExplainedContribution, ExplainedPool, Explanation};
use crate::language::Messages;

/// One, in millionths.
const MICRO: u32 = 1_000_000;

/// The statement of an explanation, in a language.
pub fn member_statement(explanation: &Explanation, messages: &Messages) -> MemberStatement {
    let mut contributions = Vec::new();
    let mut factors = Vec::new();
    for pool in &explanation.pools {
        for kind in &pool.kinds {
            let lines = kind.contributions.iter();
            contributions.extend(lines.map(|one| contribution(&kind.kind, one, messages)));
        }
        factors.extend(pool_lines(pool, messages));
    }
    factors.extend(payment_lines(explanation, messages));
    MemberStatement { member: explanation.member, contributions, factors }
}

fn contribution(kind: &str, one: &ExplainedContribution, messages: &Messages) -> StatementLine {
    let place = one.artifact.as_deref().unwrap_or_default();
    let factors = one.factors.iter().filter(|applied| applied.value_micro != MICRO);
    let factors: Vec<String> =
        factors.map(|applied| format!("×{}", messages.exact(applied.value_micro, 6))).collect();
    let base = messages.exact(one.base_micro_points, 6);
    let detail = [place.to_owned(), [base, factors.join(" ")].join(" ")];
    let detail: Vec<&str> =
        detail.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    StatementLine {
        label: kind.to_owned(),
        detail: detail.join(" · "),
        points: Some(one.counted_micro_points.into()),
        amount: None,
    }
}

fn pool_lines(pool: &ExplainedPool, messages: &Messages) -> Vec<StatementLine> {
    let name = || [("pool", pool.pool.as_str().into())];
    let points = |id: &str, points: i128| StatementLine {
        label: messages.message(id, &name()),
        detail: String::new(),
        points: Some(points),
        amount: None,
    };
    let mut lines = Vec::new();
    let influence = i128::from(pool.worth_micro_points) - i128::from(pool.counted_micro_points);
    if influence != 0 {
        lines.push(points("line-influence", influence));
    }
    for revised in &pool.revised {
        let change = i128::from(revised.now_micro_points) - i128::from(revised.before_micro_points);
        let epoch = revised.epoch.to_string();
        let arguments = [("pool", pool.pool.as_str().into()), ("epoch", epoch.into())];
        let label = messages.message("line-revised", &arguments);
        lines.push(StatementLine { label, ..points("line-revised", change) });
    }
    let owed = i128::from(pool.owed_micro_points) - i128::from(pool.owed_before_micro_points);
    if owed != 0 {
        lines.push(points("line-owed", owed));
    }
    lines.push(StatementLine {
        label: messages.message("line-pool", &name()),
        detail: messages.message(
            "line-pool-points",
            &[("points", messages.rounded(pool.micro_points, 6, 2).into())],
        ),
        points: None,
        amount: Some(pool.amount_base_units.into()),
    });
    lines
}

fn payment_lines(explanation: &Explanation, messages: &Messages) -> Vec<StatementLine> {
    let payment = &explanation.payment;
    let line = |id: &str, amount: i128| StatementLine {
        label: messages.text(id),
        detail: String::new(),
        points: None,
        amount: Some(amount),
    };
    let mut lines = Vec::new();
    if payment.held_base_units > 0 {
        lines.push(line("line-held", -i128::from(payment.held_base_units)));
    }
    if payment.matured_base_units > 0 {
        lines.push(line("line-matured", payment.matured_base_units.into()));
    }
    lines
}
