//! Members, their ids, roles and wallets.

#[cfg(feature = "service")]
mod api;
#[cfg(feature = "service")]
mod commands;
#[cfg(feature = "service")]
mod linking;
#[cfg(feature = "service")]
mod linking_refusals;
mod members;
#[cfg(feature = "service")]
mod payout;
mod properties;
#[cfg(feature = "service")]
mod roster;
#[cfg(feature = "service")]
pub(crate) mod town;
#[cfg(feature = "service")]
pub(crate) mod wallet_clients;

use system_token_oracle::identity::{Alias, Members};
use system_token_oracle::ingest::Event;

/// Members 0, 1, 2 … known under these ids of the club.
pub(crate) fn members_of_club(ids: &[&str]) -> Members {
    let mut members = Members::default();
    for (index, id) in (0..).zip(ids) {
        assert_eq!(members.add(Alias::new("club", *id)), Ok(index));
    }
    members
}

/// Something that somebody did.
fn event(
    second: i64,
    source: &str,
    actor: &str,
    name: &str,
    properties: serde_json::Value,
) -> Event {
    Event {
        at_us: second * 1_000_000,
        source: source.to_owned(),
        external_id: format!("{source}-{second}"),
        name: name.to_owned(),
        actor: actor.to_owned(),
        properties: serde_json::from_value(properties).unwrap(),
    }
}
