//! What came of a demo: one JSON object, or a table for people.

use anyhow::{Context, ensure};
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle, presets};
use serde::Serialize;
use system_token_chain::{get_balance, get_supply};
use system_token_oracle::ingest::Import;
use system_token_oracle::store::MemberSum;
use system_token_oracle::submit::Purpose;

use super::community::THRESHOLD;
use super::run::Run;
use crate::amount::{aligned_tokens, grouped, tokens};
use crate::stopwatch::Stopwatch;

/// A line under the header and nothing else.
const RULED: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
/// Members in the table.
const TOP: u32 = 10;
const LAMPORTS_PER_SOL_DECIMALS: u8 = 9;
/// Scores are shown in hundredths of a point.
const CENTI_POINTS_DECIMALS: u8 = 2;

/// The figures of `--json`, in the order in which they are printed.
#[derive(Serialize)]
struct Figures {
    events_read: u64,
    events_distinct: u64,
    events_rejected: u64,
    members: u32,
    members_paid: u64,
    epochs: u64,
    budget_base_units: u64,
    allocated_base_units: u64,
    carried_base_units: u64,
    minted_base_units: u64,
    supply_base_units: u64,
    oracles: usize,
    threshold: u8,
    root: String,
    claims: Claims,
    seconds: Seconds,
}

#[derive(Serialize)]
struct Claims {
    transactions: u64,
    members_per_transaction_max: usize,
    compute_units_total: u64,
    compute_units_per_member: u64,
    bytes_max: usize,
}

#[derive(Serialize)]
struct Seconds {
    ingest: f64,
    weigh: f64,
    attest: f64,
    claim: f64,
}

/// Everything a demo has to say.
pub(crate) struct Report {
    figures: Figures,
    top: Vec<(MemberSum, u64)>,
    symbol: String,
    decimals: u8,
    fees: Fees,
}

/// What the run cost, lamports; rent is a deposit that closing an account returns.
struct Fees {
    total: u64,
    attest: u64,
    claim: u64,
    accounts: u64,
    rent: u64,
}

impl Report {
    /// Reads the results back: sums from the store, balances and supply from the chain.
    ///
    /// # Errors
    /// When the chain's supply is not what was allocated.
    pub(crate) async fn collect(
        run: &Run<'_>,
        import: &Import,
        ingest: &Stopwatch,
    ) -> anyhow::Result<Self> {
        let sums = run.store.get_sums().await?;
        let distribution = run.submitter.distribution().await?;
        let chain = run.submitter.chain();
        let supply = get_supply(chain, &run.mint).await?;
        let minted = distribution.minted_total.get();
        ensure!(
            sums.allocated == minted && minted == supply,
            "allocated {}, minted {minted} and supply {supply} base units differ",
            sums.allocated
        );
        let balances = balances(run).await?;
        let top = run.store.get_top_members(TOP).await?;
        let top = top
            .into_iter()
            .map(|member| {
                let balance = balances.get(member.member_index as usize).copied().unwrap_or(0);
                (member, balance)
            })
            .collect();
        let spending = run.submitter.spending();
        let claims = spending.of(Purpose::Claim);
        let rules = run.policy.rules();
        Ok(Self {
            figures: Figures {
                events_read: import.read,
                events_distinct: import.events.len() as u64,
                events_rejected: import.rejections.len() as u64,
                members: run.members.len(),
                members_paid: balances.iter().filter(|balance| **balance > 0).count() as u64,
                epochs: distribution.epoch.get(),
                budget_base_units: sums.budget,
                allocated_base_units: sums.allocated,
                carried_base_units: sums.carried,
                minted_base_units: minted,
                supply_base_units: supply,
                oracles: run.oracle_count(),
                threshold: THRESHOLD,
                root: run.root.iter().map(|byte| format!("{byte:02x}")).collect(),
                claims: Claims {
                    transactions: claims.transactions,
                    members_per_transaction_max: run.members_per_transaction_max,
                    compute_units_total: claims.compute_units,
                    compute_units_per_member: claims.compute_units / run.member_claims.max(1),
                    bytes_max: claims.bytes_max,
                },
                seconds: Seconds {
                    ingest: ingest.seconds(),
                    weigh: run.timings.weigh.seconds(),
                    attest: run.timings.attest.seconds(),
                    claim: run.timings.claim.seconds(),
                },
            },
            top,
            symbol: rules.token.symbol.clone(),
            decimals: rules.token.decimals,
            fees: Fees {
                total: spending.fee_lamports(),
                attest: spending.of(Purpose::Attest).fee_lamports
                    + spending.of(Purpose::Finalize).fee_lamports,
                claim: claims.fee_lamports,
                accounts: spending.of(Purpose::Accounts).fee_lamports
                    + spending.of(Purpose::Setup).fee_lamports,
                rent: run.paid_lamports().await? - spending.fee_lamports(),
            },
        })
    }

    /// Prints the report to standard output.
    #[expect(clippy::print_stdout, reason = "this is the command's output")]
    pub(crate) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", serde_json::to_string(&self.figures).context("failed to print")?);
        } else {
            println!("{}\n\n{}", self.top_table().trim_fmt(), self.totals().trim_fmt());
        }
        Ok(())
    }

    fn top_table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(RULED);
        table.set_header(["", "Member", "Contributions", "Score", &self.symbol, "Share"]);
        for (rank, (member, balance)) in (1..).zip(&self.top) {
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

/// Every member's balance on the chain, base units, by index; 0 without a token account.
async fn balances(run: &Run<'_>) -> anyhow::Result<Vec<u64>> {
    let mut balances = Vec::new();
    for (_, member) in run.members.iter() {
        balances.push(match &member.token_account {
            Some(account) => get_balance(run.submitter.chain(), account).await?,
            None => 0,
        });
    }
    Ok(balances)
}
