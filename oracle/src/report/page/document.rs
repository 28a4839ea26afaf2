//! What every page has: it is one file, asks nobody for anything, and runs nothing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::language::Messages;

/// The style of all pages.
const STYLE: &str = include_str!("style.css");
/// Forbids the browser what the page does not do: scripts, and anything from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// A whole page. Search engines are not to list it.
pub(in crate::report) fn document(messages: &Messages, title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(messages.language()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}
