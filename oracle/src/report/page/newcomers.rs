//! Who contributed for the first time.

use maud::{Markup, html};

use super::View;
use super::chart;
use super::view::BarRow;
use crate::report::data::MemberRow;
use crate::report::statistics::part_ppm;

/// Newcomers on the page.
const MOST: usize = 20;

pub(super) fn section(view: &View<'_>) -> Markup {
    let mut members: Vec<_> = view.report.members.iter().filter(|m| m.is_newcomer).collect();
    if members.is_empty() {
        return html! { p { (view.text("newcomers-none")) } };
    }
    members.sort_by_key(|member| (std::cmp::Reverse(member.amount), member.member));
    let sum: u128 = members.iter().map(|member| u128::from(member.amount)).sum();
    let most = members.first().map_or(0, |member| member.amount);
    let row = |member: &&MemberRow| BarRow {
        label: html! { (member.label) },
        value: view.amount(member.amount),
        bar: chart::bar(part_ppm(member.amount.into(), most.into())),
    };
    let rows: Vec<_> = members.iter().take(MOST).map(row).collect();
    let more = members.len().saturating_sub(MOST);
    html! {
        p { (lead(view, members.len(), sum)) }
        figure {
            (parts(view, sum))
            (view.bars(&view.text("member"), &view.of_token("amount"), &rows))
            @if more > 0 { p { (view.message("newcomers-more", &[("count", more.into())])) } }
        }
    }
}

fn lead(view: &View<'_>, count: usize, sum: u128) -> String {
    let tokens = view.tokens(i128::try_from(sum).unwrap_or_default());
    let arguments =
        [("count", count.into()), ("tokens", tokens.into()), ("share", view.of_epoch(sum).into())];
    view.message("newcomers-lead", &arguments)
}

/// Newcomers beside everybody else, and what the colours are.
fn parts(view: &View<'_>, sum: u128) -> Markup {
    let granted = u128::from(view.report.statistics.granted);
    let others = granted.saturating_sub(sum);
    let [new, old] = [sum, others].map(|amount| part_ppm(amount, granted));
    html! {
        figcaption {
            ul.legend {
                li.fill { (view.text("newcomers-part")) " " b { (view.of_epoch(sum)) } }
                li.past { (view.text("newcomers-others")) " " b { (view.of_epoch(others)) } }
            }
        }
        (chart::stacked(&[(new, "fill"), (old, "past")]))
    }
}
