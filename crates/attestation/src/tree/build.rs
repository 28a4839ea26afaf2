//! Hashes a tree on several cores: its quads by units, and what lies above the units at the end.
//!
//! A unit is a whole subtree, so a thread hashes all of it without waiting for another, while it is
//! in that core's cache. Which thread takes which unit changes no byte.

use alloc::vec::Vec;
use core::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Leaf;
use crate::{quad_hash_into, Hash, Lanes, Padded, NODE_PREFIX, QUAD_LEAVES, QUAD_PREFIX};

/// Levels of a unit above its quads.
const UNIT_LEVELS: usize = 12;

/// Leaves of a unit; only the last has fewer.
pub(super) const UNIT_LEAVES: usize = QUAD_LEAVES << UNIT_LEVELS;

/// Messages that are written before they are hashed.
const BATCH: usize = 16;

/// The bytes that are hashed for a whole quad: prefix and index, accounts, totals.
type QuadMessage = Padded<165, 3>;

/// The bytes that are hashed for a node: prefix, left, right.
type NodeMessage = Padded<65, 2>;

/// A subtree of [`UNIT_LEAVES`] leaves and where its hashes are written, level by level.
struct Unit<'a> {
    first_index: u32,
    leaves: &'a [Leaf],
    levels: Vec<&'a mut [Hash]>,
}

/// Fills `nodes`, level after level, and returns the sum of the leaves' totals.
///
/// `widths` are the levels' numbers of nodes, `missing` the root of a subtree without leaves for each.
pub(super) fn fill(
    leaves: &[Leaf],
    nodes: &mut [Hash],
    widths: &[usize],
    missing: &[Hash],
    threads: NonZeroUsize,
    lanes: Lanes,
) -> u128 {
    let mut rest = nodes;
    let mut levels: Vec<&mut [Hash]> = Vec::with_capacity(widths.len());
    for width in widths {
        let (level, above) = rest.split_at_mut(*width);
        levels.push(level);
        rest = above;
    }
    let sum = fill_units(leaves, &mut levels, missing, threads, lanes);
    for level in UNIT_LEVELS + 1..levels.len() {
        fill_level(&mut levels, level, missing, lanes);
    }
    sum
}

/// Fills the levels that units have; returns the sum of the leaves' totals.
fn fill_units(
    leaves: &[Leaf],
    levels: &mut [&mut [Hash]],
    missing: &[Hash],
    threads: NonZeroUsize,
    lanes: Lanes,
) -> u128 {
    let count = leaves.len().div_ceil(UNIT_LEAVES);
    let mut parts: Vec<_> = levels
        .iter_mut()
        .take(UNIT_LEVELS + 1)
        .enumerate()
        .map(|(level, hashes)| hashes.chunks_mut(1 << (UNIT_LEVELS - level)))
        .collect();
    let units =
        leaves.chunks(UNIT_LEAVES).zip((0..).step_by(UNIT_LEAVES)).map(|(leaves, first_index)| {
            let levels = parts.iter_mut().filter_map(Iterator::next).collect();
            Unit { first_index, leaves, levels }
        });
    let units = Mutex::new(units);
    let work = || {
        let mut sum = 0;
        loop {
            let unit = units.lock().unwrap_or_else(PoisonError::into_inner).next();
            match unit {
                Some(unit) => sum += unit.fill(missing, lanes),
                None => return sum,
            }
        }
    };
    thread::scope(|scope| {
        // A thread that the system does not give is one less; this one works too.
        let helpers: Vec<_> = (1..threads.get().min(count))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let own = work();
        helpers.into_iter().fold(own, |sum, helper| {
            sum + helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

impl Unit<'_> {
    /// Hashes this subtree; returns the sum of its leaves' totals.
    fn fill(mut self, missing: &[Hash], lanes: Lanes) -> u128 {
        if let Some(quads) = self.levels.first_mut() {
            fill_quads(self.first_index, self.leaves, quads, lanes);
        }
        for level in 1..self.levels.len() {
            fill_level(&mut self.levels, level, missing, lanes);
        }
        self.leaves.iter().map(|leaf| u128::from(leaf.cumulative_total)).sum()
    }
}

/// Hashes the quads of these leaves, of which the first has this index.
fn fill_quads(first_index: u32, leaves: &[Leaf], hashes: &mut [Hash], lanes: Lanes) {
    let (whole, last) = leaves.as_chunks::<QUAD_LEAVES>();
    let (whole_hashes, last_hash) = hashes.split_at_mut(whole.len());
    let mut batch = [QuadMessage::new(); BATCH];
    let mut indices = (first_index..).step_by(QUAD_LEAVES);
    for (quads, hashes) in whole.chunks(BATCH).zip(whole_hashes.chunks_mut(BATCH)) {
        for ((quad, message), index) in quads.iter().zip(&mut batch).zip(&mut indices) {
            write_quad(index, quad, message.bytes_mut());
        }
        lanes.hash(&batch[..quads.len()], hashes);
    }
    if let (Some(hash), Some(index)) = (last_hash.first_mut(), indices.next()) {
        let mut totals = [0; QUAD_LEAVES];
        totals.iter_mut().zip(last).for_each(|(total, leaf)| *total = leaf.cumulative_total);
        quad_hash_into(index, last, |leaf| &leaf.token_account, &totals[..last.len()], hash);
    }
}

/// Writes what [`quad_hash_into`] hashes for a whole quad.
fn write_quad(first_index: u32, quad: &[Leaf; QUAD_LEAVES], bytes: &mut [u8]) {
    bytes[0] = QUAD_PREFIX;
    bytes[1..5].copy_from_slice(&first_index.to_le_bytes());
    for (i, leaf) in quad.iter().enumerate() {
        bytes[5 + 32 * i..][..32].copy_from_slice(&leaf.token_account);
        bytes[133 + 8 * i..][..8].copy_from_slice(&leaf.cumulative_total.to_le_bytes());
    }
}

/// Hashes the nodes of a level from those of the level below.
fn fill_level(levels: &mut [&mut [Hash]], level: usize, missing: &[Hash], lanes: Lanes) {
    let (below, above) = levels.split_at_mut(level);
    let (children, parents) = (&*below[level - 1], &mut *above[0]);
    let (pairs, last) = children.as_chunks::<2>();
    let (pair_parents, last_parent) = parents.split_at_mut(pairs.len());
    let mut batch = [NodeMessage::new(); BATCH];
    for (pairs, parents) in pairs.chunks(BATCH).zip(pair_parents.chunks_mut(BATCH)) {
        for (pair, message) in pairs.iter().zip(&mut batch) {
            let bytes = message.bytes_mut();
            bytes[0] = NODE_PREFIX;
            bytes[1..].copy_from_slice(pair.as_flattened());
        }
        lanes.hash(&batch[..pairs.len()], parents);
    }
    if let ([left], [parent]) = (last, last_parent) {
        *parent = crate::node_hash(left, &missing[level - 1]);
    }
}
