//! `stk guardian`: who may veto a proposal and pause.

use clap::{Args, Subcommand};
use solana_address::Address;
use system_token_chain::Chain;
use system_token_interface::Change;

use super::change::{self, NewChange};
use crate::failure::Refusal;
use crate::session::Session;
use crate::transaction::AuthorityOptions;

/// Who may veto a proposal and pause.
#[derive(Debug, Subcommand)]
pub(crate) enum GuardianCommand {
    /// Queue another guardian. Only the admin may.
    Queue(QueueArguments),
}

#[derive(Args, Debug)]
pub(crate) struct QueueArguments {
    /// The next guardian.
    address: Address,
    #[command(flatten)]
    options: AuthorityOptions,
}

/// Runs a command about the guardian.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    GuardianCommand::Queue(QueueArguments { address, options }): &GuardianCommand,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    if community.guardian() == *address {
        let message = format!("{address} is the guardian already");
        return Err(Refusal::new(message, "stk status shows the guardian.").into());
    }
    let new = NewChange {
        action: "guardian_queue",
        what: format!("queue {address} as the guardian"),
        change: Change::Guardian { guardian: address.to_bytes() },
    };
    change::queue(session, &community, new, options).await
}
