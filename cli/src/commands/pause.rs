//! `stk pause` and `stk unpause`: stop attesting, finalizing and claiming, and let them go on.

use system_token_chain::Chain;
use system_token_interface::instructions;

use crate::failure::Refusal;
use crate::report::Report;
use crate::session::Session;
use crate::transaction::{AuthorityOptions, Plan, Role, admin_of, guardian_or_admin_of};

/// Stops the distribution.
///
/// # Errors
/// When it is stopped already, or the signer may not.
pub(crate) async fn pause<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &AuthorityOptions,
) -> anyhow::Result<()> {
    set_paused(session, options, true).await
}

/// Lets the distribution go on.
///
/// # Errors
/// When it is not stopped, or the signer may not.
pub(crate) async fn unpause<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &AuthorityOptions,
) -> anyhow::Result<()> {
    set_paused(session, options, false).await
}

async fn set_paused<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &AuthorityOptions,
    paused: bool,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let distribution = Role::new("distribution", community.address);
    if (community.distribution.paused != 0) == paused {
        let state = if paused { "paused already" } else { "not paused" };
        let message = format!("the distribution {} is {state}", community.address);
        return Err(Refusal::new(message, "There is nothing to do: stk status shows it.").into());
    }
    let mut roles = if paused { guardian_or_admin_of(&community) } else { admin_of(&community) };
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    let (action, what, build): (_, _, fn(&_, &_) -> _) = if paused {
        ("pause", "pause the distribution", instructions::pause)
    } else {
        ("unpause", "unpause the distribution", instructions::unpause)
    };
    roles.push(distribution);
    let plan = Plan {
        action,
        what: what.to_owned(),
        instructions: vec![build(&authority.address(), &community.address)],
        payer,
        signers: vec![authority],
        roles,
        details: Report::new(),
    };
    session.execute(plan, &options.send).await
}
