//! The bytes that oracles sign and the Merkle tree that members are paid from.
//!
//! One definition, compiled into the on-chain program, the oracle, the command line and
//! any witness, so that none of them can disagree about a byte:
//!
//! - [`Attestation`]: what an oracle signs for an epoch, 168 bytes.
//! - [`leaf_hash`] and [`node_hash`]: how a member's cumulative total is proved.
//! - [`Run`]: an aligned run of leaves and the one proof that covers it.
//! - [`Tree`] (feature `tree`): builds the root and the proofs.
//!
//! All integers are little-endian. No I/O, no clock, no allocation outside [`Tree`].
#![no_std]

mod attestation;
mod run;
#[cfg(feature = "tree")]
mod tree;

pub use attestation::{Attestation, AttestationError, DOMAIN};
pub use run::{depth, Run, RunError, MAX_RUN_LEAVES};
#[cfg(feature = "tree")]
pub use tree::{Leaf, Tree, TreeError};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// What stands where a tree has no leaf.
pub const MISSING_LEAF: Hash = [0; 32];

const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// Hash of one member's leaf: `sha256(0x00 ‖ index u32 ‖ token_account ‖ cumulative_total u64)`.
///
/// `index` is the member's position in the tree and `cumulative_total` everything the member
/// has earned up to the attested epoch, in base units.
#[inline(always)]
pub fn leaf_hash(index: u32, token_account: &[u8; 32], cumulative_total: u64) -> Hash {
    // The hash syscall charges for each slice, but less than copying into one would cost.
    let mut prefix = [LEAF_PREFIX; 5];
    prefix[1..].copy_from_slice(&index.to_le_bytes());
    sha256(&[&prefix, token_account, &cumulative_total.to_le_bytes()])
}

/// Hash of an inner node: `sha256(0x01 ‖ left ‖ right)`.
#[inline(always)]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE_PREFIX], left, right])
}

#[inline(always)]
fn sha256(parts: &[&[u8]]) -> Hash {
    solana_sha256_hasher::hashv(parts).to_bytes()
}
