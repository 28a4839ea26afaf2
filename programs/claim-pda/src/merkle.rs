//! The classic binary tree of payments, one leaf for each member.
//!
//! leaf = sha256(0x00 ‖ index u32 ‖ token account ‖ amount u64), node = sha256(0x01 ‖ left ‖ right),
//! integers little-endian. A member's index is its leaf's position.

use solana_sha256_hasher::hashv;

/// A SHA-256 digest.
pub type Hash = [u8; 32];

const LEAF_PREFIX: &[u8] = &[0x00];
const NODE_PREFIX: &[u8] = &[0x01];

/// Hash of a member's leaf.
#[inline(always)]
pub fn leaf_hash(index: u32, token_account: &Hash, amount_base_units: u64) -> Hash {
    let (index, amount) = (index.to_le_bytes(), amount_base_units.to_le_bytes());
    hashv(&[LEAF_PREFIX, &index, token_account, &amount]).to_bytes()
}

/// The root to which a proof leads; `None` when the tree it is of has no such index.
#[inline(always)]
pub fn root_of(leaf: Hash, index: u32, proof: &[Hash]) -> Option<Hash> {
    let mut hash = leaf;
    let mut position = index;
    for sibling in proof {
        let (left, right) = if position & 1 == 0 { (&hash, sibling) } else { (sibling, &hash) };
        hash = hashv(&[NODE_PREFIX, left, right]).to_bytes();
        position >>= 1;
    }
    // What is left of the index would let another index pass with the same proof.
    (position == 0).then_some(hash)
}
