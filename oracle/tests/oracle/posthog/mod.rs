//! PostHog's Query API on a real ClickHouse engine.

mod command;
mod double;
mod faults;
mod pulling;
mod second_way;
