//! The program's instructions, one file each.

pub mod accept_admin;
pub mod attest;
pub mod cancel_change;
pub mod claim_batch;
pub mod close_proposal;
pub mod execute_change;
pub mod finalize;
pub mod initialize;
pub mod open_page;
pub mod pause;
pub mod propose_admin;
pub mod queue_change;
pub mod unpause;
pub mod veto;

pub use accept_admin::*;
pub use attest::*;
pub use cancel_change::*;
pub use claim_batch::*;
pub use close_proposal::*;
pub use execute_change::*;
pub use finalize::*;
pub use initialize::*;
pub use open_page::*;
pub use pause::*;
pub use propose_admin::*;
pub use queue_change::*;
pub use unpause::*;
pub use veto::*;
