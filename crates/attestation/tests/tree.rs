//! The tree against a plain recursive definition, and every proof against the root.

use proptest::prelude::*;
use system_token_attestation::{
    depth, leaf_hash, node_hash, Hash, Leaf, Run, RunError, Tree, MAX_RUN_LEAVES, MISSING_LEAF,
};

fn leaves(count: usize) -> Vec<Leaf> {
    (0..count)
        .map(|i| Leaf { token_account: [i as u8 + 1; 32], cumulative_total: 1_000 + i as u64 })
        .collect()
}

/// The definition, written the slow way: pad to a power of two, then pair up.
fn root_by_definition(leaves: &[Leaf]) -> Hash {
    let mut level: Vec<Hash> = leaves
        .iter()
        .enumerate()
        .map(|(i, leaf)| leaf_hash(i as u32, &leaf.token_account, leaf.cumulative_total))
        .collect();
    level.resize(leaves.len().next_power_of_two(), MISSING_LEAF);
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    level[0]
}

fn root_of_run(all: &[Leaf], start: u32, len: usize, proof: &[Hash]) -> Result<Hash, RunError> {
    let run = Run::new(start, len, all.len() as u32)?;
    let mut scratch = [[0xAA; 32]; MAX_RUN_LEAVES];
    for (i, slot) in scratch[..len].iter_mut().enumerate() {
        let leaf = &all[start as usize + i];
        *slot = leaf_hash(start + i as u32, &leaf.token_account, leaf.cumulative_total);
    }
    run.root(&mut scratch, len, proof)
}

#[test]
fn refuses_runs_that_are_no_subtree() {
    assert_eq!(Run::new(0, 0, 100), Err(RunError::Length));
    assert_eq!(Run::new(0, 33, 100), Err(RunError::Length));
    assert_eq!(Run::new(1, 2, 100), Err(RunError::Unaligned));
    assert_eq!(Run::new(16, 32, 100), Err(RunError::Unaligned));
    assert_eq!(Run::new(100, 1, 100), Err(RunError::PastEnd));
    assert_eq!(Run::new(96, 8, 100), Err(RunError::PastEnd));
    assert_eq!(Run::new(0, 3, 100), Err(RunError::Ragged));
    assert_eq!(Run::new(u32::MAX, 1, u32::MAX), Err(RunError::PastEnd));
    assert_eq!(Run::new(0, 1, 0), Err(RunError::PastEnd));
}

#[test]
fn refuses_proofs_of_another_length() {
    let all = leaves(100);
    let tree = Tree::new(&all).unwrap();
    let proof = tree.proof(64, 32).unwrap();
    assert_eq!(proof.len(), 2);
    assert_eq!(root_of_run(&all, 64, 32, &proof[..1]), Err(RunError::ProofLength));
    assert_eq!(
        root_of_run(&all, 64, 32, &[proof, vec![[0; 32]]].concat()),
        Err(RunError::ProofLength)
    );
}

#[test]
fn depth_is_the_logarithm_rounded_up() {
    let depths = [0, 1, 2, 3, 4, 5, 64, 65, 1 << 20, (1 << 20) + 1, u32::MAX].map(depth);
    assert_eq!(depths, [0, 0, 1, 2, 2, 3, 6, 7, 20, 21, 32]);
}

#[test]
fn a_node_is_never_taken_for_a_leaf() {
    // Given the 64 bytes of two leaf hashes, no leaf's 44 bytes and prefix can collide with them.
    let (left, right) = (leaf_hash(0, &[1; 32], 1), leaf_hash(1, &[2; 32], 2));
    let unprefixed = [left, right].concat();
    assert_ne!(node_hash(&left, &right), solana_sha256_hasher::hash(&unprefixed).to_bytes());
}

#[test]
fn a_tree_of_one_and_of_none() {
    let one = leaves(1);
    let tree = Tree::new(&one).unwrap();
    assert_eq!(tree.root(), leaf_hash(0, &one[0].token_account, one[0].cumulative_total));
    assert_eq!(tree.proof(0, 1).unwrap(), Vec::<Hash>::new());
    let none = Tree::new(&[]).unwrap();
    assert_eq!((none.root(), none.leaf_count(), none.cumulative_total()), (MISSING_LEAF, 0, 0));
    assert_eq!(none.runs().count(), 0);
}

#[test]
fn refuses_totals_that_overflow() {
    let mut all = leaves(2);
    all[0].cumulative_total = u64::MAX;
    assert!(Tree::new(&all).is_err());
}

proptest! {
    #[test]
    fn root_and_every_cover_run_agree_with_the_definition(count in 1usize..200) {
        let all = leaves(count);
        let tree = Tree::new(&all).unwrap();
        prop_assert_eq!(tree.root(), root_by_definition(&all));
        let mut covered = 0;
        for (start, len) in tree.runs() {
            let proof = tree.proof(start, len).unwrap();
            prop_assert_eq!(root_of_run(&all, start, len, &proof).unwrap(), tree.root());
            covered += len;
        }
        prop_assert_eq!(covered, count);
    }

    #[test]
    fn any_aligned_run_proves_and_any_change_does_not(
        count in 1usize..200, k in 0u32..6, at in 0u32..200, total in 0u64..999,
    ) {
        let (size, mut all) = (1usize << k, leaves(count));
        let start = (at >> k) << k;
        prop_assume!((start as usize) + size <= count);
        let tree = Tree::new(&all).unwrap();
        let proof = tree.proof(start, size).unwrap();
        prop_assert_eq!(root_of_run(&all, start, size, &proof).unwrap(), tree.root());
        all[start as usize].cumulative_total = total;
        prop_assert_ne!(root_of_run(&all, start, size, &proof).unwrap(), tree.root());
    }
}
