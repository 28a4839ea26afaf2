//! `stk windows`: how long a proposal can be vetoed, and how long a change waits.

use clap::{ArgGroup, Args, Subcommand};
use system_token_chain::Chain;
use system_token_interface::Change;

use super::change::{self, NewChange};
use crate::duration::Seconds;
use crate::session::Session;
use crate::transaction::AuthorityOptions;

/// How long proposals can be vetoed and changes wait.
#[derive(Debug, Subcommand)]
pub(crate) enum WindowsCommand {
    /// Queue other waiting times. Only the admin may.
    Queue(QueueArguments),
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("windows").required(true).multiple(true))]
pub(crate) struct QueueArguments {
    /// How long an attested proposal can be vetoed, at most 30d [default: as now].
    #[arg(long, value_name = "DURATION", group = "windows")]
    challenge: Option<Seconds>,
    /// How long a queued change waits, at most 30d [default: as now].
    #[arg(long, value_name = "DURATION", group = "windows")]
    timelock: Option<Seconds>,
    #[command(flatten)]
    options: AuthorityOptions,
}

/// Runs a command about the waiting times.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    WindowsCommand::Queue(QueueArguments { challenge, timelock, options }): &WindowsCommand,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let now = &community.distribution;
    let challenge_seconds = challenge.map_or(now.challenge_seconds.get(), |given| given.0);
    let timelock_seconds = timelock.map_or(now.timelock_seconds.get(), |given| given.0);
    let (challenge, timelock) = (Seconds(challenge_seconds), Seconds(timelock_seconds));
    let new = NewChange {
        action: "windows_queue",
        what: format!("queue a challenge window of {challenge} and a timelock of {timelock}"),
        change: Change::Windows { challenge_seconds, timelock_seconds },
    };
    change::queue(session, &community, new, options).await
}
