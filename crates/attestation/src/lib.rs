//! The bytes that oracles sign and the Merkle tree that members are paid from.
//!
//! One definition, compiled into the on-chain program, the oracle, the command line and
//! any witness, so that none of them can disagree about a byte:
//!
//! - [`Attestation`]: what an oracle signs for an epoch, 168 bytes.
//! - [`quad_hash`] and [`node_hash`]: how members' cumulative totals are proved.
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
pub use run::{depth, Run, RunError, MAX_RUN_LEAVES, MAX_RUN_QUADS};
#[cfg(feature = "tree")]
pub use tree::{Leaf, Tree, TreeError};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Leaves that are hashed together.
pub const QUAD_LEAVES: usize = 4;

/// What stands where a tree has no quad.
pub const MISSING_QUAD: Hash = [0; 32];

const QUAD_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// Hash of a quad, four neighbouring leaves and the tree's lowest node:
/// `sha256(0x00 ‖ first index u32 ‖ token accounts ‖ cumulative totals u64)`.
///
/// `first_index` is the position of the first of the members in the tree, a multiple of four; each
/// total is everything that member has earned up to the attested epoch, in base units. The last
/// quad of a tree has one to four leaves, any other four.
///
/// # Panics
/// When there are more than four totals, or fewer accounts than totals.
#[inline(always)]
pub fn quad_hash<'a>(
    first_index: u32,
    mut token_accounts: impl Iterator<Item = &'a [u8; 32]>,
    totals: &[u64],
) -> Hash {
    let mut prefix = [QUAD_PREFIX; 5];
    prefix[1..].copy_from_slice(&first_index.to_le_bytes());
    let mut total_bytes = [[0; 8]; QUAD_LEAVES];
    // The hash syscall charges for each slice, but less than copying into one would cost.
    let mut parts: [&[u8]; QUAD_LEAVES + 2] = [&prefix; QUAD_LEAVES + 2];
    for (i, total) in totals.iter().enumerate() {
        total_bytes[i] = total.to_le_bytes();
        parts[1 + i] = token_accounts.next().expect("an account for each total");
    }
    parts[1 + totals.len()] = total_bytes[..totals.len()].as_flattened();
    sha256(&parts[..2 + totals.len()])
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
