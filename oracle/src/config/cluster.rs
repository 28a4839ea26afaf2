//! The sections `[cluster]` and `[submit]`: which cluster, and what may be spent on it.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::outbox::{OutboxSettings, PriceSettings};

/// Which cluster members are paid on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterSettings {
    /// The mint that members are paid in.
    pub mint: Option<String>,
    /// The RPC URLs of the cluster's nodes: when one does not answer, the next one is asked. Those with a
    /// key in them belong into the environment, `STK_URL`.
    pub urls: Vec<String>,
    /// Where news of transactions comes from; without it the first node's usual place.
    pub websocket_url: Option<String>,
    /// How certain the chain must be: `confirmed` or `finalized`.
    pub commitment: Option<String>,
    /// Who pays fees and rent: a file as solana-keygen writes it that only its owner can read.
    pub payer: Option<PathBuf>,
}

/// What may be spent, and how.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubmitSettings {
    /// What an epoch's transactions may take in all, fees and rent, lamports.
    pub epoch_lamports: u64,
    /// What of it may go into token accounts for members who have none, where the rules want that,
    /// lamports.
    pub token_account_lamports: u64,
    /// What is paid for a compute unit at least, micro-lamports.
    pub price_floor: u64,
    /// What is paid for a compute unit at most, micro-lamports.
    pub price_cap: u64,
    /// Transactions on their way at once.
    pub at_once: usize,
    /// How long news of a transaction is waited for before it is asked for, milliseconds.
    pub poll_milliseconds: u64,
    /// For how long a process may act without a word to the database, seconds.
    pub lease_seconds: u64,
}

impl Default for SubmitSettings {
    fn default() -> Self {
        Self {
            epoch_lamports: 500_000_000,
            token_account_lamports: 100_000_000,
            price_floor: 1_000,
            price_cap: 200_000,
            at_once: 8,
            poll_milliseconds: 2_000,
            lease_seconds: 30,
        }
    }
}

impl SubmitSettings {
    /// How the outbox sends.
    pub fn outbox(&self) -> OutboxSettings {
        OutboxSettings {
            price: PriceSettings { floor: self.price_floor, cap: self.price_cap },
            epoch_lamports: self.epoch_lamports,
            token_account_lamports: self.token_account_lamports,
            at_once: self.at_once,
            poll_interval: Duration::from_millis(self.poll_milliseconds),
        }
    }

    /// For how long a lease is taken at a time.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, RunSettings};
    use super::*;

    #[test]
    fn the_example_says_the_defaults() {
        let example = include_str!("../../../examples/oracle.toml");
        let Config { cluster, submit, run, .. } = toml::from_str(example).unwrap();
        assert_eq!(submit, SubmitSettings::default());
        assert_eq!(run, RunSettings::default());
        // Of the cluster, what has no default is an example.
        assert!(cluster.mint.is_some_and(|mint| mint.len() > 31) && cluster.urls.len() == 1);
        assert_eq!(cluster.commitment.as_deref(), Some("finalized"));
    }
}
