//! `stk-oracle epoch`: the steps from an epoch's end to its members' balances, one by one.

mod claim;
pub(super) mod close;
mod key;
pub(super) mod operator;
mod reclaim;
mod restore;
mod retract;
pub(super) mod sign;
mod status;
mod submit;

use clap::{Args, Subcommand};
use serde::Serialize;
use solana_address::Address;

use super::cluster::{BundleArguments, ClusterArguments, PayerArguments};
use super::witness::{self, Witnessed};
use super::{Opened, OutputFormat};
use crate::bundles::BundleFolder;
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
    Submit(operator::OperatorArguments),
    /// Pays every member to whom something is due. Sound to repeat: what was paid is due no more.
    Claim(claim::ClaimArguments),
    /// Sets the bundle of an epoch aside that the guardian vetoed: the next close makes another one.
    Retract(retract::RetractArguments),
    /// Fills an empty database from the bundles, and holds them to the chain.
    Restore(restore::RestoreArguments),
    /// Gets rent back: of lookup tables that are no longer used, and of proposals that are over. Sound to
    /// repeat: a table can be closed some minutes after it was deactivated.
    Reclaim(reclaim::ReclaimArguments),
    /// Shows how far an epoch has come: its bundle, who has signed, and what the chain says.
    Status(status::StatusArguments),
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
        EpochCommand::Submit(arguments) => {
            submit::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Status(arguments) => {
            status::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Claim(arguments) => {
            claim::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Retract(arguments) => {
            retract::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Restore(arguments) => {
            restore::run(&Opened::new(config, output).await?, arguments).await
        }
        EpochCommand::Reclaim(arguments) => {
            reclaim::run(&Opened::new(config, output).await?, arguments).await
        }
    }
}

/// Which epoch.
#[derive(Args, Debug)]
pub(super) struct EpochArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    /// The epoch; without it the last one with a bundle.
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
}

impl EpochArguments {
    /// The epoch's number, where one is given.
    fn number(&self) -> Option<u64> {
        self.epoch
    }

    /// The mint that members are paid in.
    fn mint(&self, config: &Config) -> anyhow::Result<Address> {
        self.bundles.mint(config)
    }

    /// The folder of bundles, the mint, and the epoch whose bundle gives what it says.
    fn witness(&self, config: &Config) -> anyhow::Result<(BundleFolder, Address, Witnessed)> {
        self.witness_or(config, None)
    }

    /// As [`Self::witness`]; without a number the given epoch, as far as there are bundles.
    fn witness_or(
        &self,
        config: &Config,
        otherwise: Option<u64>,
    ) -> anyhow::Result<(BundleFolder, Address, Witnessed)> {
        let (folder, mint) = (self.bundles.folder(config), self.bundles.mint(config)?);
        let last = folder.last_epoch();
        let otherwise = otherwise.map(|epoch| epoch.min(last).max(1));
        let witnessed = witness::follow(&folder, mint, self.epoch.or(otherwise), |_| {})?;
        Ok((folder, mint, witnessed))
    }
}

/// What an epoch came to, as it is printed.
#[derive(Clone, Serialize)]
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
