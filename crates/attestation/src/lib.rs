//! The bytes that oracles sign and the Merkle tree that members are paid from.
//!
//! One definition, compiled into the on-chain program, the oracle, the command line and
//! any witness, so that none of them can disagree about a byte:
//!
//! - [`Attestation`]: what an oracle signs for an epoch, 168 bytes.
//! - [`quad_hash`] and [`node_hash`]: how members' cumulative totals are proved.
//! - [`Run`]: an aligned run of leaves and the one proof that covers it.
//! - [`Tree`] (feature `tree`): builds the root and the proofs, on all cores.
//!
//! All integers are little-endian. No I/O, no clock; no allocation and no thread outside [`Tree`], and
//! without it no standard library.
#![no_std]

#[cfg(feature = "tree")]
extern crate alloc;
#[cfg(feature = "tree")]
extern crate std;

#[cfg(target_endian = "big")]
compile_error!("totals are hashed as they lie in memory, which must be little-endian");

mod attestation;
#[cfg(feature = "tree")]
mod lanes;
mod run;
mod sha256;
#[cfg(feature = "tree")]
mod tree;

pub use attestation::{Attestation, AttestationError, DOMAIN};
#[cfg(feature = "tree")]
pub use lanes::{Lanes, Padded};
pub use run::{depth, Run, RunError, MAX_RUN_LEAVES, MAX_RUN_QUADS};
#[cfg(feature = "tree")]
pub use tree::{Leaf, Tree, TreeError};

use sha256::sha256_into;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Leaves that are hashed together.
pub const QUAD_LEAVES: usize = 4;

/// What stands where a tree has no quad.
pub const MISSING_QUAD: Hash = [0; 32];

const QUAD_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// Writes the hash of a quad, four neighbouring leaves and the tree's lowest node, to `hash`:
/// `sha256(0x00 ‖ first index u32 ‖ token accounts ‖ cumulative totals u64)`.
///
/// `first_index` is the position of the first of the members in the tree, a multiple of four; each
/// total is everything that member has earned up to the attested epoch, in base units. The last
/// quad of a tree has one to four leaves, any other four.
///
/// # Panics
/// When there are more than four totals, or not one account for each.
#[inline(always)]
pub fn quad_hash_into<A>(
    first_index: u32,
    token_accounts: &[A],
    address_of: impl Fn(&A) -> &[u8; 32],
    totals: &[u64],
    hash: &mut Hash,
) {
    assert!(token_accounts.len() == totals.len(), "a quad has one account for each total");
    let mut prefix = [QUAD_PREFIX; 5];
    prefix[1..].copy_from_slice(&first_index.to_le_bytes());
    let totals = bytemuck::cast_slice(totals);
    // The hash syscall charges for each slice, but less than copying into one would cost; an empty
    // slice stands for what is missing.
    let [first, second, third, fourth]: [&[u8]; QUAD_LEAVES] = match token_accounts {
        [a, b, c, d] => [address_of(a), address_of(b), address_of(c), address_of(d)],
        [a, b, c] => [address_of(a), address_of(b), address_of(c), &[]],
        [a, b] => [address_of(a), address_of(b), &[], &[]],
        [a] => [address_of(a), &[], &[], &[]],
        _ => panic!("a quad has one to four leaves"),
    };
    sha256_into(&[&prefix, first, second, third, fourth, totals], hash);
}

/// The hash that [`quad_hash_into`] writes, for token accounts by their addresses.
///
/// # Panics
/// When there are more than four totals, or not one account for each.
pub fn quad_hash(first_index: u32, token_accounts: &[[u8; 32]], totals: &[u64]) -> Hash {
    let mut hash = MISSING_QUAD;
    quad_hash_into(first_index, token_accounts, |account| account, totals, &mut hash);
    hash
}

/// Hash of an inner node: `sha256(0x01 ‖ left ‖ right)`.
#[inline(always)]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = MISSING_QUAD;
    sha256_into(&[&[NODE_PREFIX], left, right], &mut hash);
    hash
}
