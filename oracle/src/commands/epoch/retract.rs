//! `stk-oracle epoch retract`: a bundle that was vetoed is set aside, so that another one takes its epoch.

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::json;
use system_token_interface::distribution_address;

use super::super::{Opened, OutputFormat};
use super::operator::take_lease;
use super::{ClusterArguments, EpochArguments};
use crate::submit::{Standing, read_distribution};

/// Which epoch, and which cluster says that it was vetoed.
#[derive(Args, Debug)]
pub(in crate::commands) struct RetractArguments {
    #[command(flatten)]
    epoch: EpochArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
}

/// Sets the last bundle aside, if the guardian vetoed it.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &RetractArguments) -> anyhow::Result<()> {
    let (folder, mint, witnessed) = arguments.epoch.witness(&opened.config)?;
    let (epoch, last) = (witnessed.closed.epoch, folder.last_epoch());
    for later in epoch + 1..=last {
        ensure!(
            folder.signatures(later)?.is_empty(),
            "epoch {later} was signed already, on top of epoch {epoch}: change the oracle set first, which \
             voids what was signed"
        );
    }
    let chain = arguments.cluster.chain(&opened.config)?;
    let address = distribution_address(&mint).0;
    let version = read_distribution(&chain, &address).await?.oracle_set_version.get();
    let attestation = witnessed.closed.attestation(&address, version, witnessed.bundle_hash);
    match Standing::read(&chain, &attestation).await? {
        Standing::Vetoed => {}
        standing => bail!("epoch {epoch} was not vetoed, and stays: {standing}"),
    }
    let lease = take_lease(opened, &mint).await?;
    let mut aside = Vec::new();
    for epoch in (epoch..=last).rev() {
        aside.push(folder.retract(epoch)?);
        opened.log.store().delete_epoch(epoch).await?;
    }
    lease.release().await?;
    match opened.output {
        OutputFormat::Json => println!("{}", json!({ "epoch": epoch, "set_aside": aside })),
        OutputFormat::Text => {
            for bundle in &aside {
                println!("set aside: {}", bundle.display());
            }
            println!(
                "`stk-oracle epoch close` closes epoch {epoch} anew, over what is known by now"
            );
        }
    }
    Ok(())
}
