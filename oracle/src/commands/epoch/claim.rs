//! `stk-oracle epoch claim`: members are paid.

use std::io::IsTerminal;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::super::witness::Witnessed;
use super::super::{Opened, OutputFormat, TryLater, logs};
use super::operator::{OperatorArguments, claimed_line};
use crate::submit::{ClaimPlan, ClaimSummary, Sender, Submitter};

/// Which epoch, which cluster, and who pays.
#[derive(Args, Debug)]
pub(in crate::commands) struct ClaimArguments {
    #[command(flatten)]
    operator: OperatorArguments,
    /// Send nothing: show whom it would pay, and what it would cost.
    #[arg(long)]
    dry_run: bool,
}

/// Pays every member to whom something is due.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ClaimArguments) -> anyhow::Result<()> {
    logs::start("warn", opened.output);
    let (_, witnessed, operator) = arguments.operator.open(opened, false).await?;
    let epoch = witnessed.closed.epoch;
    let result = claim(&operator.submitter, &witnessed, arguments.dry_run).await;
    let fee_lamports = operator.submitter.spending().fee_lamports();
    operator.release().await?;
    match (result?, opened.output) {
        (Done::Planned(plan), OutputFormat::Json) => {
            println!("{}", json!({ "epoch": epoch, "would": plan }));
        }
        (Done::Planned(plan), OutputFormat::Text) => println!("{}", plan_lines(epoch, &plan)),
        (Done::Claimed(claimed), OutputFormat::Text) => {
            println!("{}; {fee_lamports} lamports of fees", claimed_line(epoch, &claimed));
        }
        (Done::Claimed(ClaimSummary { members, transactions, unpayable, .. }), _) => println!(
            "{}",
            json!({
                "epoch": epoch,
                "members": members,
                "claims": transactions,
                "unpayable": unpayable,
                "fee_lamports": fee_lamports,
            })
        ),
    }
    Ok(())
}

/// What the command came to.
enum Done {
    Planned(ClaimPlan),
    Claimed(ClaimSummary),
}

async fn claim<S: Sender>(
    submitter: &Submitter<S>,
    Witnessed { closed, .. }: &Witnessed,
    dry_run: bool,
) -> anyhow::Result<Done> {
    let distribution = submitter.distribution().await.context("failed to read the distribution")?;
    let (installed, epoch) = (distribution.epoch.get(), closed.epoch);
    if installed < epoch {
        return Err(TryLater(format!("epoch {epoch} is not installed: submit it first")).into());
    }
    if installed > epoch || distribution.root != closed.tree.root() {
        bail!("the chain has another root than that of epoch {epoch}: claim epoch {installed}");
    }
    if distribution.paused != 0 && !dry_run {
        return Err(TryLater("the distribution is paused: nobody can be paid".to_owned()).into());
    }
    if dry_run {
        return Ok(Done::Planned(submitter.plan_claim(&closed.leaves).await?));
    }
    let progress = progress();
    let watch = |done: u32, count: u32| {
        progress.set_length(count.into());
        progress.set_position(done.into());
    };
    let claimed = submitter.claim_watched(&closed.tree, &closed.leaves, &watch).await;
    progress.finish_and_clear();
    let failed = || format!("failed to pay all members of epoch {epoch}; those who were are paid");
    Ok(Done::Claimed(claimed.with_context(failed)?))
}

/// Pages of members that are done, on a terminal.
fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} pages, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn plan_lines(epoch: u64, plan: &ClaimPlan) -> String {
    let mut lines = format!(
        "epoch {epoch}: would pay {} members in {} claims, beside {} other transactions: {} lamports of base \
         fees, and {} lamports of rent that stay in accounts; nothing is sent",
        plan.members,
        plan.claims,
        plan.other_transactions,
        plan.fee_lamports,
        plan.deposit_lamports
    );
    if plan.without_token_account > 0 {
        let missing = format!("\n{} members have no token account", plan.without_token_account);
        lines.push_str(&missing);
    }
    lines
}
