//! Trees of many units: the same whatever builds them, and every proof leads to the root.

mod definition;

use std::num::NonZeroUsize;

use definition::{leaves, root_by_definition, root_of_run};
use proptest::prelude::*;
use system_token_attestation::{Lanes, Leaf, Tree, TreeError, MAX_RUN_LEAVES, QUAD_LEAVES};

/// Leaves that one thread hashes at a time.
const UNIT: usize = 1 << 14;

fn build(leaves: &[Leaf], threads: usize, lanes: Lanes) -> Result<Tree, TreeError> {
    Tree::build(leaves, NonZeroUsize::new(threads).unwrap(), lanes)
}

/// Proves every run of `size` leaves that the tree has, the ragged one at its end too.
fn prove_runs(tree: &Tree, all: &[Leaf], size: usize) {
    for start in (0..all.len()).step_by(size) {
        let len = size.min(all.len() - start);
        // A last run that is half empty or more is a smaller one.
        if len > size / 2 || size == QUAD_LEAVES {
            let start = start as u32;
            let proof = tree.proof(start, len).unwrap();
            assert_eq!(root_of_run(all, start, len, &proof), Ok(tree.root()), "{len} at {start}");
        }
    }
}

#[test]
fn threads_and_lanes_change_nothing() {
    let around = [4, 8, 16, 32, 64, 1024, UNIT, 2 * UNIT, 4 * UNIT];
    let around = around.into_iter().flat_map(|size| [size - 1, size, size + 1]);
    for count in [0, 1, 2, 5, 3 * UNIT + 4, 5 * UNIT - 5].into_iter().chain(around) {
        let all = leaves(count);
        let root = root_by_definition(&all);
        let total = all.iter().map(|leaf| leaf.cumulative_total).sum();
        let given = |tree: Tree| (tree.root(), tree.leaf_count() as usize, tree.cumulative_total());
        assert_eq!(given(Tree::new(&all).unwrap()), (root, count, total), "{count} leaves");
        for lanes in Lanes::available() {
            for threads in [1, 2, 7] {
                let tree = build(&all, threads, lanes).unwrap();
                assert_eq!(given(tree), (root, count, total), "{count}, {threads}, {lanes:?}");
            }
        }
    }
}

#[test]
fn every_run_of_every_size_proves() {
    for count in [UNIT - 3, UNIT + 1, 2 * UNIT + 22] {
        let all = leaves(count);
        let tree = build(&all, 2, Lanes::best()).unwrap();
        for size in [QUAD_LEAVES, 8, 16, MAX_RUN_LEAVES] {
            prove_runs(&tree, &all, size);
        }
    }
}

#[test]
fn totals_are_added_over_all_units() {
    let mut all = leaves(3 * UNIT + 1);
    all.iter_mut().for_each(|leaf| leaf.cumulative_total = 0);
    all[0].cumulative_total = u64::MAX - 1;
    all[3 * UNIT].cumulative_total = 1;
    let tree = build(&all, 2, Lanes::best()).unwrap();
    assert_eq!(tree.cumulative_total(), u64::MAX);
    all[UNIT].cumulative_total = 1;
    let refused = build(&all, 2, Lanes::best()).map(|tree| tree.root());
    assert_eq!(refused, Err(TreeError::TotalOverflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_cover_run_of_a_large_tree_proves(
        count in 1..5 * UNIT, threads in 1usize..8, lane in any::<prop::sample::Index>(),
    ) {
        let all = leaves(count);
        let available: Vec<_> = Lanes::available().collect();
        let tree = build(&all, threads, *lane.get(&available)).unwrap();
        let mut covered = 0;
        for (start, len) in tree.runs() {
            let proof = tree.proof(start, len).unwrap();
            prop_assert_eq!(root_of_run(&all, start, len, &proof), Ok(tree.root()));
            covered += len;
        }
        prop_assert_eq!(covered, count);
    }
}
