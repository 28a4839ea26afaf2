//! `stk-oracle witness`: rebuilds every root from the published bundles.

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::json;

use super::OutputFormat;
use super::epoch::{BundleArguments, Closing};
use crate::config::Config;
use crate::epoch::Succession;

/// Which bundles are witnessed.
#[derive(Args, Debug)]
pub(super) struct WitnessArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    /// The last epoch that is witnessed; without it the last one with a bundle.
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
}

/// Follows the bundles from the first one on, and says where a published result differs.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(
    config: &Config,
    output: OutputFormat,
    arguments: &WitnessArguments,
) -> anyhow::Result<()> {
    let folder = arguments.bundles.folder(config);
    let last = folder.last_epoch();
    let to = arguments.epoch.unwrap_or(last);
    ensure!(to > 0, "there is no bundle: {} is not there", folder.path(1).display());
    ensure!(to <= last, "there is no bundle of epoch {to}: the last one is of epoch {last}");
    let mint = arguments.bundles.mint;
    let mut succession = Succession::new(mint);
    let mut closings = Vec::new();
    while succession.epoch() < to {
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
    }
    match (output, closings.last()) {
        (OutputFormat::Text, Some(last)) => {
            println!("{} bundles give the roots that they say; {}", closings.len(), last.line());
        }
        _ => println!("{}", json!({ "epochs": closings })),
    }
    Ok(())
}
