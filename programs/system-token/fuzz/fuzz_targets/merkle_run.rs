//! Any run of any tree: checking it never panics, accepts exactly what the tree can prove, and
//! leads to the tree's root with that proof and to another with any other.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use system_token_attestation::{
    quad_hash_into, Hash, Leaf, Run, Tree, MAX_RUN_LEAVES, QUAD_LEAVES,
};

#[derive(Arbitrary, Debug)]
struct Input {
    /// Leaves of a small tree; its members' accounts and totals follow from their indices.
    leaf_count: u8,
    start: u8,
    leaves: u8,
    /// A tree of any size, and a run of it whose leaves and proof are anything.
    any: (u32, u8, u32),
    any_totals: [u64; MAX_RUN_LEAVES],
    any_proof: Vec<Hash>,
    /// Where one bit of the proof is turned.
    turned: u16,
}

fn leaf(index: u32) -> Leaf {
    let mut token_account = [0xAC; 32];
    token_account[..4].copy_from_slice(&index.to_le_bytes());
    Leaf { token_account, cumulative_total: u64::from(index) * 1_000_003 }
}

/// The root that leaves and proof lead to, computed as the program does.
fn root(run: &Run, start: u32, leaves: &[Leaf], proof: &[Hash]) -> Option<Hash> {
    let totals: Vec<_> = leaves.iter().map(|leaf| leaf.cumulative_total).collect();
    let write_quad = |quad: usize, hash: &mut Hash| {
        let members = QUAD_LEAVES * quad..leaves.len().min(QUAD_LEAVES * (quad + 1));
        let first_index = start + members.start as u32;
        let leaves = &leaves[members.clone()];
        quad_hash_into(first_index, leaves, |leaf| &leaf.token_account, &totals[members], hash);
    };
    run.root(write_quad, proof).ok()
}

fn check_any(input: &Input) {
    let (start, leaves, leaf_count) = input.any;
    let Ok(run) = Run::new(start, leaves.into(), leaf_count) else { return };
    let members: Vec<_> = input.any_totals[..leaves.into()]
        .iter()
        .map(|&cumulative_total| Leaf { token_account: [0xEE; 32], cumulative_total })
        .collect();
    let root = root(&run, start, &members, &input.any_proof);
    assert_eq!(root.is_some(), input.any_proof.len() == run.proof_len());
}

fuzz_target!(|input: Input| {
    check_any(&input);
    let all: Vec<_> = (0..input.leaf_count.into()).map(leaf).collect();
    let tree = Tree::new(&all).expect("a small tree");
    let (start, len) = (u32::from(input.start), usize::from(input.leaves));
    let run = Run::new(start, len, tree.leaf_count());
    let proof = tree.proof(start, len);
    assert_eq!(run.is_ok(), proof.is_ok());
    let (Ok(run), Ok(mut proof)) = (run, proof) else { return };
    let leaves = &all[usize::from(input.start)..][..len];
    assert_eq!(proof.len(), run.proof_len());
    assert_eq!(root(&run, start, leaves, &proof), Some(tree.root()));

    // One member's total one higher, or one bit of the proof turned: another root.
    let mut richer = leaves.to_vec();
    richer[usize::from(input.turned) % len].cumulative_total += 1;
    assert_ne!(root(&run, start, &richer, &proof), Some(tree.root()));
    if !proof.is_empty() {
        let bit = usize::from(input.turned) % (256 * proof.len());
        proof.as_flattened_mut()[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(root(&run, start, leaves, &proof), Some(tree.root()));
    }
});
