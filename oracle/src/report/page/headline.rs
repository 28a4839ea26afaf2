//! The first screen: which epoch, and its figures in one look.

use jiff::SignedDuration;
use maud::{Markup, Render, html};

use super::View;
use crate::report::data::EpochReport;

/// What the browser calls the page.
pub(super) fn title(view: &View<'_>) -> String {
    let report = view.report;
    let policy = report.policy.name.as_str();
    view.message("title", &[("epoch", number(report).into()), ("policy", policy.into())])
}

/// Which epoch, by which rules, and what it granted.
pub(super) fn header(view: &View<'_>) -> Markup {
    let report = view.report;
    html! {
        p.eyebrow { (policy(view)) }
        h1 { (view.message("epoch", &[("epoch", number(report).into())])) }
        p.period { (period(view)) }
        p.lead { (lead(view)) }
        (tiles(view))
    }
}

/// The rules by name and version.
pub(in crate::report) fn policy(view: &View<'_>) -> String {
    let policy = &view.report.policy;
    // As text: a version is not a count, and is not grouped.
    let version = policy.version.to_string();
    let name = policy.name.as_str();
    view.message("policy", &[("policy", name.into()), ("version", version.into())])
}

/// First and last day. The end is the next epoch's first moment.
pub(in crate::report) fn period(view: &View<'_>) -> Markup {
    let report = view.report;
    let last = report.end.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(report.end);
    let days = [report.start, last].map(|time| view.messages.day(time));
    let [first, last] = days.map(Into::into);
    html! { (view.message("period", &[("first", first), ("last", last)])) }
}

fn number(report: &EpochReport) -> String {
    report.epoch.to_string()
}

fn lead(view: &View<'_>) -> String {
    let report = view.report;
    let paid = report.paid().len();
    if paid == 0 {
        return view.text("lead-nobody");
    }
    let tokens = view.tokens(report.statistics.granted);
    let arguments = [
        ("members", paid.into()),
        ("tokens", tokens.into()),
        ("contributions", contributions(report).into()),
    ];
    view.message("lead", &arguments)
}

fn contributions(report: &EpochReport) -> u64 {
    report.members.iter().map(|member| u64::from(member.contributions)).sum()
}

fn tiles(view: &View<'_>) -> Markup {
    let report = view.report;
    let summary = report.summary();
    let known = u64::try_from(report.members.len()).unwrap_or(u64::MAX);
    let newcomers = report.members.iter().filter(|member| member.is_newcomer).count();
    let newcomers = u64::try_from(newcomers).unwrap_or(u64::MAX);
    html! {
        dl.tiles {
            (tile(&view.text("granted"), view.tile_tokens(summary.granted), None))
            (tile(
                &view.text("members-paid"),
                view.messages.number(summary.members_paid),
                Some(&view.message("members-paid-of", &[("members", known.into())])),
            ))
            (tile(&view.text("contributions"), view.messages.number(contributions(report)), None))
            (tile(&view.text("newcomers"), view.messages.number(newcomers), None))
            (tile(
                &view.text("gini"),
                view.gini(summary.gini_ppm),
                Some(&view.text("gini-hint")),
            ))
        }
    }
}

/// One figure with its name.
pub(in crate::report) fn tile(name: &str, value: impl Render, hint: Option<&str>) -> Markup {
    html! {
        div {
            dt { (name) }
            dd { (value) }
            @if let Some(hint) = hint { dd.hint { (hint) } }
        }
    }
}
