//! What an epoch is closed over, and the hash by which its attestation commits to it.
//!
//! bundle(e) = sha256("STK_BUNDLE_V2" ‖ e u64 ‖ bundle(e − 1) ‖ sha256(events) ‖ sha256(members)
//!             ‖ sha256(policy file))                                             bundle(0) = 0
//!
//! The events are those that came since the epoch before, as one text: each event is in one bundle, so
//! the last bundle's hash commits to all that ever counted, and to when it came.

use sha2::{Digest, Sha256};
use system_token_attestation::Hash;

use crate::identity::Members;
use crate::ingest::Event;
use crate::policy::Policy;

/// The inputs of one epoch, beside what earlier ones left.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// The hash of the bundle before; zeros for the first.
    pub previous: Hash,
    /// What came since, by time, source and id.
    pub events: Vec<Event>,
    /// Everybody at the time.
    pub members: Members,
    /// The rules.
    pub policy: Policy,
    /// The hashes of the three.
    pub digests: Digests,
}

/// The hashes of an epoch's inputs, each of the bytes that are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of the events' text.
    pub events: Hash,
    /// Of the members' text.
    pub members: Hash,
    /// Of the rule book's file.
    pub policy: Hash,
}

impl Bundle {
    /// Makes the bundle of an epoch that closes now; events come in their order.
    pub fn new(
        epoch: u64,
        previous: Hash,
        events: Vec<Event>,
        members: Members,
        policy: Policy,
    ) -> Self {
        let digests = Digests::of(&events, &members, &policy);
        Self { epoch, previous, events, members, policy, digests }
    }

    /// What an attestation commits to.
    pub fn hash(&self) -> Hash {
        bundle_hash(self.epoch, &self.previous, &self.digests)
    }
}

impl Digests {
    /// The hashes of inputs as they are written.
    pub fn of<'a>(
        events: impl IntoIterator<Item = &'a Event>,
        members: &Members,
        policy: &Policy,
    ) -> Self {
        let mut text = Sha256::new();
        for event in events {
            text.update(event.to_canonical_bytes());
            text.update(b"\n");
        }
        Self {
            events: text.finalize().into(),
            members: Sha256::digest(members.to_canonical_bytes()).into(),
            policy: policy.hash(),
        }
    }
}

/// Commits to an epoch's inputs and, by the bundle before, to those of every earlier one.
pub fn bundle_hash(epoch: u64, previous: &Hash, digests: &Digests) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"STK_BUNDLE_V2");
    hasher.update(epoch.to_le_bytes());
    for hash in [previous, &digests.events, &digests.members, &digests.policy] {
        hasher.update(hash);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_these_bytes() {
        let digests = Digests { events: [1; 32], members: [2; 32], policy: [3; 32] };
        let bytes = [
            b"STK_BUNDLE_V2".as_slice(),
            &[12, 0, 0, 0, 0, 0, 0, 0],
            &[9; 32],
            &[1; 32],
            &[2; 32],
            &[3; 32],
        ];
        let expected: Hash = Sha256::digest(bytes.concat()).into();
        assert_eq!(bundle_hash(12, &[9; 32], &digests), expected);
    }
}
