//! `stk epoch veto`: the guardian stops a proposal within its challenge window.

use system_token_chain::Chain;
use system_token_interface::instructions;

use super::VetoArguments;
use super::proposals::State;
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::Session;
use crate::transaction::{Plan, Role};

/// Stops a proposal.
///
/// # Errors
/// When its window is over, or the signer is not the guardian.
pub(super) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    VetoArguments { digest, options }: &VetoArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let candidate = session.candidate(&community, *digest).await?;
    let state = candidate.state(&community);
    if let State::Over | State::Vetoed | State::NotNext | State::NotEnded(_) | State::Ready = state
    {
        let why = match state {
            State::Over | State::Vetoed => state.to_string(),
            _ => "its challenge window is over".to_owned(),
        };
        return Err(Refusal::new(
            format!("the proposal {digest} cannot be vetoed: {why}"),
            "If it must not be finalized, the guardian or the admin can stop everything: stk pause.",
        )
        .into());
    }
    let mut roles = vec![Role::new("guardian", community.guardian())];
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    let epoch = candidate.proposal.epoch.get();
    roles.push(Role::new("distribution", community.address));
    roles.push(Role::new("proposal", candidate.address));
    let mut details = Report::new();
    details.field("epoch", "Epoch", Cell::number(epoch));
    details.text("digest", "Digest", digest);
    let plan = Plan {
        action: "epoch_veto",
        what: format!("veto a proposal of epoch {epoch}"),
        instructions: vec![instructions::veto(&authority.address(), &community.address, &digest.0)],
        payer,
        signers: vec![authority],
        roles,
        details,
    };
    session.execute(plan, &options.send).await
}
