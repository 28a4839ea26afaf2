//! `stk status`: everything about a distribution at a glance.

use serde_json::Value;
use system_token_chain::Chain;
use system_token_interface::PROGRAM_ID;

use super::{change, emission, oracle};
use crate::report::{Cell, Report};
use crate::session::Session;

/// Shows who may do what, how much, and how far it is.
///
/// # Errors
/// When there is no distribution.
pub(crate) async fn run<C: Chain>(session: &mut Session<'_, '_, C>) -> anyhow::Result<()> {
    let community = session.community().await?;
    let distribution = &community.distribution;
    let mut report = Report::new();
    report.text("mint", "Mint", community.mint);
    report.hidden("decimals", Value::from(community.decimals));
    report.text("distribution", "Distribution", community.address);
    report.hidden("program", Value::from(PROGRAM_ID.to_string()));
    report.time("chain_time", "Chain's time", community.now);
    let paused = distribution.paused != 0;
    let shown = if paused { "yes: nothing is attested, finalized or claimed" } else { "no" };
    report.field("paused", "Paused", Cell::new(shown, paused));
    report.text("admin", "Admin", community.admin());
    report.address_or("pending_admin", "Proposed admin", community.pending_admin(), "none");
    report.text("guardian", "Guardian", community.guardian());
    report.duration("challenge", "Challenge window", distribution.challenge_seconds.get());
    report.duration("timelock", "Timelock", distribution.timelock_seconds.get());
    oracle::oracle_set(&mut report, &community);
    let mut emission_report = Report::new();
    emission::emission(&mut emission_report, &community);
    report.object("emission", "Emission", emission_report);
    let queued = change::queued(&community)?;
    let queued = queued.iter().map(|queued| change::report(&community, queued)).collect();
    report.reports("changes", "Queued change", queued);
    session.console.print(&report)
}
