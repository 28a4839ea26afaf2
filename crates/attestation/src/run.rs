//! An aligned run of leaves and the one proof that covers all of them.
//!
//! A tree of `n` leaves is dense and binary, `depth(n) = ⌈log₂ n⌉` levels high; what is missing
//! on the right counts as [`MISSING_LEAF`](crate::MISSING_LEAF). A run of `2^k` leaves that starts
//! at a multiple of `2^k` is a whole subtree, so its `2^k` leaves share a proof of
//! `depth − k` hashes: 32 members need 31 node hashes and one short path instead of 32 long ones.

use crate::{node_hash, Hash, MISSING_LEAF};

/// The most leaves one run may prove.
pub const MAX_RUN_LEAVES: usize = 32;

/// Levels between a leaf and the root of a tree of `leaf_count` leaves.
#[inline(always)]
pub const fn depth(leaf_count: u32) -> u32 {
    match leaf_count {
        0 | 1 => 0,
        n => u32::BITS - (n - 1).leading_zeros(),
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
    /// The number of leaves is no power of two, and the run does not end with the tree.
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
            Self::Ragged => "a run has a power of two of leaves unless it ends the tree",
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
    /// `leaves` is 1, 2, 4 … 32, or fewer when the run reaches the last leaf.
    ///
    /// # Errors
    /// [`RunError`] when such a run is no subtree of the tree.
    #[inline(always)]
    pub fn new(start: u32, leaves: usize, leaf_count: u32) -> Result<Self, RunError> {
        if leaves == 0 || leaves > MAX_RUN_LEAVES {
            return Err(RunError::Length);
        }
        let size = leaves.next_power_of_two();
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
        let proof_len =
            depth(leaf_count).checked_sub(size.trailing_zeros()).ok_or(RunError::Ragged)?;
        Ok(Self { start, size, proof_len: proof_len as usize })
    }

    /// Leaves of the run with the missing ones: a power of two.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Hashes that a proof of this run has.
    #[inline(always)]
    pub fn proof_len(&self) -> usize {
        self.proof_len
    }

    /// The root that these leaves and this proof lead to.
    ///
    /// `leaves` is scratch space: its first entries hold the run's leaf hashes, the rest is
    /// overwritten with missing ones.
    ///
    /// # Errors
    /// [`RunError::ProofLength`] when the proof is too short or too long, [`RunError::Length`]
    /// when `leaf_len` is not of this run.
    #[inline(always)]
    pub fn root(
        &self,
        leaves: &mut [Hash; MAX_RUN_LEAVES],
        leaf_len: usize,
        proof: &[Hash],
    ) -> Result<Hash, RunError> {
        if proof.len() != self.proof_len {
            return Err(RunError::ProofLength);
        }
        if leaf_len == 0 || leaf_len.next_power_of_two() != self.size {
            return Err(RunError::Length);
        }
        for missing in &mut leaves[leaf_len..self.size] {
            *missing = MISSING_LEAF;
        }
        let mut width = self.size;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                leaves[i] = node_hash(&leaves[2 * i], &leaves[2 * i + 1]);
            }
        }
        let mut hash = leaves[0];
        let mut position = self.start >> self.size.trailing_zeros();
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
