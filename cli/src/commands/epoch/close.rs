//! `stk epoch close`: gives the rent of a proposal that is over back to who paid it.

use solana_address::Address;
use system_token_chain::Chain;
use system_token_interface::instructions;

use super::CloseArguments;
use super::proposals::State;
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::Session;
use crate::transaction::{Plan, Role};

/// Closes a proposal.
///
/// # Errors
/// When it could still be attested.
pub(super) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    CloseArguments { digest, options }: &CloseArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let candidate = session.candidate(&community, *digest).await?;
    let proposal = &candidate.proposal;
    let stale = proposal.oracle_set_version != community.distribution.oracle_set_version;
    if candidate.state(&community) != State::Over && !stale {
        return Err(Refusal::new(
            format!("the proposal {digest} could be attested again, so it stays"),
            "It can be closed once its epoch is finalized or another oracle set is in force.",
        )
        .into());
    }
    let rent_payer = Address::from(proposal.rent_payer);
    let account = session.chain.get_account(&candidate.address).await?;
    let mut details = Report::new();
    details.field("epoch", "Epoch", Cell::number(proposal.epoch.get()));
    details.text("digest", "Digest", digest);
    details.text("rent_payer", "Rent goes to", rent_payer);
    details.sol("rent", "Rent", account.map_or(0, |account| account.lamports));
    let plan = Plan {
        action: "epoch_close",
        what: format!("close a proposal of epoch {}", proposal.epoch.get()),
        instructions: vec![instructions::close_proposal(
            &community.address,
            &digest.0,
            &rent_payer,
        )],
        payer: session.payer(options, None)?,
        signers: Vec::new(),
        roles: vec![
            Role::new("distribution", community.address),
            Role::new("proposal", candidate.address),
            Role::new("paid the proposal's rent", rent_payer),
        ],
        details,
    };
    session.execute(plan, options).await
}
