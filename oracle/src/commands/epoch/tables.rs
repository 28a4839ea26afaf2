//! `stk-oracle epoch tables`: lookup tables, and the rent of those that nobody uses.

use clap::Args;
use serde_json::json;

use super::super::cluster::BundleArguments;
use super::super::{Opened, OutputFormat, logs};
use super::operator::Operator;
use super::{ClusterArguments, PayerArguments};
use crate::submit::ReleaseSummary;

/// Which tables.
#[derive(Args, Debug)]
pub(in crate::commands) struct TablesArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
    #[command(flatten)]
    payer: PayerArguments,
    /// Give back those that are in use too: the next claims make others.
    #[arg(long)]
    all: bool,
}

/// Gives back the rent of tables that are no longer used.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &TablesArguments) -> anyhow::Result<()> {
    logs::start("warn", opened.output);
    let mint = arguments.bundles.mint(&opened.config)?;
    let chain = arguments.cluster.chain(&opened.config)?;
    let payer = arguments.payer.read(&opened.config)?;
    let operator = Operator::new(opened, (mint, chain, payer)).await?;
    let released = operator.release_tables(arguments.all).await;
    operator.release().await?;
    let ReleaseSummary { deactivated, waiting, closed, lamports } = released?;
    match opened.output {
        OutputFormat::Json => println!(
            "{}",
            json!({
                "deactivated": deactivated,
                "waiting": waiting,
                "closed": closed,
                "lamports": lamports,
            })
        ),
        OutputFormat::Text => println!(
            "{deactivated} tables deactivated, {waiting} waiting until they can be closed, {closed} closed: \
             {lamports} lamports came back"
        ),
    }
    Ok(())
}
