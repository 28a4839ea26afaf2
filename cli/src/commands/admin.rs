//! `stk admin`: hands the distribution over to another admin, in two steps.

use clap::{Args, Subcommand};
use solana_address::Address;
use system_token_chain::Chain;
use system_token_interface::instructions;

use crate::failure::Refusal;
use crate::report::Report;
use crate::session::Session;
use crate::transaction::{AuthorityOptions, Plan, Role, admin_of};

/// Who governs the distribution.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Propose the next admin, who must accept. Only the admin may.
    Propose(ProposeArguments),
    /// Take the distribution over. Only the proposed admin may.
    Accept(AuthorityOptions),
}

#[derive(Args, Debug)]
pub(crate) struct ProposeArguments {
    /// The next admin: a wallet, a multisig's vault or a governance address.
    #[arg(required_unless_present = "none")]
    address: Option<Address>,
    /// Take a proposal back.
    #[arg(long, conflicts_with = "address")]
    none: bool,
    #[command(flatten)]
    options: AuthorityOptions,
}

/// Runs a command about the admin.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &AdminCommand,
) -> anyhow::Result<()> {
    match command {
        AdminCommand::Propose(arguments) => propose(session, arguments).await,
        AdminCommand::Accept(options) => accept(session, options).await,
    }
}

async fn propose<C: Chain>(
    session: &mut Session<'_, '_, C>,
    ProposeArguments { address, options, .. }: &ProposeArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    if address.is_none() && community.pending_admin().is_none() {
        let message = "no admin is proposed, so there is nothing to take back";
        return Err(Refusal::new(message, "stk status shows who is proposed.").into());
    }
    let mut roles = admin_of(&community);
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    let new_admin = address.unwrap_or_default();
    let what = match address {
        Some(address) => format!("propose {address} as the next admin"),
        None => "take the proposal of the next admin back".to_owned(),
    };
    roles.push(Role::new("distribution", community.address));
    let mut details = Report::new();
    details.address_or("pending_admin", "Proposed admin", *address, "none");
    let plan = Plan {
        action: "admin_propose",
        what,
        instructions: vec![instructions::propose_admin(
            &authority.address(),
            &community.address,
            &new_admin,
        )],
        payer,
        signers: vec![authority],
        roles,
        details,
    };
    session.execute(plan, &options.send).await
}

async fn accept<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &AuthorityOptions,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let pending = community.pending_admin().ok_or_else(|| {
        Refusal::new(
            "nobody is proposed as the next admin",
            format!("The admin {} must propose first: stk admin propose.", community.admin()),
        )
    })?;
    let mut roles = vec![Role::new("proposed admin", pending)];
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    roles.push(Role::new("distribution", community.address));
    let mut details = Report::new();
    details.text("admin", "Admin", pending);
    let plan = Plan {
        action: "admin_accept",
        what: "take the distribution over".to_owned(),
        instructions: vec![instructions::accept_admin(&authority.address(), &community.address)],
        payer,
        signers: vec![authority],
        roles,
        details,
    };
    session.execute(plan, &options.send).await
}
