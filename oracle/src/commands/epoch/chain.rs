//! `stk-oracle epoch submit` and `epoch claim`: what is signed goes to the chain, and members are paid.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use system_token_attestation::Attestation;
use system_token_chain::RpcChain;
use system_token_interface::distribution_address;
use system_token_interface::instructions::OracleSignature;

use super::super::witness::Witnessed;
use super::super::{OutputFormat, TryLater};
use super::{ClusterArguments, Opened};
use crate::bundles::BundleFolder;
use crate::config::Config;
use crate::keypair::read_keypair;
use crate::submit::{ClaimSummary, Standing, Submitter, page_count};

/// Which epoch, which cluster, and who pays.
#[derive(Args, Debug)]
pub(in crate::commands) struct ChainArguments {
    #[command(flatten)]
    cluster: ClusterArguments,
    /// Who pays fees and rent: a file as solana-keygen writes it that only its owner can read.
    #[arg(long, short, value_name = "FILE", env = "STK_KEYPAIR")]
    keypair: PathBuf,
}

impl ChainArguments {
    fn submitter(&self) -> anyhow::Result<Submitter<RpcChain>> {
        let payer = read_keypair(&self.keypair)?;
        Ok(Submitter::new(self.cluster.chain(), payer, self.cluster.bundles.mint))
    }
}

/// Sends what oracles signed, and installs the epoch when its window is over.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn submit(
    config: &Config,
    output: OutputFormat,
    arguments: &ChainArguments,
) -> anyhow::Result<()> {
    let (folder, witnessed) = arguments.cluster.witness(config)?;
    let Witnessed { closed, bundle_hash, .. } = witnessed;
    let mut submitter = arguments.submitter()?;
    let distribution = submitter.distribution().await.context("failed to read the distribution")?;
    let version = distribution.oracle_set_version.get();
    let address = distribution_address(&arguments.cluster.bundles.mint).0;
    let attestation = closed.attestation(&address, version, bundle_hash);
    let signatures = signatures(&folder, &attestation)?;
    let standing = submitter.settle(&attestation, &signatures).await;
    let standing = standing.with_context(|| format!("failed to submit epoch {}", closed.epoch))?;
    let message = format!("epoch {}: {standing}", closed.epoch);
    match standing {
        Standing::Finalized if output == OutputFormat::Json => {
            let fee_lamports = submitter.spending().fee_lamports();
            println!(
                "{}",
                json!({ "epoch": closed.epoch, "finalized": true, "fee_lamports": fee_lamports })
            );
        }
        Standing::Finalized => println!("{message}"),
        waiting if waiting.is_waiting() => return Err(TryLater(message).into()),
        _ => bail!("{message}"),
    }
    Ok(())
}

/// The signatures over an attestation; tells of those that are not over it.
fn signatures(
    folder: &BundleFolder,
    attestation: &Attestation,
) -> anyhow::Result<Vec<OracleSignature>> {
    let mut valid = Vec::new();
    for signed in folder.signatures(attestation.epoch)? {
        let verified = signed.map_err(anyhow::Error::from).and_then(|signed| {
            let of_set = signed.oracle_set_version == attestation.oracle_set_version;
            of_set.then(|| signed.verify(attestation)).transpose().map_err(Into::into)
        });
        match verified {
            Ok(Some(signature)) => valid.push(signature),
            Ok(None) => {}
            Err(error) => eprintln!("stk-oracle: a signature is left out: {error:#}"),
        }
    }
    Ok(valid)
}

/// Pays every member to whom something is due.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn claim(opened: &Opened, arguments: &ChainArguments) -> anyhow::Result<()> {
    let (_, Witnessed { closed, .. }) = arguments.cluster.witness(&opened.config)?;
    let mut submitter = arguments.submitter()?;
    let distribution = submitter.distribution().await.context("failed to read the distribution")?;
    let (installed, epoch) = (distribution.epoch.get(), closed.epoch);
    if installed < epoch {
        return Err(TryLater(format!("epoch {epoch} is not installed: submit it first")).into());
    }
    if installed > epoch || distribution.root != closed.tree.root() {
        bail!("the chain has another root than that of epoch {epoch}: claim epoch {installed}");
    }
    let (store, mint) = (opened.log.store(), arguments.cluster.bundles.mint);
    for (page, table) in store.get_lookup_tables(&mint).await? {
        submitter.reuse_lookup_table(page, table).await?;
    }
    let mut summary = ClaimSummary::default();
    for page in 0..page_count(&closed.leaves) {
        let claimed = submitter.claim_page(&closed.tree, &closed.leaves, page).await;
        // A table that was made stays known, even when a claim failed after it.
        if let Some(table) = submitter.lookup_table_address(page) {
            store.put_lookup_table(&mint, page, &table, opened.log.clock().now_us()).await?;
        }
        summary += claimed.with_context(|| format!("failed to claim page {page}"))?;
    }
    let fee_lamports = submitter.spending().fee_lamports();
    let ClaimSummary { members, transactions, .. } = summary;
    match opened.output {
        OutputFormat::Text => println!(
            "epoch {epoch}: claimed for {members} members in {transactions} transactions, {fee_lamports} \
             lamports of fees"
        ),
        OutputFormat::Json => println!(
            "{}",
            json!({ "epoch": epoch, "members": members, "claims": transactions, "fee_lamports": fee_lamports })
        ),
    }
    Ok(())
}
