//! The world that the integration tests play in: one embedded chain with the real program, a
//! classic mint, three oracles of which two must agree, and members with token accounts.
//!
//! Every key comes from one seed and the clock moves only when a test moves it, so each run sees
//! the same bytes. A failing helper panics: nothing in this crate runs outside a test.
#![allow(clippy::missing_panics_doc)]

mod claim_pda;
mod costs;
mod epoch;
mod governance;
mod mint;
mod refusal;
mod token_2022;
mod world;

pub use claim_pda::{CLAIM_PDA_ELF, ClaimPda, Payment, Payments};
pub use costs::{ChainCosts, Comparison, PeerCosts, measure_chain_costs};
pub use epoch::{Epoch, signature};
pub use refusal::{ACCOUNT_IN_USE, Refusal, Snapshot, failed};
pub use token_2022::{METADATA, TOKEN_2022_PROGRAM};
pub use world::{
    CHALLENGE_SECONDS, DECIMALS, EPOCH_SECONDS, START_AT, THRESHOLD, World, admin, default_args,
    guardian,
};
