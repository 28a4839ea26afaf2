//! Who got how much: bands of amounts, their Lorenz curve, and the members who got most.

use maud::{Markup, html};

use super::View;
use super::chart;
use super::headline::tile;
use super::view::BarRow;
use crate::report::data::MemberRow;
use crate::report::statistics::{Band, Distribution, LorenzPoint, WHOLE_PPM, part_ppm};

/// Members with a bar of their own.
const FIRST: usize = 10;
/// Members on the page. The file has all.
const MOST: usize = 100;
/// Steps of the curve.
const STEPS: u64 = 100;

pub(super) fn section(view: &View<'_>) -> Markup {
    let paid = view.report.paid();
    if paid.is_empty() {
        return html! { p { (view.text("distribution-none")) } };
    }
    html! {
        p { (lead(view, &paid)) }
        (quantiles(view, &paid))
        div.grid {
            (bands(view, &paid))
            (lorenz(view, &paid))
            (best_paid(view))
        }
    }
}

fn lead(view: &View<'_>, paid: &Distribution) -> String {
    let tenth = view.percent(paid.share_of_top(WHOLE_PPM / 10));
    let half = view.percent(share_below(&paid.lorenz(STEPS), WHOLE_PPM / 2));
    view.message("distribution-lead", &[("tenth", tenth.into()), ("half", half.into())])
}

/// What the less-paid part of the members has together.
fn share_below(curve: &[LorenzPoint], members_ppm: u32) -> u32 {
    let below = curve.iter().take_while(|point| point.members_ppm <= members_ppm).last();
    below.map_or(0, |point| point.amount_ppm)
}

fn quantiles(view: &View<'_>, paid: &Distribution) -> Markup {
    let quantile = |ppm| view.tile_tokens(paid.quantile(ppm).unwrap_or_default());
    let mean = paid.sum() / u128::from(paid.len().max(1));
    html! {
        dl.tiles.small {
            (tile(&view.text("smallest"), quantile(0), None))
            (tile(&view.text("median"), quantile(WHOLE_PPM / 2), None))
            (tile(&view.text("mean"), view.tile_tokens(i128::try_from(mean).unwrap_or_default()), None))
            (tile(&view.text("largest"), quantile(WHOLE_PPM), None))
        }
    }
}

fn bands(view: &View<'_>, paid: &Distribution) -> Markup {
    let bands = paid.bands();
    let most = bands.iter().map(|band| band.count).max().unwrap_or_default();
    let row = |band: &Band| BarRow {
        label: html! { (band_name(view, band)) },
        value: view.messages.number(band.count),
        bar: chart::bar(part_ppm(band.count.into(), most.into())),
    };
    let rows: Vec<_> = bands.iter().map(row).collect();
    html! {
        figure {
            figcaption { (view.text("distribution-bands")) }
            (view.bars(
                &view.of_token("distribution-band"), &view.text("distribution-band-members"), &rows,
            ))
        }
    }
}

/// A band's limits, which are round, without zeros after the point.
fn band_name(view: &View<'_>, band: &Band) -> String {
    let limit = |base_units: u64| -> String {
        let decimals = view.token().decimals;
        let one = 10u64.checked_pow(decimals.into()).unwrap_or(u64::MAX);
        let places = if base_units.is_multiple_of(one) { 0 } else { decimals };
        let exact = view.messages.rounded(base_units, decimals, places);
        if places == 0 { exact } else { exact.trim_end_matches('0').to_owned() }
    };
    let (from, to) = (limit(band.from).into(), limit(band.to).into());
    match (band.from, band.to) {
        (0, _) => view.message("band-first", &[("to", to)]),
        (_, u64::MAX) => view.message("band-last", &[("from", from)]),
        _ => view.message("band", &[("from", from), ("to", to)]),
    }
}

fn lorenz(view: &View<'_>, paid: &Distribution) -> Markup {
    let curve = paid.lorenz(STEPS);
    let gini = view.gini(paid.gini_ppm());
    let part = |ppm| view.percent(share_below(&curve, ppm));
    let label = view.message(
        "lorenz-label",
        &[
            ("half", part(WHOLE_PPM / 2).into()),
            ("nine_tenths", part(WHOLE_PPM / 10 * 9).into()),
            ("gini", gini.as_str().into()),
        ],
    );
    let whole = |ppm: u32| view.messages.percent(ppm, 0);
    let ticks = [0, WHOLE_PPM / 2, WHOLE_PPM];
    let rows: Vec<_> = (1..=10)
        .map(|tenth| vec![whole(tenth * WHOLE_PPM / 10), part(tenth * WHOLE_PPM / 10)])
        .collect();
    html! {
        figure {
            figcaption { (view.text("lorenz-caption")) }
            div.plot {
                p.vertical { (view.of_token("lorenz-amount")) }
                div.ticks.side aria-hidden="true" {
                    @for tick in ticks.iter().rev() { span { (whole(*tick)) } }
                }
                div.area {
                    (chart::lorenz(&curve, &label))
                    p.inside aria-hidden="true" { span { (view.text("gini")) } " " b { (gini) } }
                    p.diagonal aria-hidden="true" { (view.text("lorenz-equal")) }
                }
                div.ticks.below aria-hidden="true" {
                    @for tick in ticks { span { (whole(tick)) } }
                }
                p.horizontal { (view.text("lorenz-members")) }
            }
            (view.figures(
                &view.text("figures-as-table"),
                &[view.text("lorenz-members"), view.of_token("lorenz-amount")],
                &rows,
            ))
        }
    }
}

fn best_paid(view: &View<'_>) -> Markup {
    let mut members: Vec<_> = view.report.members.iter().filter(|m| m.amount > 0).collect();
    members.sort_by_key(|member| (std::cmp::Reverse(member.amount), member.member));
    members.truncate(MOST);
    let most = members.first().map_or(0, |member| member.amount);
    let row = |member: &&MemberRow| BarRow {
        label: html! { (member.label) },
        value: view.amount(member.amount),
        bar: chart::bar(part_ppm(member.amount.into(), most.into())),
    };
    let rows: Vec<_> = members.iter().take(FIRST).map(row).collect();
    let further = members.iter().skip(FIRST);
    let further: Vec<_> =
        further.map(|member| vec![member.label.clone(), view.amount(member.amount)]).collect();
    let (from, to) = (FIRST + 1, members.len());
    let more = view.message("best-paid-more", &[("from", from.into()), ("to", to.into())]);
    let head = [view.text("member"), view.of_token("amount")];
    html! {
        figure {
            figcaption { (view.text("best-paid")) }
            (view.bars(&head[0], &head[1], &rows))
            @if !further.is_empty() { (view.figures(&more, &head, &further)) }
        }
    }
}
