//! An aligned run of leaves and the one proof that covers all of them.
//!
//! Leaves are hashed four at a time: the tree's lowest nodes are quads, and a tree of `n` leaves is
//! `depth(n) = ⌈log₂ ⌈n/4⌉⌉` levels high; what is missing on the right counts as
//! [`MISSING_QUAD`]. A run of `4 × 2^k` leaves that starts at a multiple of its size is a whole
//! subtree, so its leaves share a proof of `depth − k` hashes: 32 members need 8 quad hashes, 7 node
//! hashes and one short path, instead of 32 long ones. The shortest run is one quad.

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
    size: usize,
    proof_len: usize,
}

impl Run {
    /// The run of `leaves` leaves from index `start` in a tree of `leaf_count` leaves.
    ///
    /// `leaves` is 4, 8, 16 or 32, or fewer when the run reaches the last leaf.
    ///
    /// # Errors
    /// [`RunError`] when such a run is no subtree of the tree.
    #[inline(always)]
    pub fn new(start: u32, leaves: usize, leaf_count: u32) -> Result<Self, RunError> {
        if leaves == 0 || leaves > MAX_RUN_LEAVES {
            return Err(RunError::Length);
        }
        let size = leaves.next_power_of_two().max(QUAD_LEAVES);
        // `size` is a power of two, so the mask is its remainder; it fits u32, being ≤ 32.
        if start & (size as u32 - 1) != 0 {
            return Err(RunError::Unaligned);
        }
        let end = start.checked_add(leaves as u32).ok_or(RunError::PastEnd)?;
        if end > leaf_count {
            return Err(RunError::PastEnd);
        }
        if leaves != size && end != leaf_count {
            return Err(RunError::Ragged);
        }
        // A run inside the tree is never higher than the tree, but for the last of a tree that is
        // itself no higher than the run.
        let proof_len = depth(leaf_count)
            .checked_sub((size / QUAD_LEAVES).trailing_zeros())
            .ok_or(RunError::Ragged)?;
        Ok(Self { start, size, proof_len: proof_len as usize })
    }

    /// Leaves of the run with the missing ones: 4, 8, 16 or 32.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Levels between a quad and the run's own root.
    #[inline(always)]
    pub fn levels(&self) -> u32 {
        (self.size / QUAD_LEAVES).trailing_zeros()
    }

    /// Position of the run among the subtrees of its size, counted from the left.
    #[inline(always)]
    pub fn position(&self) -> u32 {
        self.start >> self.size.trailing_zeros()
    }

    /// Hashes that a proof of this run has.
    #[inline(always)]
    pub fn proof_len(&self) -> usize {
        self.proof_len
    }

    /// The root that these quads and this proof lead to.
    ///
    /// `quads` is scratch space: its first entries hold the run's quad hashes, the rest is
    /// overwritten with missing ones.
    ///
    /// # Errors
    /// [`RunError::ProofLength`] when the proof is too short or too long, [`RunError::Length`]
    /// when `quad_len` is not of this run.
    #[inline(always)]
    pub fn root(
        &self,
        quads: &mut [Hash; MAX_RUN_QUADS],
        quad_len: usize,
        proof: &[Hash],
    ) -> Result<Hash, RunError> {
        if proof.len() != self.proof_len {
            return Err(RunError::ProofLength);
        }
        let mut width = self.size / QUAD_LEAVES;
        if quad_len == 0 || quad_len.next_power_of_two() != width {
            return Err(RunError::Length);
        }
        for missing in &mut quads[quad_len..width] {
            *missing = MISSING_QUAD;
        }
        while width > 1 {
            width /= 2;
            for i in 0..width {
                quads[i] = node_hash(&quads[2 * i], &quads[2 * i + 1]);
            }
        }
        let mut hash = quads[0];
        let mut position = self.position();
        for sibling in proof {
            hash = if position & 1 == 0 {
                node_hash(&hash, sibling)
            } else {
                node_hash(sibling, &hash)
            };
            position >>= 1;
        }
        Ok(hash)
    }
}
