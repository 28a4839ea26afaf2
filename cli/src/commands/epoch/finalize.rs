//! `stk epoch finalize`: installs an attested epoch once its challenge window is over.

use system_token_chain::Chain;
use system_token_interface::instructions;

use super::FinalizeArguments;
use super::proposals::{Candidate, State};
use crate::digest::Digest;
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::transaction::{Plan, Role};

/// Installs an epoch.
///
/// # Errors
/// When it cannot be finalized, or several could be meant.
pub(super) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    FinalizeArguments { digest, options }: &FinalizeArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    if community.distribution.paused != 0 && !options.print_unsigned {
        return Err(Refusal::new(
            "the distribution is paused, so nothing is finalized",
            format!("The admin {} can let it go on: stk unpause.", community.admin()),
        )
        .into());
    }
    let candidate = match digest {
        Some(digest) => session.candidate(&community, *digest).await?,
        None => only_attested(session, &community).await?,
    };
    let state = candidate.state(&community);
    // Who prints it to be signed may well sign it later: what time alone will change is no reason
    // to refuse.
    let later = matches!(state, State::Challenge(_) | State::NotEnded(_) | State::NotNext);
    if state != State::Ready && !(later && options.print_unsigned) {
        let message = format!("the proposal {} cannot be finalized: {state}", candidate.digest());
        let hint = if later { "Wait, and try again." } else { "stk epoch show lists proposals." };
        return Err(Refusal::new(message, hint).into());
    }
    let epoch = candidate.proposal.epoch.get();
    let total = candidate.proposal.cumulative_total.get();
    let Digest(digest) = candidate.digest();
    let mut details = Report::new();
    details.field("epoch", "Epoch", Cell::number(epoch));
    details.digest("digest", "Digest", digest);
    details.amount("cumulative_total", "Earned in all", total, community.decimals);
    let plan = Plan {
        action: "epoch_finalize",
        what: format!("finalize epoch {epoch}"),
        instructions: vec![instructions::finalize(&community.address, &digest)],
        payer: session.payer(options, None)?,
        signers: Vec::new(),
        roles: vec![
            Role::new("distribution", community.address),
            Role::new("proposal", candidate.address),
        ],
        details,
    };
    session.execute(plan, options).await
}

/// The one proposal of the next epoch that enough oracles signed.
async fn only_attested<C: Chain>(
    session: &Session<'_, '_, C>,
    community: &Community,
) -> anyhow::Result<Candidate> {
    let next = community.distribution.epoch.get().saturating_add(1);
    let mut candidates = session.candidates(community).await?;
    candidates.retain(|candidate| {
        let state = candidate.state(community);
        candidate.proposal.epoch.get() == next
            && matches!(state, State::Challenge(_) | State::NotEnded(_) | State::Ready)
    });
    match candidates.as_slice() {
        [candidate] => Ok(*candidate),
        [] => Err(Refusal::new(
            format!("epoch {next}, the next one, has no proposal that enough oracles signed"),
            "stk epoch show lists the open proposals and who signed them.",
        )
        .into()),
        several => {
            let digests: Vec<_> = several.iter().map(|it| it.digest().to_string()).collect();
            Err(Refusal::new(
                format!("epoch {next} has several attested proposals: {}", digests.join(", ")),
                "Choose one with --digest; the guardian should veto the others.",
            )
            .into())
        }
    }
}
