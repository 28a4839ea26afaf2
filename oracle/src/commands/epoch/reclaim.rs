//! `stk-oracle epoch reclaim`: rent comes back from what is no longer used.

use clap::Args;
use serde_json::json;

use super::super::cluster::BundleArguments;
use super::super::{Opened, OutputFormat, logs};
use super::operator::{Operator, Reclaimed};
use super::{ClusterArguments, PayerArguments};
use crate::submit::ReleaseSummary;

/// Which cluster, and whose rent.
#[derive(Args, Debug)]
pub(in crate::commands) struct ReclaimArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
    #[command(flatten)]
    payer: PayerArguments,
    /// Close lookup tables that are in use too: the next claims make others.
    #[arg(long)]
    all: bool,
}

/// Gets rent back.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ReclaimArguments) -> anyhow::Result<()> {
    logs::start("warn", opened.output);
    let mint = arguments.bundles.mint(&opened.config)?;
    let chain = arguments.cluster.chain(&opened.config)?;
    let payer = arguments.payer.read(&opened.config)?;
    let operator = Operator::new(opened, (mint, chain, payer)).await?;
    let reclaimed = operator.reclaim(arguments.all).await;
    operator.release().await?;
    let Reclaimed { tables, proposals, lamports } = reclaimed?;
    let ReleaseSummary { deactivated, waiting, closed, .. } = tables;
    match opened.output {
        OutputFormat::Json => println!(
            "{}",
            json!({
                "tables_deactivated": deactivated,
                "tables_waiting": waiting,
                "tables_closed": closed,
                "proposals_closed": proposals,
                "lamports": lamports,
            })
        ),
        OutputFormat::Text => println!(
            "{deactivated} tables deactivated, {waiting} waiting until they can be closed, {closed} tables \
             and {proposals} proposals closed: {lamports} lamports came back"
        ),
    }
    Ok(())
}
