//! The pools: what each had, what it gave, and what it carries on.

use maud::{Markup, html};

use super::View;
use super::chart;
use crate::report::data::PoolRow;
use crate::report::statistics::part_ppm;

pub(super) fn section(view: &View<'_>) -> Markup {
    let pools = &view.report.pools;
    let available = |pool: &PoolRow| u128::from(pool.share) + u128::from(pool.carried_in);
    let most = pools.iter().map(available).max().unwrap_or_default();
    html! {
        p { (view.text("pools-lead")) }
        ul.legend aria-hidden="true" {
            li.fill { (view.text("pool-allocated")) }
            li.kept { (view.text("pool-carried-out")) }
        }
        div.grid {
            @for pool in pools { (figure(view, pool, most)) }
        }
    }
}

fn figure(view: &View<'_>, pool: &PoolRow, most: u128) -> Markup {
    let part = |amount: u64| part_ppm(amount.into(), most);
    let rows = [
        ("pool-share", pool.share),
        ("pool-carried-in", pool.carried_in),
        ("pool-spendable", pool.spendable),
        ("pool-allocated", pool.allocated),
        ("pool-carried-out", pool.carried_out),
    ];
    html! {
        figure {
            figcaption { (pool.name) }
            (chart::stacked(&[(part(pool.allocated), "fill"), (part(pool.carried_out), "kept")]))
            table.figures {
                thead.unseen { tr {
                    th scope="col" { (pool.name) }
                    th scope="col" { (view.of_token("amount")) }
                } }
                tbody {
                    @for (name, amount) in rows {
                        tr.strong[name == "pool-allocated"] {
                            th scope="row" { (view.text(name)) }
                            td.number { (view.amount(amount)) }
                        }
                    }
                }
            }
        }
    }
}
