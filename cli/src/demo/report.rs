//! What came of a demo: one JSON object, or a table for people.

use anyhow::{Context, ensure};
use serde::Serialize;
use system_token_chain::{get_balance, get_supply};
use system_token_oracle::segments::Receipt;
use system_token_oracle::store::MemberSum;
use system_token_oracle::submit::{Purpose, token_account_address};

use super::run::Run;
use crate::stopwatch::Stopwatch;

/// Members in the table.
const TOP: u32 = 10;

/// The figures of `--json`, in the order in which they are printed.
#[derive(Serialize)]
pub(super) struct Figures {
    pub(super) events_read: u64,
    pub(super) events_distinct: u64,
    pub(super) events_rejected: u64,
    pub(super) members: u32,
    pub(super) members_paid: u64,
    pub(super) epochs: u64,
    pub(super) budget_base_units: u64,
    pub(super) allocated_base_units: u64,
    pub(super) carried_base_units: u64,
    pub(super) minted_base_units: u64,
    pub(super) supply_base_units: u64,
    pub(super) oracles: usize,
    pub(super) threshold: u8,
    pub(super) root: String,
    pub(super) claims: Claims,
    seconds: Seconds,
}

#[derive(Serialize)]
pub(super) struct Claims {
    pub(super) transactions: u64,
    pub(super) members_per_transaction_max: usize,
    pub(super) compute_units_total: u64,
    pub(super) compute_units_per_member: u64,
    pub(super) bytes_max: usize,
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
    pub(super) figures: Figures,
    /// The members who earned most, each with the balance on the chain.
    pub(super) top: Vec<(u64, MemberSum)>,
    pub(super) symbol: String,
    pub(super) decimals: u8,
    pub(super) fees: Fees,
}

/// What the run cost, lamports; rent is a deposit that closing an account returns.
pub(super) struct Fees {
    pub(super) total: u64,
    pub(super) attest: u64,
    pub(super) claim: u64,
    pub(super) accounts: u64,
    pub(super) rent: u64,
}

impl Figures {
    /// Reads the figures back: sums from the store, minted and supply from the chain.
    ///
    /// # Errors
    /// When the chain's supply is not what was allocated.
    async fn collect(
        run: &Run<'_>,
        receipt: &Receipt,
        ingest: &Stopwatch,
        balances: &[u64],
    ) -> anyhow::Result<Self> {
        let sums = run.store.get_sums().await?;
        let distribution = run.submitter.distribution().await?;
        let supply = get_supply(run.submitter.chain(), &run.mint).await?;
        let minted = distribution.minted_total.get();
        ensure!(
            sums.allocated == minted && minted == supply,
            "allocated {}, minted {minted} and supply {supply} base units differ",
            sums.allocated
        );
        Ok(Self {
            events_read: receipt.read,
            events_distinct: receipt.appended,
            events_rejected: receipt.rejected,
            members: run.members.len(),
            members_paid: balances.iter().filter(|balance| **balance > 0).count() as u64,
            epochs: distribution.epoch.get(),
            budget_base_units: sums.budget,
            allocated_base_units: sums.allocated,
            carried_base_units: sums.carried,
            minted_base_units: minted,
            supply_base_units: supply,
            oracles: usize::from(distribution.oracle_count),
            threshold: distribution.threshold,
            root: distribution.root.iter().map(|byte| format!("{byte:02x}")).collect(),
            claims: Claims::collect(run),
            seconds: Seconds {
                ingest: ingest.seconds(),
                weigh: run.timings.weigh.seconds(),
                attest: run.timings.attest.seconds(),
                claim: run.timings.claim.seconds(),
            },
        })
    }
}

impl Claims {
    fn collect(run: &Run<'_>) -> Self {
        let claims = run.submitter.spending().of(Purpose::Claim);
        Self {
            transactions: claims.transactions,
            members_per_transaction_max: run.members_per_transaction_max,
            compute_units_total: claims.compute_units,
            compute_units_per_member: claims.compute_units / run.member_claims.max(1),
            bytes_max: claims.bytes_max,
        }
    }
}

impl Fees {
    async fn collect(run: &Run<'_>) -> anyhow::Result<Self> {
        let spending = run.submitter.spending();
        let of = |purpose| spending.of(purpose).fee_lamports;
        Ok(Self {
            total: spending.fee_lamports(),
            attest: of(Purpose::Attest) + of(Purpose::Finalize),
            claim: of(Purpose::Claim),
            accounts: of(Purpose::Accounts) + of(Purpose::TokenAccounts) + of(Purpose::Setup),
            rent: run.paid_lamports().await? - spending.fee_lamports(),
        })
    }
}

impl Report {
    /// Reads the results back: sums from the store, balances and supply from the chain.
    ///
    /// # Errors
    /// When the chain's supply is not what was allocated.
    pub(crate) async fn collect(
        run: &Run<'_>,
        receipt: &Receipt,
        ingest: &Stopwatch,
    ) -> anyhow::Result<Self> {
        let balances = balances(run).await?;
        let top = run.store.get_top_members(TOP).await?;
        let balance_of = |member: &MemberSum| balances.get(member.member_index as usize).copied();
        let top = top.into_iter().map(|member| (balance_of(&member).unwrap_or(0), member));
        let token = &run.policy.rules().token;
        Ok(Self {
            top: top.collect(),
            symbol: token.symbol.clone(),
            decimals: token.decimals,
            fees: Fees::collect(run).await?,
            figures: Figures::collect(run, receipt, ingest, &balances).await?,
        })
    }

    /// Prints the report to standard output.
    #[expect(clippy::print_stdout, reason = "this is the command's output")]
    pub(crate) fn print(&self, json: bool) -> anyhow::Result<()> {
        if json {
            println!("{}", serde_json::to_string(&self.figures).context("failed to print")?);
        } else {
            println!("{}", self.to_text());
        }
        Ok(())
    }
}

/// Every member's balance on the chain, base units, by index; 0 without a token account.
async fn balances(run: &Run<'_>) -> anyhow::Result<Vec<u64>> {
    let mut balances = Vec::new();
    for (index, _) in run.members.iter() {
        balances.push(match run.members.wallet(index) {
            Some(wallet) => {
                let account = token_account_address(&wallet, &run.mint);
                get_balance(run.submitter.chain(), &account).await?
            }
            None => 0,
        });
    }
    Ok(balances)
}
