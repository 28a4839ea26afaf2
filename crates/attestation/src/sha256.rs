//! SHA-256: by the runtime's syscall on chain, by a crate elsewhere.
//!
//! On chain each hash costs 85 compute units, half a unit a byte and at least ten a slice; what is
//! saved here is the copying around it, which a proof of 18 hashes pays 18 times.

#[cfg(not(target_os = "solana"))]
use crate::node_hash;
use crate::Hash;
#[cfg(target_os = "solana")]
use crate::NODE_PREFIX;

/// Writes the SHA-256 of some slices, one after the other, to `hash`.
#[cfg(not(target_os = "solana"))]
pub(crate) fn sha256_into(parts: &[&[u8]], hash: &mut Hash) {
    *hash = solana_sha256_hasher::hashv(parts).to_bytes();
}

/// The same on chain: the runtime writes right where the hash is wanted.
#[cfg(target_os = "solana")]
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn sha256_into(parts: &[&[u8]], hash: &mut Hash) {
    // SAFETY: a slice is its address and its length in 64 bits each, as the runtime reads them;
    // it writes 32 bytes.
    unsafe {
        solana_sha256_hasher::sol_sha256(
            core::ptr::from_ref(parts).cast(),
            parts.len() as u64,
            hash.as_mut_ptr(),
        );
    }
}

/// Replaces `hash`, the subtree at `position` of its level, by the root to which a proof leads.
///
/// Bit `i` of the position says on which side of its sibling `proof[i]` the path is.
#[cfg(not(target_os = "solana"))]
pub(crate) fn climb(hash: &mut Hash, mut position: u32, proof: &[Hash]) {
    for sibling in proof {
        let (left, right) = if position & 1 == 0 { (&*hash, sibling) } else { (sibling, &*hash) };
        *hash = node_hash(left, right);
        position >>= 1;
    }
}

/// The same on chain, in one buffer `prefix ‖ left ‖ right`: each hash is written by the runtime
/// right where the next one reads it, and only the siblings are copied.
///
/// Not inlined, so that the loop's variables stay in registers.
#[cfg(target_os = "solana")]
#[inline(never)]
#[allow(unsafe_code)]
pub(crate) fn climb(hash: &mut Hash, position: u32, proof: &[Hash]) {
    let mut node = [NODE_PREFIX; 65];
    let bytes = node.as_mut_ptr();
    let part = (bytes.cast_const(), 65u64);
    // Where the path's hash is: on the left at 1, on the right at 33.
    let mut position = position as usize;
    let mut right = 32 * (position & 1);
    // SAFETY: every access is to 32 of the bytes 1..65 of `node`. The syscall reads all 65 and
    // overwrites 32 of them on purpose: the runtime has hashed before it writes.
    unsafe {
        bytes.add(1 + right).cast::<Hash>().write(*hash);
        for sibling in proof {
            bytes.add(33 - right).cast::<Hash>().write(*sibling);
            position >>= 1;
            right = 32 * (position & 1);
            solana_sha256_hasher::sol_sha256((&raw const part).cast(), 1, bytes.add(1 + right));
        }
        *hash = bytes.add(1 + right).cast::<Hash>().read();
    }
}
