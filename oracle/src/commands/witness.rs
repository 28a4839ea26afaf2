//! `stk-oracle witness`: rebuilds every root from the published bundles.

use anyhow::{bail, ensure};
use clap::Args;
use serde_json::json;
use solana_address::Address;
use system_token_attestation::Hash;

use super::OutputFormat;
use super::cluster::{BundleArguments, FetchArguments};
use super::epoch::Closing;
use crate::bundles::{BundleFolder, Published};
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
    /// Members' wallets, by index, where the rules want token accounts made for them; else none.
    pub(super) wallets: Vec<Option<Address>>,
    /// What it came to.
    pub(super) closing: Closing,
}

impl Witnessed {
    /// Rebuilds the next epoch from its bundle.
    pub(super) fn next(
        folder: &BundleFolder,
        succession: &mut Succession,
        mint: &Address,
    ) -> anyhow::Result<Self> {
        let (published, closed) = witness(folder, succession, mint)?;
        let (members, rules) = (&published.bundle.members, published.bundle.policy.rules());
        let with_wallets = if rules.payout.create_token_accounts { members.len() } else { 0 };
        let wallets = (0..with_wallets).map(|member| members.wallet(member)).collect();
        let closing = Closing::of(&published.bundle, &closed);
        Ok(Self { bundle_hash: published.bundle.hash(), wallets, closing, closed })
    }
}

/// Rebuilds the next epoch from its bundle, and says where the published result differs.
pub(super) fn witness(
    folder: &BundleFolder,
    succession: &mut Succession,
    mint: &Address,
) -> anyhow::Result<(Published, ClosedEpoch)> {
    let (published, closed) = folder.follow(succession)?;
    let path = folder.path(closed.epoch);
    ensure!(
        published.mint == *mint,
        "{}: its members are paid in the mint {}, not in {mint}",
        path.display(),
        published.mint
    );
    if let Some(difference) = published.difference(&closed) {
        bail!("{}: {difference}. Do not sign it", path.display());
    }
    Ok((published, closed))
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
    let mint = arguments.bundles.mint(config)?;
    let mut closings = Vec::new();
    follow(&folder, mint, arguments.epoch, |witnessed| closings.push(witnessed.closing.clone()))?;
    match (output, closings.last()) {
        (OutputFormat::Text, Some(last)) => {
            println!("{} bundles give the roots that they say; {}", closings.len(), last.line());
        }
        _ => println!("{}", json!({ "epochs": closings })),
    }
    Ok(())
}

/// Follows the bundles from the first one to an epoch's, or to the last one.
pub(super) fn follow(
    folder: &BundleFolder,
    mint: Address,
    epoch: Option<u64>,
    mut each: impl FnMut(&Witnessed),
) -> anyhow::Result<Witnessed> {
    let last = folder.last_epoch();
    let to = epoch.unwrap_or(last);
    ensure!(to > 0, "there is no bundle: {} is not there", folder.path(1).display());
    ensure!(to <= last, "there is no bundle of epoch {to}: the last one is of epoch {last}");
    let mut succession = Succession::new(mint);
    loop {
        let witnessed = Witnessed::next(folder, &mut succession, &mint)?;
        each(&witnessed);
        if witnessed.closed.epoch == to {
            return Ok(witnessed);
        }
    }
}
