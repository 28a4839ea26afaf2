//! What would change, for people.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use super::id_of;
use crate::epoch::{BySide, Comparison};
use crate::identity::Members;
use crate::language::{Language, Messages, Texts};
use crate::policy::Policy;

/// Decimals that amounts are shown with.
const PLACES: u8 = 2;

/// The comparison as text; of the members those whose amounts change most.
pub(super) fn render(
    comparison: &Comparison,
    policies: [&Policy; 2],
    members: &Members,
    top: usize,
) -> anyhow::Result<String> {
    let numbers = Messages::new(Language::En, &Texts { en: "", ru: "" })?;
    let amounts = Amounts { numbers, decimals: policies[0].rules().token.decimals };
    let [rules, others] = policies.map(Policy::rules);
    let (from, to) = comparison.epochs.clone().into_inner();
    let mut text = format!(
        "Epochs {from} to {to}, {}: before by \"{}\" version {}, after by \"{}\" version {}.\n",
        rules.token.symbol, rules.name, rules.version, others.name, others.version
    );
    let pools = comparison.pools.iter().map(|(name, pool)| (name.as_str(), *pool));
    let sums = [
        ("all pools", comparison.granted(false)),
        ("budget", comparison.budget),
        ("carried on", comparison.carried),
        ("to newcomers", comparison.granted(true)),
    ];
    let mut table = table(["", "Before", "After", "Change"]);
    for (name, amount) in pools.chain(sums) {
        let [before, after, change] = amounts.row(amount);
        table.add_row([name.to_owned(), before, after, change]);
    }
    writeln!(text, "\n{}", table.trim_fmt())?;
    let count = |is: fn(i128) -> bool| comparison.changes().filter(|change| is(*change)).count();
    let (gaining, losing) = (count(i128::is_positive), count(i128::is_negative));
    let same = comparison.members.len() - gaining - losing;
    writeln!(text, "\n{gaining} members gain, {losing} lose, {same} are granted the same.")?;
    write!(text, "\n{}", amounts.members(comparison, members, top).trim_fmt())?;
    Ok(text)
}

/// How amounts are written.
struct Amounts {
    numbers: Messages,
    decimals: u8,
}

impl Amounts {
    fn row(&self, amount: BySide) -> [String; 3] {
        let rounded = |units: u64| self.numbers.rounded(units, self.decimals, PLACES);
        let change = self.numbers.change(amount.change(), self.decimals, PLACES);
        [rounded(amount.before), rounded(amount.after), change]
    }

    /// The members whose amounts change most, who gains most in front.
    fn members(&self, comparison: &Comparison, members: &Members, top: usize) -> Table {
        let mut most: Vec<_> = comparison.members.iter().collect();
        most.sort_by_key(|change| std::cmp::Reverse(change.granted.change().unsigned_abs()));
        most.truncate(top);
        most.sort_by_key(|change| std::cmp::Reverse(change.granted.change()));
        let mut table = table(["Member", "Before", "After", "Change", "Rank"]);
        for change in most {
            let [before, after, difference] = self.row(change.granted);
            let mark = if change.is_newcomer { " (new)" } else { "" };
            table.add_row([
                format!("{} {}{mark}", change.member, id_of(members, change.member)),
                before,
                after,
                difference,
                format!("{} → {}", change.rank.before, change.rank.after),
            ]);
        }
        table
    }
}

fn table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
