//! `stk-oracle epoch sign`.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;
use system_token_attestation::Attestation;
use system_token_interface::distribution_address;

use super::super::cluster::FetchArguments;
use super::super::{OutputFormat, logs};
use super::EpochArguments;
use super::key::KeyArguments;
use crate::bundles::BundleFolder;
use crate::config::Config;
use crate::epoch::{OracleKey, SignedEpoch};

/// Which epoch is signed, and by whom.
#[derive(Args, Debug)]
pub(in crate::commands) struct SignArguments {
    #[command(flatten)]
    epoch: EpochArguments,
    #[command(flatten)]
    fetch: FetchArguments,
    /// The version of the oracle set on chain, which `stk status` shows: a signature is for one alone.
    #[arg(long, value_name = "N")]
    oracle_set_version: u32,
    #[command(flatten)]
    key: KeyArguments,
}

/// Rebuilds the root from the bundles, and signs it only if it is what the bundle says.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(
    config: &Config,
    output: OutputFormat,
    arguments: &SignArguments,
) -> anyhow::Result<()> {
    logs::start("warn", output);
    let key = arguments.key.open(config)?;
    arguments.fetch.fetch(&arguments.epoch.bundles.folder(config)).await?;
    let (folder, mint, witnessed) = arguments.epoch.witness(config)?;
    ensure!(arguments.oracle_set_version > 0, "oracle sets are counted from 1: see `stk status`");
    let distribution = distribution_address(&mint).0;
    let (version, bundle_hash) = (arguments.oracle_set_version, witnessed.bundle_hash);
    let attestation = witnessed.closed.attestation(&distribution, version, bundle_hash);
    let (signed, path) = sign(&folder, &key, &attestation).await?;
    match output {
        OutputFormat::Text => println!(
            "{} signed epoch {}, digest {}: {}",
            signed.oracle,
            signed.epoch,
            signed.digest,
            path.display()
        ),
        OutputFormat::Json => println!("{}", json!({ "signed": signed, "file": path })),
    }
    Ok(())
}

/// An oracle's signature over an attestation, beside its bundle. What is signed is signed: a command that
/// signs once, or otherwise each time, is not asked again.
pub(in crate::commands) async fn sign(
    folder: &BundleFolder,
    key: &OracleKey,
    attestation: &Attestation,
) -> anyhow::Result<(SignedEpoch, PathBuf)> {
    let signed = match folder.signature_of(attestation, &key.address()) {
        Some(signed) => signed,
        None => {
            let signature = key.sign(attestation).await.context("failed to sign")?;
            let signed = SignedEpoch::new(attestation, &signature);
            tracing::info!(epoch = signed.epoch, digest = signed.digest, "an epoch is signed");
            signed
        }
    };
    let path = folder.keep_signature(&signed)?;
    Ok((signed, path))
}
