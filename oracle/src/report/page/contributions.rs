//! The contributions that earned most.

use maud::{Markup, html};

use super::View;
use super::chart;
use super::view::BarRow;
use crate::language::Messages;
use crate::report::data::TopContribution;
use crate::report::statistics::part_ppm;

/// Contributions with a bar of their own.
const FIRST: usize = 10;
/// Contributions on the page.
const MOST: usize = 50;

pub(super) fn section(view: &View<'_>) -> Markup {
    let shown = &view.report.contributions;
    let shown = &shown[..shown.len().min(MOST)];
    if shown.is_empty() {
        return html! { p { (view.text("contributions-none")) } };
    }
    let most = shown.iter().map(|contribution| contribution.amount).max().unwrap_or_default();
    let row = |contribution: &TopContribution| BarRow {
        label: label(view, contribution),
        value: view.amount(contribution.amount),
        bar: chart::bar(part_ppm(contribution.amount.into(), most.into())),
    };
    let rows: Vec<_> = shown.iter().take(FIRST).map(row).collect();
    let sum = shown.iter().map(|contribution| u128::from(contribution.amount)).sum();
    html! {
        p { (view.message("contributions-lead", &[("share", view.of_epoch(sum).into())])) }
        figure {
            figcaption.unseen { (view.text("contributions-title")) }
            (view.bars(&view.text("contribution"), &view.of_token("amount"), &rows))
            (further(view, shown))
        }
    }
}

/// Those without a bar.
fn further(view: &View<'_>, shown: &[TopContribution]) -> Markup {
    let row = |contribution: &TopContribution| {
        let artifact = contribution.artifact.as_deref().unwrap_or_default();
        let name = format!("{} {artifact}", contribution.kind);
        let label = view.label(contribution.member);
        vec![format!("{} · {label}", name.trim_end()), view.amount(contribution.amount)]
    };
    let rows: Vec<_> = shown.iter().skip(FIRST).map(row).collect();
    let (from, to) = (FIRST + 1, shown.len());
    let more = view.message("contributions-more", &[("from", from.into()), ("to", to.into())]);
    let head = [view.text("contribution"), view.of_token("amount")];
    html! { @if !rows.is_empty() { (view.figures(&more, &head, &rows)) } }
}

/// Its kind, and in a second line what it is about, whose it is and what it scored.
fn label(view: &View<'_>, contribution: &TopContribution) -> Markup {
    let points = Messages::argument(contribution.points, 6, 2);
    html! {
        span.name { (contribution.kind) }
        @if let Some(artifact) = &contribution.artifact { " " span.artifact { (artifact) } }
        span.second {
            (view.label(contribution.member)) " · " (view.message("points", &[("points", points)]))
        }
    }
}
