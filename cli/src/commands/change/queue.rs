//! Queues a change: what `oracle`, `emission`, `windows` and `guardian` have in common.

use system_token_chain::Chain;
use system_token_interface::{Change, instructions};

use super::{describe, queued};
use crate::failure::Refusal;
use crate::report::Report;
use crate::session::{Community, Session};
use crate::time::UtcTime;
use crate::transaction::{AuthorityOptions, Plan, Role, admin_of};

/// A change to be queued, and the command that does.
pub(crate) struct NewChange {
    /// The command, for programs.
    pub(crate) action: &'static str,
    /// What it does, for people.
    pub(crate) what: String,
    pub(crate) change: Change,
}

/// Queues a change, which waits for the timelock.
///
/// # Errors
/// When another is queued already, or the signer is not the admin.
pub(crate) async fn queue<C: Chain>(
    session: &mut Session<'_, '_, C>,
    community: &Community,
    NewChange { action, what, change }: NewChange,
    options: &AuthorityOptions,
) -> anyhow::Result<()> {
    if let Some(queued) = queued(community)? {
        return Err(Refusal::new(
            format!(
                "a change is queued already, which can be executed from {} on",
                UtcTime(queued.eta)
            ),
            "Only one can wait: stk change list shows it, stk change execute or stk change cancel \
             makes room.",
        )
        .into());
    }
    let mut roles = admin_of(community);
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    roles.push(Role::new("distribution", community.address));
    let timelock = community.distribution.timelock_seconds.get();
    let mut details = Report::new();
    details.object("change", "Change", describe(community, &change));
    details.duration("wait", "Waits for", timelock);
    let plan = Plan {
        action,
        what,
        instructions: vec![instructions::queue_change(
            &authority.address(),
            &community.address,
            &change,
        )],
        payer,
        signers: vec![authority],
        roles,
        details,
    };
    session.execute(plan, &options.send).await
}
