//! The tree against a plain recursive definition, and every proof against the root.

mod definition;

use definition::{leaves, root_by_definition, root_of_run};
use proptest::prelude::*;
use system_token_attestation::{
    depth, node_hash, quad_hash, Hash, Run, RunError, Tree, MISSING_QUAD,
};

#[test]
fn refuses_runs_that_are_no_subtree() {
    assert_eq!(Run::new(0, 0, 100), Err(RunError::Length));
    assert_eq!(Run::new(0, 33, 100), Err(RunError::Length));
    assert_eq!(Run::new(1, 4, 100), Err(RunError::Unaligned));
    assert_eq!(Run::new(4, 8, 100), Err(RunError::Unaligned));
    assert_eq!(Run::new(16, 32, 100), Err(RunError::Unaligned));
    assert_eq!(Run::new(100, 4, 100), Err(RunError::PastEnd));
    assert_eq!(Run::new(96, 8, 100), Err(RunError::PastEnd));
    assert_eq!(Run::new(0, 1, 100), Err(RunError::Ragged));
    assert_eq!(Run::new(0, 3, 100), Err(RunError::Ragged));
    assert_eq!(Run::new(8, 5, 100), Err(RunError::Ragged));
    assert_eq!(Run::new(u32::MAX - 3, 4, u32::MAX), Err(RunError::PastEnd));
    assert_eq!(Run::new(u32::MAX, 1, u32::MAX), Err(RunError::Unaligned));
    assert_eq!(Run::new(0, 1, 0), Err(RunError::PastEnd));
}

#[test]
fn the_last_run_there_can_be() {
    assert_eq!(Run::new(u32::MAX - 31, 31, u32::MAX).map(|run| run.proof_len()), Ok(27));
    assert_eq!(Run::new(u32::MAX - 31, 32, u32::MAX), Err(RunError::PastEnd));
}

#[test]
fn refuses_proofs_of_another_length() {
    let all = leaves(100);
    let tree = Tree::new(&all).unwrap();
    let proof = tree.proof(64, 32).unwrap();
    assert_eq!(proof.len(), 2);
    assert_eq!(root_of_run(&all, 64, 32, &proof[..1]), Err(RunError::ProofLength));
    let longer = [proof, vec![[0; 32]]].concat();
    assert_eq!(root_of_run(&all, 64, 32, &longer), Err(RunError::ProofLength));
}

#[test]
fn depth_is_the_logarithm_of_the_quads_rounded_up() {
    let depths = [0, 1, 4, 5, 8, 9, 64, 65, 1 << 20, (1 << 20) + 1, u32::MAX].map(depth);
    assert_eq!(depths, [0, 0, 0, 1, 1, 2, 4, 5, 18, 19, 30]);
}

#[test]
fn a_node_is_never_taken_for_a_quad() {
    // Given the 64 bytes of two quads' hashes, their node's hash is not that of the bytes alone.
    let quad = |byte: u8| quad_hash(0, &[[byte; 32]], &[1]);
    let unprefixed = [quad(1), quad(2)].concat();
    let node = node_hash(&quad(1), &quad(2));
    assert_ne!(node, solana_sha256_hasher::hash(&unprefixed).to_bytes());
    // And a quad of other leaves, or of fewer, is another.
    let accounts = [[1; 32], [2; 32]];
    assert_ne!(quad_hash(0, &accounts, &[1, 2]), quad_hash(0, &accounts, &[2, 1]));
    assert_ne!(quad_hash(0, &accounts, &[1, 2]), quad_hash(4, &accounts, &[1, 2]));
    assert_ne!(quad_hash(0, &accounts, &[1, 0]), quad_hash(0, &accounts[..1], &[1]));
}

#[test]
fn a_tree_of_one_and_of_none() {
    let one = leaves(1);
    let tree = Tree::new(&one).unwrap();
    let account = [one[0].token_account];
    assert_eq!(tree.root(), quad_hash(0, &account, &[one[0].cumulative_total]));
    assert_eq!(tree.proof(0, 1).unwrap(), Vec::<Hash>::new());
    let none = Tree::new(&[]).unwrap();
    assert_eq!((none.root(), none.leaf_count(), none.cumulative_total()), (MISSING_QUAD, 0, 0));
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
        count in 1usize..200, k in 2u32..6, at in 0u32..200, total in 0u64..999,
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
