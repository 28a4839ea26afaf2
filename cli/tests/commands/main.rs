//! The commands as a user types them, on an embedded chain in this process.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod admin;
mod change;
mod emission;
mod epoch;
mod init;
mod link;
mod oracle;
mod page;
mod pause;
mod settings;
mod statement;
mod status;
mod town;
mod transaction;
