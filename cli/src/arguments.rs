//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// SystemToken: rewards for contribution, on Solana.
#[derive(Debug, Parser)]
#[command(name = "stk", version, about, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a community's whole history on an embedded chain: from its events to its balances.
    Demo(DemoArguments),
}

#[derive(Args, Debug)]
pub(crate) struct DemoArguments {
    /// The community's events: a PostHog export in JSONLines, plain or gzip.
    #[arg(long, value_name = "FILE", default_value = "examples/community-2018.events.jsonl.gz")]
    pub(crate) events: PathBuf,
    /// The rule book.
    #[arg(long, value_name = "FILE", default_value = "examples/policy.toml")]
    pub(crate) policy: PathBuf,
    /// Print one JSON object on standard output and nothing else there.
    #[arg(long)]
    pub(crate) json: bool,
}
