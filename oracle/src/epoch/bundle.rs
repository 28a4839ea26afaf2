//! What an attestation commits to beside the totals: events, identity snapshot and policy.
//!
//! events ← sha256(events ‖ Σ (length u64 ‖ canonical bytes) over an epoch's events), for each epoch
//! that is weighed: those that are weighed again, and the one that closes
//! bundle = sha256("STK_BUNDLE_V1" ‖ events ‖ sha256(identity) ‖ sha256(policy file))

use sha2::{Digest, Sha256};

use crate::identity::Members;
use crate::ingest::Event;

/// Carries the hash of all events on by one epoch's.
pub fn extend_events_hash<'a>(
    previous: &[u8; 32],
    events: impl IntoIterator<Item = &'a Event>,
) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    for event in events {
        update_with_length(&mut hasher, &event.to_canonical_bytes());
    }
    hasher.finalize().into()
}

/// Commits to an epoch's inputs.
pub fn bundle_hash(events_hash: &[u8; 32], members: &Members, policy_hash: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"STK_BUNDLE_V1");
    hasher.update(events_hash);
    hasher.update(Sha256::digest(members.to_canonical_bytes()));
    hasher.update(policy_hash);
    hasher.finalize().into()
}

fn update_with_length(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}
