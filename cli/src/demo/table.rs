//! A demo's report as people read it: the top members, then the totals.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle, presets};

use super::report::Report;
use crate::amount::{aligned_tokens, grouped, tokens};

/// A line under the header and nothing else.
const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
const LAMPORTS_PER_SOL_DECIMALS: u8 = 9;
/// Scores are shown in hundredths of a point.
const CENTI_POINTS_DECIMALS: u8 = 2;

impl Report {
    /// The whole report as text.
    pub(super) fn to_text(&self) -> String {
        format!("{}\n\n{}", self.top_table().trim_fmt(), self.totals().trim_fmt())
    }

    fn top_table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(RULED);
        table.set_header(["", "Member", "Contributions", "Score", &self.symbol, "Share"]);
        for (rank, (balance, member)) in (1..).zip(&self.top) {
            let supply = self.figures.supply_base_units.max(1);
            let permille = u128::from(*balance) * 1_000 / u128::from(supply);
            table.add_row([
                grouped(rank),
                member.external_id.clone(),
                grouped(member.contributions),
                aligned_tokens(member.micro_points / 10_000, CENTI_POINTS_DECIMALS),
                aligned_tokens(*balance, self.decimals),
                format!("{}.{} %", permille / 10, permille % 10),
            ]);
        }
        for column in [0, 2, 3, 4, 5] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn totals(&self) -> Table {
        let figures = &self.figures;
        let stk = |amount| format!("{} {}", tokens(amount, self.decimals), self.symbol);
        let sol = |lamports| format!("{} SOL", tokens(lamports, LAMPORTS_PER_SOL_DECIMALS));
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.add_row([
            "Events".into(),
            format!(
                "{} read, {} distinct, {} rejected",
                grouped(figures.events_read),
                grouped(figures.events_distinct),
                grouped(figures.events_rejected)
            ),
        ]);
        table.add_row([
            "Members".into(),
            format!("{}, {} of them paid", figures.members, figures.members_paid),
        ]);
        table.add_row([
            "Epochs".into(),
            format!(
                "{} attested by {} of {} oracles, finalized and claimed",
                figures.epochs, figures.threshold, figures.oracles
            ),
        ]);
        table.add_row(["Budget".into(), stk(figures.budget_base_units)]);
        table.add_row(["Allocated".into(), stk(figures.allocated_base_units)]);
        table.add_row(["Carried".into(), stk(figures.carried_base_units)]);
        table.add_row([
            "Supply".into(),
            format!("{}, read back from the chain", stk(figures.supply_base_units)),
        ]);
        table.add_row([
            "Claims".into(),
            format!(
                "{} transactions, up to {} members and {} bytes each, {} compute units a member",
                grouped(figures.claims.transactions),
                figures.claims.members_per_transaction_max,
                grouped(figures.claims.bytes_max as u64),
                grouped(figures.claims.compute_units_per_member)
            ),
        ]);
        table.add_row([
            "Fees".into(),
            format!(
                "{}: {} attesting, {} claiming, {} opening accounts",
                sol(self.fees.total),
                sol(self.fees.attest),
                sol(self.fees.claim),
                sol(self.fees.accounts)
            ),
        ]);
        table.add_row([
            "Rent".into(),
            format!("{} in deposits for members' and epochs' accounts", sol(self.fees.rent)),
        ]);
        table.add_row(["Root".to_owned(), figures.root.clone()]);
        table
    }
}
