//! `stk-oracle witness`: rebuilds every root from the published bundles.

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::json;
use solana_address::Address;
use system_token_attestation::Hash;

use super::OutputFormat;
use super::epoch::{BundleArguments, Closing, FetchArguments};
use crate::bundles::BundleFolder;
use crate::config::Config;
use crate::epoch::{ClosedEpoch, Succession};

/// Which bundles are witnessed.
#[derive(Args, Debug)]
pub(super) struct WitnessArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    fetch: FetchArguments,
    /// The last epoch that is witnessed; without it the last one with a bundle.
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
}

/// An epoch whose bundle gives what it says.
pub(super) struct Witnessed {
    pub(super) closed: ClosedEpoch,
    pub(super) bundle_hash: Hash,
    /// What those before it and it came to.
    closings: Vec<Closing>,
}

impl Witnessed {
    /// What the epoch came to.
    pub(super) fn closing(&self) -> Option<&Closing> {
        self.closings.last()
    }
}

/// Follows the bundles, and prints what they come to.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(
    config: &Config,
    output: OutputFormat,
    arguments: &WitnessArguments,
) -> anyhow::Result<()> {
    let folder = arguments.bundles.folder(config);
    arguments.fetch.fetch(&folder).await?;
    let Witnessed { closings, .. } = follow(&folder, arguments.bundles.mint, arguments.epoch)?;
    match (output, closings.last()) {
        (OutputFormat::Text, Some(last)) => {
            println!("{} bundles give the roots that they say; {}", closings.len(), last.line());
        }
        _ => println!("{}", json!({ "epochs": closings })),
    }
    Ok(())
}

/// Follows the bundles from the first one to an epoch's, or to the last one, and says where a published
/// result differs.
pub(super) fn follow(
    folder: &BundleFolder,
    mint: Address,
    epoch: Option<u64>,
) -> anyhow::Result<Witnessed> {
    let last = folder.last_epoch();
    let to = epoch.unwrap_or(last);
    ensure!(to > 0, "there is no bundle: {} is not there", folder.path(1).display());
    ensure!(to <= last, "there is no bundle of epoch {to}: the last one is of epoch {last}");
    let mut succession = Succession::new(mint);
    let mut closings = Vec::new();
    loop {
        let (published, closed) = folder.follow(&mut succession)?;
        let path = folder.path(closed.epoch);
        ensure!(
            published.mint == mint,
            "{}: its members are paid in the mint {}, not in {mint}",
            path.display(),
            published.mint
        );
        if let Some(difference) = published.difference(&closed) {
            bail!("{}: {difference}. Do not sign it", path.display());
        }
        closings.push(Closing::of(&published.bundle, &closed));
        if closed.epoch == to {
            return Ok(Witnessed { closed, bundle_hash: published.bundle.hash(), closings });
        }
    }
}
