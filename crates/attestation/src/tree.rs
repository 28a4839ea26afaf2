//! Builds the tree of cumulative totals: its root, and the proof of any run of its leaves.

extern crate alloc;

use alloc::vec::Vec;

use crate::{depth, node_hash, quad_hash_into, Hash, Run, RunError, MISSING_QUAD, QUAD_LEAVES};

/// One member's entry: everything earned so far, and where it is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The token account that is paid; all zeros while the member has no wallet.
    pub token_account: [u8; 32],
    /// Everything earned up to the epoch, base units.
    pub cumulative_total: u64,
}

/// Why leaves make no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// More than `u32::MAX` leaves.
    TooManyLeaves,
    /// The totals' sum exceeds `u64::MAX` base units.
    TotalOverflow,
}

impl core::fmt::Display for TreeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::TooManyLeaves => "a tree holds at most 4294967295 leaves",
            Self::TotalOverflow => "the leaves' totals add up to more than 2^64 - 1 base units",
        })
    }
}

impl core::error::Error for TreeError {}

/// A dense binary tree over quads of members' leaves; a member's index is its leaf's position.
///
/// An empty tree's root is [`MISSING_QUAD`].
#[derive(Clone, Debug)]
pub struct Tree {
    leaf_count: u32,
    cumulative_total: u64,
    /// `levels[0]` are the quads; each level holds only nodes with a leaf below them.
    levels: Vec<Vec<Hash>>,
    /// `missing[k]` is the root of a subtree of `2^k` missing quads.
    missing: Vec<Hash>,
}

impl Tree {
    /// Hashes the leaves and all nodes above them.
    ///
    /// # Errors
    /// [`TreeError`] when the leaves are too many or their sum too large.
    pub fn new(leaves: &[Leaf]) -> Result<Self, TreeError> {
        let leaf_count = u32::try_from(leaves.len()).map_err(|_| TreeError::TooManyLeaves)?;
        let cumulative_total = leaves
            .iter()
            .try_fold(0u64, |sum, leaf| sum.checked_add(leaf.cumulative_total))
            .ok_or(TreeError::TotalOverflow)?;
        let mut levels = Vec::with_capacity(depth(leaf_count) as usize + 1);
        levels.push(
            leaves
                .chunks(QUAD_LEAVES)
                .zip((0u32..).step_by(QUAD_LEAVES))
                .map(|(quad, first_index)| {
                    let totals: Vec<_> = quad.iter().map(|leaf| leaf.cumulative_total).collect();
                    let mut hash = MISSING_QUAD;
                    quad_hash_into(
                        first_index,
                        quad,
                        |leaf| &leaf.token_account,
                        &totals,
                        &mut hash,
                    );
                    hash
                })
                .collect::<Vec<_>>(),
        );
        let mut missing = Vec::from([MISSING_QUAD]);
        for level in 0..depth(leaf_count) as usize {
            let absent = missing[level];
            let parents = levels[level]
                .chunks(2)
                .map(|pair| node_hash(&pair[0], pair.get(1).unwrap_or(&absent)))
                .collect();
            levels.push(parents);
            missing.push(node_hash(&absent, &absent));
        }
        Ok(Self { leaf_count, cumulative_total, levels, missing })
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or(MISSING_QUAD)
    }

    /// Number of leaves.
    pub fn leaf_count(&self) -> u32 {
        self.leaf_count
    }

    /// Sum of all leaves' totals, base units.
    pub fn cumulative_total(&self) -> u64 {
        self.cumulative_total
    }

    /// The proof of a run of `leaves` leaves from index `start`, lowest sibling first.
    ///
    /// # Errors
    /// [`RunError`] when such a run is no subtree of this tree.
    pub fn proof(&self, start: u32, leaves: usize) -> Result<Vec<Hash>, RunError> {
        let run = Run::new(start, leaves, self.leaf_count)?;
        let lowest = run.levels() as usize;
        let mut position = run.position() as usize;
        let proof = (lowest..lowest + run.proof_len())
            .map(|level| {
                let sibling = self.levels[level].get(position ^ 1).copied();
                position >>= 1;
                sibling.unwrap_or(self.missing[level])
            })
            .collect();
        Ok(proof)
    }

    /// The runs that cover every leaf with the fewest proofs: `(start, leaves)` of each.
    pub fn runs(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        let size = crate::MAX_RUN_LEAVES as u32;
        (0..self.leaf_count)
            .step_by(size as usize)
            .map(move |start| (start, (self.leaf_count - start).min(size) as usize))
    }
}
