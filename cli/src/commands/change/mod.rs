//! `stk change`: the one change that waits for its timelock. The commands `oracle`, `emission`,
//! `windows` and `guardian` queue it.

mod describe;
mod queue;

use clap::Subcommand;
use serde_json::Value;
use system_token_chain::Chain;
use system_token_interface::{QueuedChange, instructions};

use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::time::UtcTime;
use crate::transaction::{AuthorityOptions, Plan, Role, SendOptions, guardian_or_admin_of};

pub(crate) use describe::{decay, describe, oracles_table};
pub(crate) use queue::{NewChange, queue};

/// The change that waits for its timelock.
#[derive(Debug, Subcommand)]
pub(crate) enum ChangeCommand {
    /// Show the change that is queued.
    List,
    /// Put the queued change into force once its timelock is over. Anyone may.
    Execute(SendOptions),
    /// Drop the queued change. The guardian or the admin may.
    Cancel(AuthorityOptions),
}

/// Runs a command about the queued change.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &ChangeCommand,
) -> anyhow::Result<()> {
    match command {
        ChangeCommand::List => list(session).await,
        ChangeCommand::Execute(options) => execute(session, options).await,
        ChangeCommand::Cancel(options) => cancel(session, options).await,
    }
}

/// The queued change of a community; `None` when there is none.
///
/// # Errors
/// When it is of a kind that this program does not know.
pub(crate) fn queued(community: &Community) -> anyhow::Result<Option<QueuedChange>> {
    community.distribution.queued_change().map_err(|_| {
        Refusal::new(
            "the queued change is of a kind that this stk does not know",
            "Install a newer stk.",
        )
        .into()
    })
}

/// What there is to say about a queued change.
pub(crate) fn report(community: &Community, queued: &QueuedChange) -> Report {
    let mut report = Report::new();
    report.extend(describe(community, &queued.change));
    report.time("eta", "Can be executed from", queued.eta);
    let executable = community.now >= queued.eta;
    let shown = if executable { "yes, by stk change execute" } else { "not yet" };
    report.field("executable", "Can be executed", Cell::new(shown, executable));
    report
}

async fn list<C: Chain>(session: &mut Session<'_, '_, C>) -> anyhow::Result<()> {
    let community = session.community().await?;
    let queued = queued(&community)?;
    let mut report_all = Report::new();
    report_all.hidden("mint", Value::from(community.mint.to_string()));
    report_all.hidden("distribution", Value::from(community.address.to_string()));
    report_all.hidden("decimals", Value::from(community.decimals));
    let reports = queued.iter().map(|queued| report(&community, queued)).collect();
    report_all.reports("changes", "Queued change", reports);
    session.console.print(&report_all)
}

async fn execute<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &SendOptions,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let queued = queued(&community)?.ok_or_else(nothing_queued)?;
    // Who prints it to be signed may well sign it later.
    if community.now < queued.eta && !options.print_unsigned {
        return Err(Refusal::new(
            format!(
                "the queued change waits until {}, and the chain's time is {}",
                UtcTime(queued.eta),
                UtcTime(community.now)
            ),
            "Wait, and try again.",
        )
        .into());
    }
    let plan = Plan {
        action: "change_execute",
        what: "put the queued change into force".to_owned(),
        instructions: vec![instructions::execute_change(&community.address)],
        payer: session.payer(options, None)?,
        signers: Vec::new(),
        roles: vec![Role::new("distribution", community.address)],
        details: change_details(&community, &queued),
    };
    session.execute(plan, options).await
}

async fn cancel<C: Chain>(
    session: &mut Session<'_, '_, C>,
    options: &AuthorityOptions,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let queued = queued(&community)?.ok_or_else(nothing_queued)?;
    let mut roles = guardian_or_admin_of(&community);
    let authority = session.authority(options, &roles)?;
    let payer = session.payer(&options.send, Some(&authority))?;
    roles.push(Role::new("distribution", community.address));
    let plan = Plan {
        action: "change_cancel",
        what: "drop the queued change".to_owned(),
        instructions: vec![instructions::cancel_change(&authority.address(), &community.address)],
        payer,
        signers: vec![authority],
        roles,
        details: change_details(&community, &queued),
    };
    session.execute(plan, &options.send).await
}

fn change_details(community: &Community, queued: &QueuedChange) -> Report {
    let mut details = Report::new();
    details.object("change", "Change", describe(community, &queued.change));
    details
}

fn nothing_queued() -> Refusal {
    Refusal::new(
        "no change is queued",
        "Queue one with stk oracle, stk emission queue, stk windows queue or stk guardian queue.",
    )
}
