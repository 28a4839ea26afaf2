//! The oracle from files to closed epochs.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

mod bundles;
mod capture;
mod capture_clients;
mod crash;
#[expect(clippy::float_arithmetic, reason = "cred is a float, in the original too")]
mod credrank;
mod distribution;
mod explain;
mod files;
mod holding;
mod hypothesis;
mod identity;
mod import;
mod late;
mod ledger;
mod log;
mod outbox;
mod policy;
mod posthog;
mod quarantine;
mod query;
mod real_export;
mod rejected;
mod rejected_commands;
mod replay;
mod report;
mod rule_books;
mod s3;
mod serve;
mod served;
mod settle;
mod simulate;
mod statements;
mod store;
mod store_at_once;
mod webhook_attacks;
mod webhooks;
mod weigh;
mod weigh_habits;
mod weigh_recognition;
