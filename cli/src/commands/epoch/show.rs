//! `stk epoch show`: the last finalized epoch and the proposals.

use serde_json::Value;
use system_token_chain::Chain;

use super::{ShowArguments, schedule};
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::time::UtcTime;

/// Shows where the distribution is, and the proposals that were asked for.
///
/// # Errors
/// When there is no distribution, or no such proposal.
pub(super) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    ShowArguments { epoch, digest }: &ShowArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let (label, candidates) = match (epoch, digest) {
        (_, Some(digest)) => {
            ("Proposal".to_owned(), vec![session.candidate(&community, *digest).await?])
        }
        (Some(epoch), None) => {
            let mut candidates = session.candidates(&community).await?;
            candidates.retain(|candidate| candidate.proposal.epoch.get() == *epoch);
            (format!("Proposals of epoch {epoch}"), candidates)
        }
        (None, None) => {
            let mut candidates = session.candidates(&community).await?;
            candidates.retain(|candidate| candidate.is_open(&community));
            ("Open proposals".to_owned(), candidates)
        }
    };
    let mut report = Report::new();
    report.hidden("mint", Value::from(community.mint.to_string()));
    report.hidden("distribution", Value::from(community.address.to_string()));
    report.hidden("decimals", Value::from(community.decimals));
    finalized(&mut report, &community);
    let reports = candidates.iter().map(|candidate| candidate.report(&community)).collect();
    report.reports("proposals", &label, reports);
    session.console.print(&report)
}

/// Adds the last finalized epoch, and when the next one ends.
fn finalized(report: &mut Report, community: &Community) {
    let (distribution, decimals) = (&community.distribution, community.decimals);
    let epoch = distribution.epoch.get();
    let shown = match epoch {
        0 => "none".to_owned(),
        epoch => crate::amount::grouped(epoch),
    };
    report.field("epoch", "Last finalized epoch", Cell::new(shown, epoch));
    report.digest("root", "Root", distribution.root);
    report.field("leaf_count", "Members", Cell::number(distribution.leaf_count.get()));
    let total = distribution.cumulative_total.get();
    report.amount("cumulative_total", "Earned so far", total, decimals);
    report.amount("minted_total", "Minted so far", distribution.minted_total.get(), decimals);
    report.hidden("paused", Value::from(distribution.paused != 0));
    let next = epoch.saturating_add(1);
    let end = schedule::epoch_end(&distribution.emission, next).unwrap_or(i64::MAX);
    let verb = if community.now < end { "ends" } else { "ended" };
    let shown = format!("{next}, which {verb} at {}", UtcTime(end));
    report.field("next_epoch", "Next epoch", Cell::new(shown, next));
    report.hidden("next_epoch_ends_at", Value::from(UtcTime(end).to_string()));
}
