//! `stk epoch`: finalized and proposed epochs.

mod close;
mod finalize;
mod proposals;
pub(crate) mod schedule;
mod show;
mod veto;

use clap::{Args, Subcommand};
use system_token_chain::Chain;

use crate::digest::Digest;
use crate::session::Session;
use crate::transaction::{AuthorityOptions, SendOptions};

/// Finalized and proposed epochs.
#[derive(Debug, Subcommand)]
pub(crate) enum EpochCommand {
    /// Show the last finalized epoch and the proposals that are open.
    Show(ShowArguments),
    /// Stop a proposal within its challenge window. Only the guardian may.
    Veto(VetoArguments),
    /// Install an attested epoch once its challenge window is over. Anyone may.
    Finalize(FinalizeArguments),
    /// Give the rent of a proposal that is over back to who paid it. Anyone may.
    Close(CloseArguments),
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// Show all proposals of one epoch instead.
    #[arg(conflicts_with = "digest")]
    epoch: Option<u64>,
    /// Show one proposal instead: the SHA-256 of its attestation, in hex.
    #[arg(long, value_name = "HEX")]
    digest: Option<Digest>,
}

#[derive(Args, Debug)]
pub(crate) struct VetoArguments {
    /// The proposal: the SHA-256 of its attestation, in hex.
    #[arg(long, value_name = "HEX")]
    digest: Digest,
    #[command(flatten)]
    options: AuthorityOptions,
}

#[derive(Args, Debug)]
pub(crate) struct CloseArguments {
    /// The proposal: the SHA-256 of its attestation, in hex.
    #[arg(long, value_name = "HEX")]
    digest: Digest,
    #[command(flatten)]
    options: SendOptions,
}

#[derive(Args, Debug)]
pub(crate) struct FinalizeArguments {
    /// The proposal: the SHA-256 of its attestation, in hex [default: the only attested one].
    #[arg(long, value_name = "HEX")]
    digest: Option<Digest>,
    #[command(flatten)]
    options: SendOptions,
}

/// Runs a command about epochs.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &EpochCommand,
) -> anyhow::Result<()> {
    match command {
        EpochCommand::Show(arguments) => show::run(session, arguments).await,
        EpochCommand::Veto(arguments) => veto::run(session, arguments).await,
        EpochCommand::Close(arguments) => close::run(session, arguments).await,
        EpochCommand::Finalize(arguments) => finalize::run(session, arguments).await,
    }
}
