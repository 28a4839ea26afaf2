//! The report of an epoch as one HTML page.

mod chart;
mod contributions;
mod dimensions;
mod distribution;
mod document;
mod headline;
mod newcomers;
mod pools;
mod public;
mod trend;
mod view;

use maud::{Markup, html};

pub(super) use document::document;
pub(super) use headline::{period, policy, tile};
pub(super) use view::View;

use super::{CSV_FILE, STATISTICS_FILE};

/// A section: what links to it, its title's id, and what draws it.
type Section = (&'static str, &'static str, fn(&View<'_>) -> Markup);

const SECTIONS: [Section; 7] = [
    ("distribution", "distribution-title", distribution::section),
    ("pools", "pools-title", pools::section),
    ("contributions", "contributions-title", contributions::section),
    ("newcomers", "newcomers-title", newcomers::section),
    ("dimensions", "dimensions-title", dimensions::section),
    ("trend", "trend-title", trend::section),
    ("statistics", "statistics-title", public::section),
];

/// The whole page.
pub(super) fn page(view: &View<'_>) -> String {
    let body = html! {
        header.top { (headline::header(view)) }
        nav aria-label=(view.text("contents")) {
            ul { @for (id, title, _) in SECTIONS {
                li { a href={ "#" (id) } { (view.text(title)) } }
            } }
        }
        main {
            @for (id, title, draw) in SECTIONS {
                section id=(id) aria-labelledby={ (id) "-title" } {
                    h2 id={ (id) "-title" } { (view.text(title)) }
                    (draw(view))
                }
            }
        }
        footer { p { (files(view)) } }
    };
    document(view.messages, &headline::title(view), &body)
}

/// The sentence about the exact figures, with links to their files in it.
fn files(view: &View<'_>) -> Markup {
    // The names of the files are marked with what no text has, and become links.
    const MARK: char = '\u{1}';
    let marked = |name: &str| format!("{MARK}{name}{MARK}").into();
    let arguments = [("csv", marked(CSV_FILE)), ("json", marked(STATISTICS_FILE))];
    let sentence = view.message("exact", &arguments);
    html! {
        @for part in sentence.split(MARK) {
            @if part == CSV_FILE || part == STATISTICS_FILE { a href=(part) { (part) } }
            @else { (part) }
        }
    }
}
