//! What a bundle's manifest says.

use serde::{Deserialize, Serialize};
use solana_address::Address;
use system_token_attestation::Hash;

use crate::epoch::{Bundle, ClosedEpoch, Digests};
use crate::hex::{hex, parse_digest};

/// The format of bundles that this version writes and reads.
const FORMAT: &str = "STK_BUNDLE_V2";

/// What an epoch was closed over, and what it came to. Hashes are 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// How the hash is made.
    format: String,
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// The mint that members are paid in.
    mint: String,
    /// The hash of the bundle before; zeros for the first.
    previous_bundle_hash: String,
    /// SHA-256 of the text in events.jsonl.zst.
    events_sha256: String,
    /// SHA-256 of members.jsonl.
    members_sha256: String,
    /// SHA-256 of policy.toml.
    policy_sha256: String,
    /// What attestations commit to.
    pub(super) bundle_hash: String,
    /// Leaves of the tree, one for each member.
    pub leaf_count: u32,
    /// Σ of all totals, base units.
    pub cumulative_total: u64,
    /// The tree's root.
    root: String,
}

/// A hash that is none, or a format of another version.
#[derive(Debug, thiserror::Error)]
pub(super) enum DigestError {
    #[error("{0}: expected 64 hexadecimal digits")]
    Hash(&'static str),
    #[error("its format is `{0}`, and this version reads {FORMAT}")]
    Format(String),
    #[error("mint: `{0}` is no address")]
    Mint(String),
}

impl Manifest {
    pub(super) fn new(bundle: &Bundle, closed: &ClosedEpoch, mint: &Address) -> Self {
        Self {
            format: FORMAT.to_owned(),
            epoch: bundle.epoch,
            mint: mint.to_string(),
            previous_bundle_hash: hex(&bundle.previous),
            events_sha256: hex(&bundle.digests.events),
            members_sha256: hex(&bundle.digests.members),
            policy_sha256: hex(&bundle.digests.policy),
            bundle_hash: hex(&bundle.hash()),
            leaf_count: closed.tree.leaf_count(),
            cumulative_total: closed.tree.cumulative_total(),
            root: hex(&closed.tree.root()),
        }
    }

    pub(super) fn check_format(&self) -> Result<(), DigestError> {
        if self.format == FORMAT { Ok(()) } else { Err(DigestError::Format(self.format.clone())) }
    }

    pub(super) fn mint(&self) -> Result<Address, DigestError> {
        self.mint.parse().map_err(|_| DigestError::Mint(self.mint.clone()))
    }

    pub(super) fn previous(&self) -> Result<Hash, DigestError> {
        parse_digest(&self.previous_bundle_hash).ok_or(DigestError::Hash("previous_bundle_hash"))
    }

    pub(super) fn digests(&self) -> Result<Digests, DigestError> {
        let parse = |name, text| parse_digest(text).ok_or(DigestError::Hash(name));
        Ok(Digests {
            events: parse("events_sha256", &self.events_sha256)?,
            members: parse("members_sha256", &self.members_sha256)?,
            policy: parse("policy_sha256", &self.policy_sha256)?,
        })
    }

    pub(super) fn bundle_hash(&self) -> Result<Hash, DigestError> {
        parse_digest(&self.bundle_hash).ok_or(DigestError::Hash("bundle_hash"))
    }

    /// The tree's root, as its publisher says.
    pub(super) fn root(&self) -> Result<Hash, DigestError> {
        parse_digest(&self.root).ok_or(DigestError::Hash("root"))
    }
}
