//! `stk oracle`: the keys whose signatures make an epoch valid.

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::Value;
use solana_address::Address;
use system_token_chain::Chain;
use system_token_interface::{Change, MAX_ORACLES};

use super::change::{self, NewChange, oracles_table};
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::transaction::AuthorityOptions;

/// The keys whose signatures make an epoch valid.
#[derive(Debug, Subcommand)]
pub(crate) enum OracleCommand {
    /// Show the oracle set, and the one that is queued.
    List,
    /// Queue a set with one more oracle. Only the admin may.
    Add(SetArguments),
    /// Queue a set without one of the oracles. Only the admin may.
    Remove(SetArguments),
}

#[derive(Args, Debug)]
pub(crate) struct SetArguments {
    /// The oracle.
    oracle: Address,
    /// Signatures that make an epoch valid from then on [default: as many as now].
    #[arg(long, value_name = "SIGNATURES")]
    threshold: Option<u8>,
    #[command(flatten)]
    options: AuthorityOptions,
}

/// Runs a command about the oracle set.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &OracleCommand,
) -> anyhow::Result<()> {
    match command {
        OracleCommand::List => list(session).await,
        OracleCommand::Add(arguments) => {
            let community = session.community().await?;
            let mut set = set_without(&community, &arguments.oracle);
            if set.len() < usize::from(community.distribution.oracle_count) {
                return Err(refusal(&community, arguments, "is an oracle already"));
            }
            if set.len() == MAX_ORACLES {
                return Err(refusal(&community, arguments, "is one more than the 16 there may be"));
            }
            set.push(arguments.oracle);
            let what = format!("queue an oracle set with {}", arguments.oracle);
            queue(session, &community, arguments, set, ("oracle_add", what)).await
        }
        OracleCommand::Remove(arguments) => {
            let community = session.community().await?;
            let set = set_without(&community, &arguments.oracle);
            if set.len() == usize::from(community.distribution.oracle_count) {
                return Err(refusal(&community, arguments, "is not an oracle"));
            }
            if set.is_empty() {
                return Err(refusal(&community, arguments, "is the only oracle"));
            }
            let what = format!("queue an oracle set without {}", arguments.oracle);
            queue(session, &community, arguments, set, ("oracle_remove", what)).await
        }
    }
}

/// The present set without one of its oracles.
fn set_without(community: &Community, oracle: &Address) -> Vec<Address> {
    community.distribution.oracle_set().filter(|key| key != oracle).collect()
}

fn refusal(community: &Community, arguments: &SetArguments, why: &str) -> anyhow::Error {
    let message = format!("{} {why} of the distribution {}", arguments.oracle, community.address);
    Refusal::new(message, "stk oracle list shows the set.").into()
}

async fn queue<C: Chain>(
    session: &mut Session<'_, '_, C>,
    community: &Community,
    arguments: &SetArguments,
    set: Vec<Address>,
    (action, what): (&'static str, String),
) -> anyhow::Result<()> {
    let count = u8::try_from(set.len()).context("failed to count the oracles")?;
    let threshold = arguments.threshold.unwrap_or(community.distribution.threshold);
    if threshold == 0 || threshold > count {
        return Err(Refusal::new(
            format!("a threshold of {threshold} is impossible with {count} oracles"),
            format!("Choose one from 1 to {count} with --threshold."),
        )
        .into());
    }
    let oracles = set.into_iter().map(|oracle| oracle.to_bytes()).collect();
    let change = Change::OracleSet { threshold, oracles };
    change::queue(session, community, NewChange { action, what, change }, &arguments.options).await
}

async fn list<C: Chain>(session: &mut Session<'_, '_, C>) -> anyhow::Result<()> {
    let community = session.community().await?;
    let mut report = Report::new();
    report.hidden("mint", Value::from(community.mint.to_string()));
    report.hidden("distribution", Value::from(community.address.to_string()));
    oracle_set(&mut report, &community);
    let queued = change::queued(&community)?;
    match queued.filter(|queued| matches!(queued.change, Change::OracleSet { .. })) {
        Some(queued) => report.object("queued", "Queued", change::report(&community, &queued)),
        None => report.field("queued", "Queued", Cell::new("no other set", Value::Null)),
    };
    session.console.print(&report)
}

/// Adds the oracle set in force.
pub(crate) fn oracle_set(report: &mut Report, community: &Community) {
    let distribution = &community.distribution;
    let (threshold, count) = (distribution.threshold, distribution.oracle_count);
    let shown = format!("{threshold} of {count} oracles");
    report.field("threshold", "Threshold", Cell::new(shown, threshold));
    let version = distribution.oracle_set_version.get();
    report.field("oracle_set_version", "Set version", Cell::number(version));
    oracles_table(report, distribution.oracle_set());
}
