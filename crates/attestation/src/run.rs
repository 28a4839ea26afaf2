//! An aligned run of leaves and the one proof that covers all of them.
//!
//! Leaves are hashed four at a time: the tree's lowest nodes are quads, and a tree of `n` leaves is
//! `depth(n) = ⌈log₂ ⌈n/4⌉⌉` levels high; what is missing on the right counts as
//! [`MISSING_QUAD`]. A run of `4 × 2^k` leaves that starts at a multiple of its size is a whole
//! subtree, so its leaves share a proof of `depth − k` hashes: 32 members need 8 quad hashes, 7 node
//! hashes and one short path, instead of 32 long ones. The shortest run is one quad.

use crate::sha256::climb;
use crate::{node_hash, Hash, MISSING_QUAD, QUAD_LEAVES};

/// The most leaves one run may prove.
pub const MAX_RUN_LEAVES: usize = 32;

/// The most quads one run may prove.
pub const MAX_RUN_QUADS: usize = MAX_RUN_LEAVES / QUAD_LEAVES;

/// Levels between a quad and the root of a tree of `leaf_count` leaves.
#[inline(always)]
pub const fn depth(leaf_count: u32) -> u32 {
    match leaf_count.div_ceil(QUAD_LEAVES as u32) {
        0 | 1 => 0,
        quads => u32::BITS - (quads - 1).leading_zeros(),
    }
}

/// Why leaves and proof do not fit the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
    /// No leaves, or more than [`MAX_RUN_LEAVES`].
    Length,
    /// The start is no multiple of the run's size.
    Unaligned,
    /// The run ends past the last leaf.
    PastEnd,
    /// The number of leaves is not 4, 8, 16 or 32, and the run does not end with the tree.
    Ragged,
    /// The proof has not exactly `depth − k` hashes.
    ProofLength,
}

impl core::fmt::Display for RunError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Length => "a run has 1 to 32 leaves",
            Self::Unaligned => "a run starts at a multiple of its size",
            Self::PastEnd => "a run ends within the tree",
            Self::Ragged => "a run has 4, 8, 16 or 32 leaves unless it ends the tree",
            Self::ProofLength => "a run's proof has as many hashes as levels lie above it",
        })
    }
}

impl core::error::Error for RunError {}

/// Where a run lies in its tree; every field is checked by [`Run::new`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    start: u32,
    leaves: usize,
    levels: u32,
    leaf_count: u32,
}

// What looks like the work of `next_power_of_two`, `leading_zeros` and `trailing_zeros` below is
// written as comparisons and shifts: the chain's processor has no such instructions, and each of
// them would cost 15 to 60 compute units.
impl Run {
    /// The run of `leaves` leaves from index `start` in a tree of `leaf_count` leaves.
    ///
    /// `leaves` is 4, 8, 16 or 32, or fewer when the run reaches the last leaf.
    ///
    /// # Errors
    /// [`RunError`] when such a run is no subtree of the tree.
    #[inline(always)]
    pub fn new(start: u32, leaves: usize, leaf_count: u32) -> Result<Self, RunError> {
        let levels = match leaves {
            1..=4 => 0,
            5..=8 => 1,
            9..=16 => 2,
            17..=MAX_RUN_LEAVES => 3,
            _ => return Err(RunError::Length),
        };
        let size = (QUAD_LEAVES as u32) << levels;
        // `size` is a power of two, so the mask is its remainder.
        if start & (size - 1) != 0 {
            return Err(RunError::Unaligned);
        }
        let leaves_u32 = leaves as u32;
        let end = start.checked_add(leaves_u32).ok_or(RunError::PastEnd)?;
        if end > leaf_count {
            return Err(RunError::PastEnd);
        }
        // A run is never higher than its tree: more than half of its leaves are there.
        if leaves_u32 != size && end != leaf_count {
            return Err(RunError::Ragged);
        }
        Ok(Self { start, leaves, levels, leaf_count })
    }

    /// Leaves of the run with the missing ones: 4, 8, 16 or 32.
    #[inline(always)]
    pub fn size(&self) -> usize {
        QUAD_LEAVES << self.levels
    }

    /// Quads of the run that have a leaf.
    #[inline(always)]
    pub fn quads(&self) -> usize {
        self.leaves.div_ceil(QUAD_LEAVES)
    }

    /// Levels between a quad and the run's own root.
    #[inline(always)]
    pub fn levels(&self) -> u32 {
        self.levels
    }

    /// Position of the run among the subtrees of its size, counted from the left.
    #[inline(always)]
    pub fn position(&self) -> u32 {
        self.start >> (self.levels + QUAD_LEAVES.trailing_zeros())
    }

    /// Hashes that a proof of this run has.
    #[inline(always)]
    pub fn proof_len(&self) -> usize {
        (depth(self.leaf_count) - self.levels) as usize
    }

    /// Whether a proof of so many hashes has [`Run::proof_len`]: 2^(depth−1) < quads ≤ 2^depth.
    #[inline(always)]
    fn has_proof_len(&self, hashes: usize) -> bool {
        // No tree is higher than 30 levels: 2^30 quads hold 2^32 leaves.
        if hashes > 30 {
            return false;
        }
        let depth = hashes as u32 + self.levels;
        let quads = u64::from(self.leaf_count.div_ceil(QUAD_LEAVES as u32));
        quads <= 1 << depth && (depth == 0 || quads > 1 << (depth - 1))
    }

    /// The root that this run's quads and this proof lead to.
    ///
    /// `write_quad(i, hash)` writes the hash of the run's quad `i`, once for each of [`Run::quads`].
    ///
    /// # Errors
    /// [`RunError::ProofLength`] when the proof is too short or too long.
    #[inline(always)]
    pub fn root(
        &self,
        write_quad: impl Fn(usize, &mut Hash),
        proof: &[Hash],
    ) -> Result<Hash, RunError> {
        if !self.has_proof_len(proof.len()) {
            return Err(RunError::ProofLength);
        }
        let mut hash = MISSING_QUAD;
        if self.levels == 0 {
            write_quad(0, &mut hash);
        } else {
            self.write_subtree(write_quad, &mut hash);
        }
        climb(&mut hash, self.position(), proof);
        Ok(hash)
    }

    /// Writes the root of the run's own subtree.
    #[inline(always)]
    fn write_subtree(&self, write_quad: impl Fn(usize, &mut Hash), hash: &mut Hash) {
        let (width, quads) = (1 << self.levels, self.quads());
        // The roots of finished left subtrees, by their level; at most three wait for their right.
        let mut waiting = [MISSING_QUAD; MAX_RUN_QUADS.trailing_zeros() as usize + 1];
        for i in 0..width {
            if i < quads {
                write_quad(i, hash);
            } else {
                *hash = MISSING_QUAD;
            }
            let mut level = 0;
            while i >> level & 1 == 1 {
                *hash = node_hash(&waiting[level], hash);
                level += 1;
            }
            waiting[level] = *hash;
        }
    }
}
