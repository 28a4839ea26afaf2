//! The program's instructions, one file each.

pub mod attest;
pub mod claim_batch;
pub mod finalize;
pub mod initialize;
pub mod open_page;

pub use attest::*;
pub use claim_batch::*;
pub use finalize::*;
pub use initialize::*;
pub use open_page::*;
