//! Epoch by epoch: what was granted, to how many, and how equally.

use maud::{Markup, html};

use super::View;
use super::chart::{self, Column};
use crate::report::data::PastEpoch;
use crate::report::statistics::{WHOLE_PPM, part_ppm};

/// Epochs in a picture: two years of weeks, a column of three pixels on a phone.
const MOST: usize = 104;

/// One series: its name's id, its value in an epoch, how that is written, and what fills the
/// height if not the greatest value.
struct Series {
    id: &'static str,
    value: fn(&PastEpoch) -> u64,
    write: fn(&View<'_>, u64) -> String,
    whole: Option<u64>,
}

const SERIES: [Series; 3] = [
    Series {
        id: "trend-granted",
        value: |epoch| epoch.granted,
        write: |view, value| view.amount(value),
        whole: None,
    },
    Series {
        id: "trend-members",
        value: |epoch| epoch.members_paid,
        write: |view, value| view.messages.number(value),
        whole: None,
    },
    Series {
        id: "trend-gini",
        value: |epoch| epoch.gini_ppm.into(),
        write: |view, value| view.gini(u32::try_from(value).unwrap_or(WHOLE_PPM)),
        whole: Some(WHOLE_PPM as u64),
    },
];

pub(super) fn section(view: &View<'_>) -> Markup {
    if view.report.history.is_empty() {
        return html! { p { (view.text("trend-none")) } };
    }
    let mut epochs = view.report.history.clone();
    epochs.push(view.report.summary());
    let hidden = epochs.len().saturating_sub(MOST);
    let epochs = &epochs[hidden..];
    let head = std::iter::once(view.text("trend-epoch"));
    let head: Vec<_> = head.chain(SERIES.iter().map(|series| view.of_token(series.id))).collect();
    let row = |epoch: &PastEpoch| {
        let values = SERIES.iter().map(|series| (series.write)(view, (series.value)(epoch)));
        std::iter::once(epoch.epoch.to_string()).chain(values).collect()
    };
    let rows: Vec<_> = epochs.iter().rev().map(row).collect();
    html! {
        div.grid {
            @for series in &SERIES { (figure(view, series, epochs)) }
        }
        (view.figures(&view.text("figures-as-table"), &head, &rows))
    }
}

fn figure(view: &View<'_>, series: &Series, epochs: &[PastEpoch]) -> Markup {
    let values = || epochs.iter().map(series.value);
    let most = values().max().unwrap_or_default();
    let whole = series.whole.unwrap_or(most);
    let column = |epoch: &PastEpoch| {
        let value = (series.value)(epoch);
        let title = format!("{}: {}", epoch.epoch, (series.write)(view, value));
        Column { ppm: part_ppm(value.into(), whole.into()), title }
    };
    let columns: Vec<_> = epochs.iter().map(column).collect();
    let name = view.of_token(series.id);
    let now = (series.write)(view, values().next_back().unwrap_or_default());
    html! {
        figure.trend {
            figcaption { (name) b { (now) } }
            p.limit aria-hidden="true" { (whole_name(view, series, whole)) }
            (chart::columns(&columns, &label(view, series, epochs)))
            div.ticks.below aria-hidden="true" {
                @for epoch in [epochs.first(), epochs.last()].into_iter().flatten() {
                    span { (epoch.epoch) }
                }
            }
        }
    }
}

/// What a column of the full height is.
fn whole_name(view: &View<'_>, series: &Series, whole: u64) -> String {
    if series.whole.is_none() { (series.write)(view, whole) } else { view.messages.number(1) }
}

/// The series in a sentence.
fn label(view: &View<'_>, series: &Series, epochs: &[PastEpoch]) -> String {
    let write = |value: Option<u64>| (series.write)(view, value.unwrap_or_default()).into();
    let values = || epochs.iter().map(series.value);
    let number = |epoch: Option<&PastEpoch>| epoch.map_or(0, |epoch| epoch.epoch).to_string();
    let arguments = [
        ("name", view.of_token(series.id).into()),
        ("from", number(epochs.first()).into()),
        ("to", number(epochs.last()).into()),
        ("first", write(values().next())),
        ("last", write(values().next_back())),
        ("least", write(values().min())),
        ("most", write(values().max())),
    ];
    view.message("trend-label", &arguments)
}
