//! `stk-oracle epoch`: the steps from an epoch's end to its members' balances, one by one.

mod chain;
mod close;
mod key;
mod sign;
mod status;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use solana_address::Address;
use system_token_chain::{CommitmentLevel, RpcChain};

use super::witness::{self, Witnessed};
use super::{Opened, OutputFormat, TryLater};
use crate::bundles::{BundleFolder, BundleSource};
use crate::config::Config;
use crate::epoch::{Bundle, ClosedEpoch};
use crate::hex::hex;

/// A step of an epoch.
#[derive(Debug, Subcommand)]
pub(super) enum EpochCommand {
    /// Closes the epochs that have ended: weighs what was done, allocates their budgets, and writes a
    /// bundle with everything that other oracles need to come to the same root. Sound to repeat.
    Close(close::CloseArguments),
    /// Signs an epoch for the chain, if its bundle gives the root that it says. Sound to repeat; another
    /// result of the same epoch is never signed.
    Sign(sign::SignArguments),
    /// Sends the signatures that are beside the bundle, and installs the epoch when its challenge window
    /// is over. Sound to repeat.
    Submit(chain::ChainArguments),
    /// Pays every member to whom something is due. Sound to repeat: what was paid is due no more.
    Claim(chain::ChainArguments),
    /// Shows how far an epoch has come: its bundle, who has signed, and what the chain says.
    Status(ClusterArguments),
}

/// Runs a step.
pub(super) async fn run(
    config: Config,
    output: OutputFormat,
    command: &EpochCommand,
) -> anyhow::Result<()> {
    match command {
        EpochCommand::Close(arguments) => {
            close::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Sign(arguments) => sign::run(&config, output, arguments).await,
        EpochCommand::Submit(arguments) => chain::submit(&config, output, arguments).await,
        EpochCommand::Status(arguments) => status::run(&config, output, arguments).await,
        EpochCommand::Claim(arguments) => {
            chain::claim(&Opened::new(config, output).await?, arguments).await
        }
    }
}

/// Where bundles are, and what members are paid in.
#[derive(Args, Debug)]
pub(super) struct BundleArguments {
    /// The folder of bundles; without it the folder `bundles` among the configured data.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// The mint that members are paid in.
    #[arg(long, short, value_name = "ADDRESS", env = "STK_MINT")]
    pub(super) mint: Address,
}

/// Where bundles are fetched from.
#[derive(Args, Debug)]
pub(super) struct FetchArguments {
    /// Fetches what others have published before anything else: from a folder, https://HOST/PATH, or
    /// s3://BUCKET/PREFIX with the keys of the environment.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

impl FetchArguments {
    /// Fetches what follows a folder's last bundle, if that is wanted.
    pub(super) async fn fetch(&self, folder: &BundleFolder) -> anyhow::Result<()> {
        let Some(from) = &self.from else { return Ok(()) };
        let source = BundleSource::open(from)?;
        source.fetch_all(folder).await?;
        if folder.last_epoch() == 0 {
            return Err(TryLater(format!("{source} has no bundle of epoch 1 yet")).into());
        }
        Ok(())
    }
}

/// Which epoch, and which cluster.
#[derive(Args, Debug)]
pub(super) struct ClusterArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    /// The epoch; without it the last one with a bundle.
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
    /// The RPC URL of the cluster.
    #[arg(long, short, value_name = "URL", env = "STK_URL", hide_env_values = true)]
    url: String,
    /// How certain the chain must be: processed, confirmed or finalized.
    #[arg(long, value_name = "LEVEL", default_value = "finalized")]
    commitment: CommitmentLevel,
}

impl ClusterArguments {
    fn chain(&self) -> RpcChain {
        RpcChain::new(self.url.clone(), self.commitment)
    }

    /// The folder of bundles, and the epoch whose bundle gives what it says.
    fn witness(&self, config: &Config) -> anyhow::Result<(BundleFolder, Witnessed)> {
        let folder = self.bundles.folder(config);
        let witnessed = witness::follow(&folder, self.bundles.mint, self.epoch)?;
        Ok((folder, witnessed))
    }
}

impl BundleArguments {
    /// The folder of bundles.
    pub(super) fn folder(&self, config: &Config) -> BundleFolder {
        let folder = self.bundles.clone();
        BundleFolder::new(folder.unwrap_or_else(|| config.data_dir.join("bundles")))
    }
}

/// What an epoch came to, as it is printed.
#[derive(Serialize)]
pub(super) struct Closing {
    pub(super) epoch: u64,
    /// Events that came since the epoch before.
    events: usize,
    members: u32,
    /// Σ of all totals, base units.
    cumulative_total: u64,
    root: String,
    bundle_hash: String,
}

impl Closing {
    pub(super) fn of(bundle: &Bundle, closed: &ClosedEpoch) -> Self {
        Self {
            epoch: closed.epoch,
            events: bundle.events.len(),
            members: closed.tree.leaf_count(),
            cumulative_total: closed.tree.cumulative_total(),
            root: hex(&closed.tree.root()),
            bundle_hash: hex(&bundle.hash()),
        }
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let Self { epoch, events, members, cumulative_total, root, bundle_hash } = self;
        format!(
            "epoch {epoch}: {events} new events, {members} members, {cumulative_total} base units in \
             all, root {root}, bundle {bundle_hash}"
        )
    }
}
