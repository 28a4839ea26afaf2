//! `stk-oracle epoch sign`.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use serde_json::json;
use system_token_interface::distribution_address;

use super::super::OutputFormat;
use super::EpochArguments;
use crate::config::Config;
use crate::epoch::{OracleKey, SignedEpoch};

/// Which epoch is signed, and by whom.
#[derive(Args, Debug)]
pub(in crate::commands) struct SignArguments {
    #[command(flatten)]
    epoch: EpochArguments,
    /// The version of the oracle set on chain, which `stk status` shows: a signature is for one alone.
    #[arg(long, value_name = "N")]
    oracle_set_version: u32,
    /// The oracle's key, a file as solana-keygen writes it that only its owner can read.
    #[arg(long, value_name = "FILE", env = "STK_ORACLE_KEYPAIR")]
    keypair: PathBuf,
}

/// Rebuilds the root from the bundles, and signs it only if it is what the bundle says.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(
    config: &Config,
    output: OutputFormat,
    arguments: &SignArguments,
) -> anyhow::Result<()> {
    let key = OracleKey::read(&arguments.keypair)?;
    let (folder, mint, witnessed) = arguments.epoch.witness(config)?;
    ensure!(arguments.oracle_set_version > 0, "oracle sets are counted from 1: see `stk status`");
    let distribution = distribution_address(&mint).0;
    let (version, bundle_hash) = (arguments.oracle_set_version, witnessed.bundle_hash);
    let attestation = witnessed.closed.attestation(&distribution, version, bundle_hash);
    let signed = SignedEpoch::new(&attestation, &key.sign(&attestation));
    let path = folder.keep_signature(&signed)?;
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
