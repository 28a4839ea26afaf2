//! `stk emission`: how much may be minted, and when.

use clap::{ArgGroup, Args, Subcommand};
use serde_json::Value;
use system_token_chain::Chain;
use system_token_interface::Change;

use super::change::{self, NewChange, decay};
use super::epoch::schedule;
use crate::amount::TokenAmount;
use crate::percent::Percent;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::transaction::AuthorityOptions;

/// How much may be minted, and when.
#[derive(Debug, Subcommand)]
pub(crate) enum EmissionCommand {
    /// Show the emission schedule, how far it is, and the emission that is queued.
    Show,
    /// Queue another emission; what is not given stays as it is. Only the admin may.
    Queue(Box<QueueArguments>),
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("emission").required(true).multiple(true))]
pub(crate) struct QueueArguments {
    /// Budget of the next epoch to be finalized, STK.
    #[arg(long, value_name = "STK", group = "emission")]
    budget: Option<TokenAmount>,
    /// The most one epoch may add, STK.
    #[arg(long, value_name = "STK", group = "emission")]
    growth_limit: Option<TokenAmount>,
    /// The most the mint's supply may ever be, STK.
    #[arg(long, value_name = "STK", group = "emission")]
    supply_cap: Option<TokenAmount>,
    /// Epochs between two decays of the budget; 0: it never decays.
    #[arg(long, value_name = "EPOCHS", group = "emission")]
    decay_epochs: Option<u32>,
    /// What a decay leaves of the budget, as in 90%.
    #[arg(long, visible_alias = "decay", value_name = "PERCENT_LEFT", group = "emission")]
    decay_percent: Option<Percent>,
    #[command(flatten)]
    options: AuthorityOptions,
}

/// Runs a command about the emission.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &EmissionCommand,
) -> anyhow::Result<()> {
    match command {
        EmissionCommand::Show => show(session).await,
        EmissionCommand::Queue(arguments) => queue(session, arguments).await,
    }
}

async fn show<C: Chain>(session: &mut Session<'_, '_, C>) -> anyhow::Result<()> {
    let community = session.community().await?;
    let mut report = Report::new();
    report.hidden("mint", Value::from(community.mint.to_string()));
    report.hidden("distribution", Value::from(community.address.to_string()));
    report.hidden("decimals", Value::from(community.decimals));
    emission(&mut report, &community);
    let queued = change::queued(&community)?;
    match queued.filter(|queued| matches!(queued.change, Change::Emission { .. })) {
        Some(queued) => report.object("queued", "Queued", change::report(&community, &queued)),
        None => report.field("queued", "Queued", Cell::new("no other emission", Value::Null)),
    };
    session.console.print(&report)
}

/// Adds the emission in force, and how far it is.
pub(crate) fn emission(report: &mut Report, community: &Community) {
    let (distribution, decimals) = (&community.distribution, community.decimals);
    let emission = &distribution.emission;
    report.time("start_at", "Start of epoch 1", emission.start_at.get());
    report.duration("epoch", "Length of an epoch", emission.epoch_seconds.get());
    let running = schedule::epoch_at(emission, community.now);
    let shown = match running {
        0 => "none has begun".to_owned(),
        epoch => crate::amount::grouped(epoch),
    };
    report.field("epoch_running", "Epoch running now", Cell::new(shown, running));
    report.field("epoch", "Last finalized epoch", Cell::number(distribution.epoch.get()));
    report.amount("budget", "Budget of the next epoch", emission.budget.get(), decimals);
    decay(report, emission.decay_epochs.get(), emission.decay_basis_points.get());
    report.amount(
        "growth_limit",
        "Growth limit of an epoch",
        emission.growth_limit.get(),
        decimals,
    );
    report.amount("allowance", "Budgets so far", emission.allowance.get(), decimals);
    let total = distribution.cumulative_total.get();
    report.amount("cumulative_total", "Earned so far", total, decimals);
    report.amount("minted_total", "Minted so far", distribution.minted_total.get(), decimals);
    let initial = distribution.initial_supply.get();
    report.amount("initial_supply", "Supply at the start", initial, decimals);
    let cap = emission.supply_cap.get();
    report.amount("supply_cap", "Supply cap", cap, decimals);
    let left = cap.saturating_sub(initial).saturating_sub(total);
    report.amount("left_under_cap", "Left under the cap", left, decimals);
}

async fn queue<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &QueueArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let now = &community.distribution.emission;
    let amount = |given: &Option<TokenAmount>, present: u64| match given {
        Some(amount) => amount.base_units(community.decimals),
        None => Ok(present),
    };
    let decay_epochs = arguments.decay_epochs.unwrap_or(now.decay_epochs.get());
    let decay_basis_points =
        arguments.decay_percent.map_or(now.decay_basis_points.get(), |given| given.basis_points);
    if arguments.budget.is_none() && now.decay_epochs.get() > 0 {
        session.console.note(
            "note: the budget is queued as it is now; if it decays before the change is executed, \
             the change sets it back",
        );
    }
    let change = Change::Emission {
        decay_epochs,
        decay_basis_points,
        budget: amount(&arguments.budget, now.budget.get())?,
        growth_limit: amount(&arguments.growth_limit, now.growth_limit.get())?,
        supply_cap: amount(&arguments.supply_cap, now.supply_cap.get())?,
    };
    let what = "queue another emission".to_owned();
    let new = NewChange { action: "emission_queue", what, change };
    change::queue(session, &community, new, &arguments.options).await
}
