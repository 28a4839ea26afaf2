//! Rule books of the tests, and one epoch weighed by one.

use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::weigh::{Dimensions, History, Records, Weights, in_order, weigh};

/// Rules from before there was trust: everybody's engagement counts, ranks diminish.
pub(crate) const VERSION_1: &str = include_str!("policies/version-1.toml");
/// The example for the real export.
pub(crate) const CONTRIBUTION: &str = include_str!("../../../examples/policies/contribution.toml");
/// When epoch 1 of both begins, UTC microseconds.
pub(crate) const START_US: i64 = 1_507_507_200_000_000;

/// A rule book's text as a rule book, where what must be signed counts unsigned too.
pub(crate) fn policy(text: &str) -> Policy {
    Policy::parse(&text.replace("sources = [\"statements\"]", "sources = []")).unwrap()
}

/// What an epoch's contributions are worth, without any epoch before it.
pub(crate) fn weights(policy: &Policy, members: &Members, events: &[Event], epoch: u64) -> Weights {
    let records = Records::collect(policy, members, &in_order(events));
    let history = &mut History::default();
    weigh(policy, members, &records, epoch, history, Dimensions::ALL)
}

/// Σ points of everybody.
pub(crate) fn sum(weights: &Weights) -> u64 {
    weights.pools.iter().flat_map(|pool| pool.points.values()).sum()
}
