//! Says what a change would change.

use solana_address::Address;
use system_token_interface::Change;

use crate::percent::Percent;
use crate::report::{Cell, Report};
use crate::session::Community;

/// What a change would put into force.
pub(crate) fn describe(community: &Community, change: &Change) -> Report {
    let mut report = Report::new();
    match change {
        Change::OracleSet { threshold, oracles } => {
            report.field("kind", "Kind", Cell::new("oracle set", "oracle_set"));
            let count = oracles.len();
            let shown = format!("{threshold} of {count} oracles");
            report.field("threshold", "Threshold", Cell::new(shown, *threshold));
            oracles_table(&mut report, oracles.iter().copied().map(Address::from));
        }
        Change::Emission { decay_epochs, decay_basis_points, budget, growth_limit, supply_cap } => {
            let decimals = community.decimals;
            report.text("kind", "Kind", "emission");
            report.amount("budget", "Budget of an epoch", *budget, decimals);
            report.amount("growth_limit", "Growth limit", *growth_limit, decimals);
            report.amount("supply_cap", "Supply cap", *supply_cap, decimals);
            decay(&mut report, *decay_epochs, *decay_basis_points);
        }
        Change::Windows { challenge_seconds, timelock_seconds } => {
            report.text("kind", "Kind", "windows");
            report.duration("challenge", "Challenge window", *challenge_seconds);
            report.duration("timelock", "Timelock", *timelock_seconds);
        }
        Change::Guardian { guardian } => {
            report.text("kind", "Kind", "guardian");
            report.text("guardian", "Guardian", Address::from(*guardian));
        }
    }
    report
}

/// Adds an oracle set, in its order.
pub(crate) fn oracles_table(report: &mut Report, oracles: impl Iterator<Item = Address>) {
    let rows = oracles.map(|oracle| vec![Cell::text(oracle)]).collect();
    report.table("oracles", "Oracles", &["address"], rows);
}

/// Adds how a budget decays.
pub(crate) fn decay(report: &mut Report, decay_epochs: u32, decay_basis_points: u16) {
    let left = Percent { basis_points: decay_basis_points };
    let shown = match decay_epochs {
        0 => "never".to_owned(),
        1 => format!("after every epoch {left} of the budget is left"),
        epochs => format!("after every {epochs} epochs {left} of the budget is left"),
    };
    report.field("decay_epochs", "Decay", Cell::new(shown, decay_epochs));
    report.hidden("decay_basis_points", decay_basis_points.into());
}
