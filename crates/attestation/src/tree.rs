//! Builds the tree of cumulative totals: its root, and the proof of any run of its leaves.

mod build;

use alloc::vec::Vec;
use core::num::NonZeroUsize;

use crate::{depth, node_hash, Hash, Lanes, Run, RunError, MISSING_QUAD, QUAD_LEAVES};

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
/// Every hash is kept, 32 bytes each, so that a proof is read and not computed. An empty tree's root is
/// [`MISSING_QUAD`].
#[derive(Clone, Debug)]
pub struct Tree {
    leaf_count: u32,
    cumulative_total: u64,
    /// The quads, then each level above them; only nodes with a leaf below them.
    nodes: Vec<Hash>,
    /// Where each level starts among the nodes, and where the last one ends.
    starts: Vec<usize>,
    /// `missing[k]` is the root of a subtree of `2^k` missing quads.
    missing: Vec<Hash>,
}

impl Tree {
    /// Hashes the leaves and all nodes above them, on all cores and as many at once as they can.
    ///
    /// # Errors
    /// [`TreeError`] when the leaves are too many or their sum too large.
    pub fn new(leaves: &[Leaf]) -> Result<Self, TreeError> {
        let threads = if leaves.len() > build::UNIT_LEAVES {
            std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
        } else {
            NonZeroUsize::MIN
        };
        Self::build(leaves, threads, Lanes::best())
    }

    /// [`Tree::new`] on so many threads and lanes, on which no byte of the tree depends.
    ///
    /// # Errors
    /// [`TreeError`] when the leaves are too many or their sum too large.
    pub fn build(leaves: &[Leaf], threads: NonZeroUsize, lanes: Lanes) -> Result<Self, TreeError> {
        let leaf_count = u32::try_from(leaves.len()).map_err(|_| TreeError::TooManyLeaves)?;
        let mut widths = Vec::from([leaves.len().div_ceil(QUAD_LEAVES)]);
        let mut missing = Vec::from([MISSING_QUAD]);
        let mut starts = Vec::from([0, widths[0]]);
        for level in 0..depth(leaf_count) as usize {
            widths.push(widths[level].div_ceil(2));
            missing.push(node_hash(&missing[level], &missing[level]));
            starts.push(starts[level + 1] + widths[level + 1]);
        }
        let mut nodes = alloc::vec![MISSING_QUAD; widths.iter().sum()];
        let sum = build::fill(leaves, &mut nodes, &widths, &missing, threads, lanes);
        let cumulative_total = u64::try_from(sum).map_err(|_| TreeError::TotalOverflow)?;
        Ok(Self { leaf_count, cumulative_total, nodes, starts, missing })
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.nodes.last().copied().unwrap_or(MISSING_QUAD)
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
                let nodes = &self.nodes[self.starts[level]..self.starts[level + 1]];
                let sibling = nodes.get(position ^ 1).copied();
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
