//! The public statistics as JSON. Amounts are strings of base units, because they may be greater than
//! what JSON's readers keep exactly.

use jiff::Timestamp;
use serde::Serialize;

use super::data::EpochReport;

#[derive(Serialize)]
struct Statistics<'a> {
    epoch: u64,
    start: Timestamp,
    end: Timestamp,
    token: &'a str,
    decimals: u8,
    policy: &'a str,
    policy_version: u32,
    supply_base_units: String,
    active_wallets: u64,
    granted_base_units: String,
    burned_base_units: String,
    net_base_units: String,
    members_paid: u64,
    gini_ppm: u32,
    lifetime: Lifetime,
}

/// What members earned in their lives.
#[derive(Serialize)]
struct Lifetime {
    members: u64,
    total_base_units: String,
    gini_ppm: u32,
    top: Vec<Place>,
}

#[derive(Serialize)]
struct Place {
    place: u64,
    amount_base_units: String,
    share_ppm: u32,
}

/// The statistics as the text of a JSON file.
pub(super) fn json(report: &EpochReport) -> Result<Vec<u8>, serde_json::Error> {
    let statistics = &report.statistics;
    let summary = report.summary();
    let lifetime = report.lifetime();
    let top = lifetime.top_100().into_iter().map(|top| Place {
        place: top.place,
        amount_base_units: top.amount.to_string(),
        share_ppm: top.share_ppm,
    });
    let mut json = serde_json::to_vec_pretty(&Statistics {
        epoch: report.epoch,
        start: report.start,
        end: report.end,
        token: &report.token.symbol,
        decimals: report.token.decimals,
        policy: &report.policy.name,
        policy_version: report.policy.version,
        supply_base_units: statistics.supply.to_string(),
        active_wallets: statistics.active_wallets,
        granted_base_units: statistics.granted.to_string(),
        burned_base_units: statistics.burned.to_string(),
        net_base_units: statistics.net().to_string(),
        members_paid: summary.members_paid,
        gini_ppm: summary.gini_ppm,
        lifetime: Lifetime {
            members: lifetime.len(),
            total_base_units: lifetime.sum().to_string(),
            gini_ppm: lifetime.gini_ppm(),
            top: top.collect(),
        },
    })?;
    json.push(b'\n');
    Ok(json)
}
