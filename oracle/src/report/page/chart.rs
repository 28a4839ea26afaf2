//! Pictures without text: SVG whose lengths are percentages, so it is as wide as the screen has room,
//! while every label is HTML and keeps its size.
//!
//! A length is a part of the picture's width or height in ppm, an integer.

use maud::{Markup, html};

use crate::report::statistics::{LorenzPoint, WHOLE_PPM};

/// What is there is seen, however little it is.
const LEAST_PPM: u32 = 4_000;
/// Of a column's place, what stays empty beside it.
const GAP_PPM: u64 = 220_000;

/// A column of a row of columns.
pub(super) struct Column {
    /// Its height.
    pub(super) ppm: u32,
    /// What it says when it is pointed at.
    pub(super) title: String,
}

/// A bar on the track that the longest one fills.
pub(super) fn bar(ppm: u32) -> Markup {
    let ppm = if ppm == 0 { 0 } else { ppm.max(LEAST_PPM) };
    html! {
        svg.bar aria-hidden="true" focusable="false" {
            rect.track width="100%" height="100%" {}
            rect.fill width=(length(ppm)) height="100%" {}
        }
    }
}

/// Bars one after the other, each of a class of the style sheet.
pub(super) fn stacked(parts: &[(u32, &str)]) -> Markup {
    let mut from = 0;
    let mut placed = Vec::new();
    for (ppm, class) in parts.iter().filter(|(ppm, _)| *ppm > 0) {
        placed.push((from, (*ppm).max(LEAST_PPM), *class));
        from += ppm;
    }
    html! {
        svg.bar.parts aria-hidden="true" focusable="false" {
            @for (from, ppm, class) in placed {
                rect class=(class) x=(length(from)) width=(length(ppm)) height="100%" {}
            }
        }
    }
}

/// A bar to the right of the middle, or to the left; `ppm` is of half the width.
pub(super) fn diverging(ppm: u32, is_raised: bool) -> Markup {
    let middle = WHOLE_PPM / 2;
    let half = if ppm == 0 { 0 } else { (ppm / 2).max(LEAST_PPM / 2) };
    let (class, from) =
        if is_raised { ("raised", middle) } else { ("lowered", middle.saturating_sub(half)) };
    html! {
        svg.bar.diverging aria-hidden="true" focusable="false" {
            rect.track width="100%" height="100%" {}
            rect class=(class) x=(length(from)) width=(length(half)) height="100%" {}
            rect.axis x="50%" width="1" height="100%" {}
        }
    }
}

/// Columns from left to right; the last one is what the report is about.
pub(super) fn columns(columns: &[Column], label: &str) -> Markup {
    let place = u64::from(WHOLE_PPM) / u64::try_from(columns.len().max(1)).unwrap_or(1);
    let width = place - place * GAP_PPM / u64::from(WHOLE_PPM);
    let narrow = |ppm: u64| length(u32::try_from(ppm).unwrap_or(WHOLE_PPM));
    html! {
        svg.columns role="img" aria-label=(label) {
            @for (i, column) in (0u64..).zip(columns) {
                @let height = if column.ppm == 0 { 0 } else { column.ppm.max(LEAST_PPM) };
                @let is_last = i + 1 == u64::try_from(columns.len()).unwrap_or_default();
                rect class=(if is_last { "fill" } else { "past" })
                    x=(narrow(i * place)) width=(narrow(width))
                    y=(length(WHOLE_PPM.saturating_sub(height))) height=(length(height)) {
                    title { (column.title) }
                }
            }
        }
    }
}

/// A Lorenz curve and the diagonal of equality above it.
pub(super) fn lorenz(points: &[LorenzPoint], label: &str) -> Markup {
    // Downwards is more in SVG. A unit is 100 ppm.
    let place = |point: &LorenzPoint| {
        format!("{},{}", point.members_ppm / 100, (WHOLE_PPM - point.amount_ppm) / 100)
    };
    let curve = points.iter().map(place).collect::<Vec<_>>().join(" ");
    html! {
        svg.lorenz role="img" aria-label=(label) viewBox="0 0 10000 10000" preserveAspectRatio="none" {
            @for part in [2_500, 5_000, 7_500] {
                line.grid-line x1="0" x2="10000" y1=(part) y2=(part) {}
                line.grid-line y1="0" y2="10000" x1=(part) x2=(part) {}
            }
            polygon.between points=(format!("{curve} 10000,0")) {}
            line.equal x1="0" y1="10000" x2="10000" y2="0" {}
            polyline.curve points=(curve) {}
        }
    }
}

/// A length as SVG has it.
fn length(ppm: u32) -> String {
    format!("{}.{:04}%", ppm / 10_000, ppm % 10_000)
}
