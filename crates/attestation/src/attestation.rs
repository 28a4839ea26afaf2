//! What an oracle signs: one epoch's result, bound to one program and one distribution.

use crate::sha256::sha256_into;
use crate::Hash;

/// Opens every attestation, so that a signature made for anything else can never be read as one.
pub const DOMAIN: [u8; 16] = *b"STK_EPOCH_V1\0\0\0\0";

/// One epoch's result as the oracles sign it.
///
/// Bytes: [`DOMAIN`] ‖ program id 32 ‖ distribution 32 ‖ epoch u64 ‖ oracle_set_version u32 ‖
/// leaf_count u32 ‖ root 32 ‖ cumulative_total u64 ‖ bundle_hash 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// The program the attestation is for.
    pub program_id: [u8; 32],
    /// The distribution account the attestation is for.
    pub distribution: [u8; 32],
    /// The epoch, counted from 1.
    pub epoch: u64,
    /// The version of the oracle set that the signers belong to.
    pub oracle_set_version: u32,
    /// How many leaves the tree has; members' indices lie below it.
    pub leaf_count: u32,
    /// Root of the tree of cumulative totals.
    pub root: Hash,
    /// Sum of all leaves' cumulative totals, base units.
    pub cumulative_total: u64,
    /// Commits to the inputs: events, identity snapshot and policy.
    pub bundle_hash: Hash,
}

/// Why bytes are not an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationError {
    /// Not exactly [`Attestation::LEN`] bytes.
    Length,
    /// Does not open with [`DOMAIN`].
    Domain,
}

impl core::fmt::Display for AttestationError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Length => "an attestation is 168 bytes long",
            Self::Domain => "an attestation opens with the STK_EPOCH_V1 domain",
        })
    }
}

impl core::error::Error for AttestationError {}

impl Attestation {
    /// Length of the signed message, bytes.
    pub const LEN: usize = 168;

    /// The signed message.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0..16].copy_from_slice(&DOMAIN);
        bytes[16..48].copy_from_slice(&self.program_id);
        bytes[48..80].copy_from_slice(&self.distribution);
        bytes[80..88].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[88..92].copy_from_slice(&self.oracle_set_version.to_le_bytes());
        bytes[92..96].copy_from_slice(&self.leaf_count.to_le_bytes());
        bytes[96..128].copy_from_slice(&self.root);
        bytes[128..136].copy_from_slice(&self.cumulative_total.to_le_bytes());
        bytes[136..168].copy_from_slice(&self.bundle_hash);
        bytes
    }

    /// Reads a signed message.
    ///
    /// # Errors
    /// [`AttestationError`] when the length or the domain is another.
    #[inline(always)]
    pub fn from_bytes(message: &[u8]) -> Result<Self, AttestationError> {
        let bytes: &[u8; Self::LEN] = message.try_into().map_err(|_| AttestationError::Length)?;
        if bytes[0..16] != DOMAIN {
            return Err(AttestationError::Domain);
        }
        Ok(Self {
            program_id: read(bytes, 16),
            distribution: read(bytes, 48),
            epoch: u64::from_le_bytes(read(bytes, 80)),
            oracle_set_version: u32::from_le_bytes(read(bytes, 88)),
            leaf_count: u32::from_le_bytes(read(bytes, 92)),
            root: read(bytes, 96),
            cumulative_total: u64::from_le_bytes(read(bytes, 128)),
            bundle_hash: read(bytes, 136),
        })
    }

    /// SHA-256 of the signed message; names the proposal account.
    pub fn digest(&self) -> Hash {
        Self::digest_of(&self.to_bytes())
    }

    /// SHA-256 of a signed message that is at hand as bytes.
    #[inline(always)]
    pub fn digest_of(message: &[u8; Self::LEN]) -> Hash {
        let mut digest = [0; 32];
        sha256_into(&[message], &mut digest);
        digest
    }
}

#[inline(always)]
fn read<const N: usize>(bytes: &[u8; Attestation::LEN], at: usize) -> [u8; N] {
    let mut field = [0; N];
    field.copy_from_slice(&bytes[at..at + N]);
    field
}
