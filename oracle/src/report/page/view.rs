//! What the sections of a page share: the report, its language, and how its figures are written.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::identity::MemberIndex;
use crate::language::{FluentValue, Messages};
use crate::report::data::{EpochReport, Token};
use crate::report::statistics::part_ppm;

/// Decimal places of an amount on a page, at most.
const PLACES: u8 = 2;

/// A report in one language.
pub(in crate::report) struct View<'a> {
    pub(in crate::report) report: &'a EpochReport,
    pub(in crate::report) messages: &'a Messages,
    labels: HashMap<MemberIndex, &'a str>,
}

/// A row of a table whose bars make it a chart.
pub(super) struct BarRow {
    /// What it is about.
    pub(super) label: Markup,
    /// Its figure.
    pub(super) value: String,
    /// Its picture.
    pub(super) bar: Markup,
}

impl<'a> View<'a> {
    pub(in crate::report) fn new(report: &'a EpochReport, messages: &'a Messages) -> Self {
        let members = report.members.iter();
        let labels = members.map(|member| (member.member, member.label.as_str())).collect();
        Self { report, messages, labels }
    }

    pub(in crate::report) fn token(&self) -> &'a Token {
        &self.report.token
    }

    pub(in crate::report) fn text(&self, id: &str) -> String {
        self.messages.text(id)
    }

    pub(in crate::report) fn message(
        &self,
        id: &str,
        arguments: &[(&str, FluentValue<'_>)],
    ) -> String {
        self.messages.message(id, arguments)
    }

    /// A message that names the token.
    pub(in crate::report) fn of_token(&self, id: &str) -> String {
        self.message(id, &[("symbol", self.token().symbol.as_str().into())])
    }

    /// An amount, rounded.
    pub(in crate::report) fn amount(&self, base_units: impl Into<i128>) -> String {
        self.messages.rounded(base_units, self.token().decimals, PLACES)
    }

    /// A difference between amounts, rounded.
    pub(super) fn change(&self, base_units: impl Into<i128>) -> String {
        self.messages.change(base_units, self.token().decimals, PLACES)
    }

    /// An amount, rounded, with the token's symbol, as in a sentence.
    pub(in crate::report) fn tokens(&self, base_units: impl Into<i128>) -> String {
        let amount = self.short(base_units.into());
        let symbol = self.token().symbol.as_str();
        self.message("tokens", &[("amount", amount.into()), ("symbol", symbol.into())])
    }

    /// The same for a tile, where the symbol is smaller.
    pub(super) fn tile_tokens(&self, base_units: impl Into<i128>) -> Markup {
        html! { (self.short(base_units.into())) " " span.unit { (self.token().symbol) } }
    }

    /// Without places where the amount is of whole tokens.
    fn short(&self, base_units: i128) -> String {
        let decimals = self.token().decimals;
        let one = 10i128.checked_pow(decimals.into()).unwrap_or(i128::MAX);
        let places = if base_units % one == 0 { 0 } else { PLACES };
        self.messages.rounded(base_units, decimals, places)
    }

    pub(super) fn percent(&self, ppm: u32) -> String {
        self.messages.percent(ppm, 1)
    }

    /// A part of the epoch's amounts, in percent.
    pub(super) fn of_epoch(&self, base_units: u128) -> String {
        self.percent(part_ppm(base_units, self.report.statistics.granted.into()))
    }

    /// A Gini coefficient: "0.624".
    pub(super) fn gini(&self, ppm: u32) -> String {
        self.messages.rounded(ppm, 6, 3)
    }

    /// What the public calls a member.
    pub(super) fn label(&self, member: MemberIndex) -> &'a str {
        self.labels.get(&member).copied().unwrap_or_default()
    }

    /// A table with a bar in each row: the figures and their picture are one thing.
    pub(super) fn bars(&self, label: &str, value: &str, rows: &[BarRow]) -> Markup {
        html! {
            table.bars {
                thead { tr {
                    th scope="col" { (label) }
                    th.number scope="col" { (value) }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.label) }
                            td { (row.value) (row.bar) }
                        }
                    }
                }
            }
        }
    }

    /// A table without pictures, closed until somebody wants it; the first column names the rows.
    pub(super) fn figures(&self, summary: &str, head: &[String], rows: &[Vec<String>]) -> Markup {
        html! {
            details {
                summary { (summary) }
                table.figures {
                    thead { tr {
                        @for (i, name) in head.iter().enumerate() {
                            th.number[i > 0] scope="col" { (name) }
                        }
                    } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (i, cell) in row.iter().enumerate() {
                                    @if i == 0 { th scope="row" { (cell) } }
                                    @else { td.number { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
