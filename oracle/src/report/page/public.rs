//! The distribution as a whole, without members.

use maud::{Markup, html};

use super::View;
use super::headline::tile;
use crate::report::statistics::TopPlace;

pub(super) fn section(view: &View<'_>) -> Markup {
    let statistics = &view.report.statistics;
    let lifetime = view.report.lifetime();
    let row = |top: &TopPlace| {
        vec![top.place.to_string(), view.amount(top.amount), view.percent(top.share_ppm)]
    };
    let rows: Vec<_> = lifetime.top_100().iter().map(row).collect();
    let head = [view.text("place"), view.of_token("amount"), view.text("share")];
    html! {
        p { (view.text("statistics-lead")) }
        dl.tiles.small {
            (tile(&view.text("supply"), view.tile_tokens(statistics.supply), None))
            (tile(
                &view.text("active-wallets"), view.messages.number(statistics.active_wallets), None,
            ))
            (tile(&view.text("granted"), view.tile_tokens(statistics.granted), None))
            (tile(&view.text("burned"), view.tile_tokens(statistics.burned), None))
            (tile(&view.text("net"), view.tile_tokens(statistics.net()), Some(&view.text("net-hint"))))
            (tile(&view.text("lifetime-gini"), view.gini(lifetime.gini_ppm()), None))
        }
        @if !rows.is_empty() { (view.figures(&view.text("top-100"), &head, &rows)) }
    }
}
