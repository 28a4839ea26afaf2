//! `stk-oracle epoch status`.

use clap::Args;
use serde::Serialize;
use serde_json::json;
use system_token_attestation::Attestation;
use system_token_interface::distribution_address;

use super::super::{Opened, OutputFormat};
use super::{ClusterArguments, EpochArguments};
use crate::bundles::BundleFolder;
use crate::submit::{Standing, read_distribution};

/// Which epoch, and which cluster.
#[derive(Args, Debug)]
pub(in crate::commands) struct StatusArguments {
    #[command(flatten)]
    epoch: EpochArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
}

/// Who has signed, beside the bundle.
#[derive(Serialize)]
struct Signer {
    oracle: String,
    /// Whether it is one of the set in force, over this very result.
    counts: bool,
    /// Why it does not.
    reason: Option<String>,
}

/// Says how far an epoch has come: its bundle, the signatures beside it, and the chain.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &StatusArguments) -> anyhow::Result<()> {
    let (folder, mint, witnessed) = arguments.epoch.witness(&opened.config)?;
    let chain = arguments.cluster.chain(&opened.config)?;
    let address = distribution_address(&mint).0;
    let distribution = read_distribution(&chain, &address).await?;
    let version = distribution.oracle_set_version.get();
    let attestation = witnessed.closed.attestation(&address, version, witnessed.bundle_hash);
    let standing = Standing::read(&chain, &attestation).await?;
    let set: Vec<_> = distribution.oracle_set().map(|oracle| oracle.to_string()).collect();
    let signers = signers(&folder, &attestation, &set)?;
    let closing = &witnessed.closing;
    let sums = opened.log.store().get_outbox_sums(&mint.to_string(), attestation.epoch).await?;
    let budget = opened.config.submit.epoch_lamports;
    match opened.output {
        OutputFormat::Json => println!(
            "{}",
            json!({
                "bundle": closing,
                "oracle_set_version": version,
                "threshold": distribution.threshold,
                "signatures": signers,
                "state": standing.key(),
                "waiting": standing.is_waiting(),
                "landed": sums.landed,
                "on_their_way": sums.open,
                "expired": sums.expired,
                "spent_lamports": sums.lamports,
                "budget_lamports": budget,
            })
        ),
        OutputFormat::Text => {
            println!("{}", closing.line());
            for Signer { oracle, reason, .. } in &signers {
                match reason {
                    None => println!("signed by {oracle}"),
                    Some(reason) => println!("not counted: {reason}"),
                }
            }
            println!("on chain: {standing}");
            println!(
                "spent: {} of {budget} lamports, in {} transactions",
                sums.lamports, sums.landed
            );
        }
    }
    Ok(())
}

fn signers(
    folder: &BundleFolder,
    attestation: &Attestation,
    set: &[String],
) -> anyhow::Result<Vec<Signer>> {
    let mut signers = Vec::new();
    for signed in folder.signatures(attestation.epoch)? {
        signers.push(match signed {
            Ok(signed) => {
                let oracle = signed.oracle.clone();
                let reason = match signed.verify(attestation) {
                    Err(error) => Some(error.to_string()),
                    Ok(_) if !set.contains(&oracle) => {
                        Some(format!("{oracle} is not of the oracle set in force"))
                    }
                    Ok(_) => None,
                };
                Signer { oracle, counts: reason.is_none(), reason }
            }
            Err(error) => {
                Signer { oracle: String::new(), counts: false, reason: Some(error.to_string()) }
            }
        });
    }
    Ok(signers)
}
