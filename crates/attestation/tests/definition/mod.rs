//! The tree as it is defined: nothing kept, nothing at once.

use system_token_attestation::{node_hash, Hash, Leaf, Run, RunError, MISSING_QUAD, QUAD_LEAVES};

/// Leaves of which no two are alike.
pub fn leaves(count: usize) -> Vec<Leaf> {
    (0..count)
        .map(|i| Leaf {
            token_account: std::array::from_fn(|byte| (i + 1).to_le_bytes()[byte % 4]),
            cumulative_total: 1_000 + i as u64,
        })
        .collect()
}

/// The hashes of quads, the slow way: every byte written down.
fn quads_by_definition(leaves: &[Leaf], start: u32) -> Vec<Hash> {
    (start..)
        .step_by(QUAD_LEAVES)
        .zip(leaves.chunks(QUAD_LEAVES))
        .map(|(index, quad)| {
            let mut bytes = vec![0];
            bytes.extend(index.to_le_bytes());
            quad.iter().for_each(|leaf| bytes.extend(leaf.token_account));
            quad.iter().for_each(|leaf| bytes.extend(leaf.cumulative_total.to_le_bytes()));
            solana_sha256_hasher::hash(&bytes).to_bytes()
        })
        .collect()
}

/// The root, the slow way: pad to a power of two, then pair up.
pub fn root_by_definition(leaves: &[Leaf]) -> Hash {
    let mut level = quads_by_definition(leaves, 0);
    level.resize(level.len().next_power_of_two(), MISSING_QUAD);
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    level.first().copied().unwrap_or(MISSING_QUAD)
}

/// The root to which a run's leaves and a proof lead.
pub fn root_of_run(all: &[Leaf], start: u32, len: usize, proof: &[Hash]) -> Result<Hash, RunError> {
    let run = Run::new(start, len, all.len() as u32)?;
    let quads = quads_by_definition(&all[start as usize..start as usize + len], start);
    assert_eq!(run.quads(), quads.len());
    run.root(|quad, hash| *hash = quads[quad], proof)
}
