//! The epoch as a table for spreadsheets: a row a member.
//!
//! Amounts are there twice: in base units, and in tokens = base units × 10^−decimals with all their
//! decimals, so that nothing is lost. Nothing depends on a language.

use super::data::{EpochReport, MemberRow};

/// The table as the text of a CSV file (RFC 4180), members by index.
pub(super) fn table(report: &EpochReport) -> Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(columns(report))?;
    let mut members: Vec<_> = report.members.iter().collect();
    members.sort_by_key(|member| member.member);
    for member in members {
        writer.write_record(row(report, member))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn columns(report: &EpochReport) -> Vec<String> {
    let first = ["epoch", "member", "label", "newcomer", "contributions", "points_micro"];
    let pools = report.pools.iter().map(|pool| format!("{}_base_units", pool.name));
    let last = ["amount_base_units", "amount", "lifetime_base_units", "lifetime"];
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    [names(&first), pools.collect(), names(&last)].concat()
}

fn row(report: &EpochReport, member: &MemberRow) -> Vec<String> {
    let tokens = |base_units: u64| tokens(base_units, report.token.decimals);
    let first = [
        report.epoch.to_string(),
        member.member.to_string(),
        text(&member.label),
        member.is_newcomer.to_string(),
        member.contributions.to_string(),
        member.points.to_string(),
    ];
    let pools: Vec<_> = member.amounts.iter().map(ToString::to_string).collect();
    let last = [
        member.amount.to_string(),
        tokens(member.amount),
        member.lifetime.to_string(),
        tokens(member.lifetime),
    ];
    [&first[..], &pools[..], &last[..]].concat()
}

/// Base units as tokens with all their decimals: "1584.500000".
fn tokens(base_units: u64, decimals: u8) -> String {
    let width = usize::from(decimals);
    // At least one digit stays before the point.
    let digits = format!("{base_units:0>least$}", least = width + 1);
    let (whole, fraction) = digits.split_at(digits.len() - width);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// A text that a spreadsheet takes as text: one that begins like a formula is quoted for it.
fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_all_their_decimals_and_no_groups() {
        assert_eq!(tokens(1_584_500_000, 6), "1584.500000");
        assert_eq!(tokens(1, 6), "0.000001");
        assert_eq!(tokens(0, 2), "0.00");
        assert_eq!(tokens(9_990, 0), "9990");
        assert_eq!(tokens(u64::MAX, 9), "18446744073.709551615");
    }

    #[test]
    fn what_begins_like_a_formula_is_text() {
        assert_eq!(text("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(text("@member"), "'@member");
        assert_eq!(text("member 7"), "member 7");
    }
}
