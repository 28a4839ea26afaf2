//! What one member got in an epoch and why, as a page for them alone.
//!
//! Amounts have all their decimals here: the lines add up to what the chain mints.

use maud::{Markup, html};

use super::data::{MemberRow, MemberStatement, StatementLine};
use super::page::{View, document, period, policy, tile};
use crate::language::Messages;

/// The whole page.
pub(super) fn page(view: &View<'_>, member: &MemberRow, statement: &MemberStatement) -> String {
    let epoch = view.report.epoch.to_string();
    let arguments = [("epoch", epoch.as_str().into()), ("member", member.label.as_str().into())];
    let title = view.message("statement-title", &arguments);
    let body = html! {
        header.top {
            p.eyebrow { (policy(view)) }
            h1 { (view.text("statement-heading")) }
            p.period { (member.label) " · " (view.message("epoch", &[("epoch", epoch.into())])) }
            p.period { (period(view)) }
            p.lead { (lead(view, member)) }
            (tiles(view, member))
        }
        main {
            (pools(view, member))
            (contributions(view, statement))
            @if !statement.factors.is_empty() {
                (lines(view, "factors", "statement-factors", &statement.factors))
            }
        }
        footer { p { (view.text("statement-private")) } }
    };
    document(view.messages, &title, &body)
}

fn lead(view: &View<'_>, member: &MemberRow) -> String {
    if member.amount == 0 {
        return view.text("statement-lead-nothing");
    }
    view.message("statement-lead", &[("tokens", exact_tokens(view, member.amount).into())])
}

fn exact(view: &View<'_>, base_units: impl Into<i128>) -> String {
    view.messages.amount(base_units, view.token().decimals)
}

fn exact_tokens(view: &View<'_>, base_units: u64) -> String {
    let symbol = view.token().symbol.as_str();
    let amount = exact(view, base_units);
    view.message("tokens", &[("amount", amount.into()), ("symbol", symbol.into())])
}

fn points(view: &View<'_>, micro_points: impl Into<i128>) -> String {
    view.messages.rounded(micro_points, 6, 2)
}

fn tiles(view: &View<'_>, member: &MemberRow) -> Markup {
    let contributions = view.messages.number(member.contributions);
    html! {
        dl.tiles.small {
            (tile(&view.text("statement-lifetime"), exact_tokens(view, member.lifetime), None))
            (tile(&view.text("contributions"), contributions, None))
            (tile(&view.text("statement-points"), points(view, member.points), None))
        }
    }
}

fn pools(view: &View<'_>, member: &MemberRow) -> Markup {
    html! {
        section aria-labelledby="pools" {
            h2 id="pools" { (view.text("statement-pools")) }
            figure {
                figcaption.unseen { (view.text("statement-pools")) }
                table.figures {
                    thead { tr {
                        th scope="col" { (view.text("statement-pool")) }
                        th.number scope="col" { (view.of_token("amount")) }
                    } }
                    tbody {
                        @for (pool, amount) in view.report.pools.iter().zip(&member.amounts) {
                            tr {
                                th scope="row" { (pool.name) }
                                td.number { (exact(view, *amount)) }
                            }
                        }
                        tr.strong {
                            th scope="row" { (view.text("statement-total")) }
                            td.number { (exact(view, member.amount)) }
                        }
                    }
                }
            }
        }
    }
}

fn contributions(view: &View<'_>, statement: &MemberStatement) -> Markup {
    let title = "statement-contributions";
    if statement.contributions.is_empty() {
        return html! {
            section aria-labelledby="contributions" {
                h2 id="contributions" { (view.text(title)) }
                p { (view.text("statement-contributions-none")) }
            }
        };
    }
    lines(view, "contributions", title, &statement.contributions)
}

fn lines(view: &View<'_>, id: &str, title: &str, lines: &[StatementLine]) -> Markup {
    let points = |micro_points: i128| {
        view.message("points", &[("points", Messages::argument(micro_points, 6, 2))])
    };
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (view.text(title)) }
            figure {
                figcaption.unseen { (view.text(title)) }
                table.figures {
                    thead { tr {
                        th scope="col" { (view.text("statement-line")) }
                        th.number scope="col" { (view.of_token("amount")) }
                    } }
                    tbody { @for line in lines { tr {
                        th scope="row" {
                            span.name { (line.label) }
                            @if !line.detail.is_empty() { span.second { (line.detail) } }
                        }
                        td.number {
                            @if let Some(amount) = line.amount { (exact(view, amount)) }
                            @if let Some(number) = line.points { span.second { (points(number)) } }
                        }
                    } } }
                }
            }
        }
    }
}
