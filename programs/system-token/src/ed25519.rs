//! Reads the Ed25519 precompile's instruction data: which keys signed which message.
//!
//! data = number of signatures u8 ‖ padding ‖ for each signature: offset u16 and instruction index
//! u16 of its signature, of its key, and (with a size between) of its message ‖ what they point to

use anchor_lang::prelude::*;
use system_token_attestation::Attestation;

use crate::error::SystemTokenError;

/// The Ed25519 precompile.
pub const ED25519_PROGRAM: Address =
    Address::from_str_const("Ed25519SigVerify111111111111111111111111111");
/// An offset with this instruction index points into the precompile instruction itself.
const SAME_INSTRUCTION: u16 = u16::MAX;
/// Bytes before the first signature's offsets: their number, and padding.
const OFFSETS_START: usize = 2;
/// Bytes of one signature's offsets: seven u16.
const OFFSETS_LEN: usize = 14;

/// The one message that all signatures of a precompile instruction cover.
///
/// # Errors
/// `MalformedPrecompile`, `ForeignOffset` when an offset points into another instruction,
/// `InvalidAttestation` when the messages differ or have another length.
#[inline(always)]
pub fn message_of(data: &[u8]) -> Result<&[u8; Attestation::LEN]> {
    let count = usize::from(*data.first().ok_or(SystemTokenError::MalformedPrecompile)?);
    if count == 0 || data.len() < OFFSETS_START + count * OFFSETS_LEN {
        return Err(SystemTokenError::MalformedPrecompile.into());
    }
    let offset = read_u16(data, OFFSETS_START + 8);
    for signature in 0..count {
        let at = OFFSETS_START + signature * OFFSETS_LEN;
        let indices = [read_u16(data, at + 2), read_u16(data, at + 6), read_u16(data, at + 12)];
        if indices != [SAME_INSTRUCTION; 3] {
            return Err(SystemTokenError::ForeignOffset.into());
        }
        let size = usize::from(read_u16(data, at + 10));
        if read_u16(data, at + 8) != offset || size != Attestation::LEN {
            return Err(SystemTokenError::InvalidAttestation.into());
        }
    }
    let start = usize::from(offset);
    data.get(start..start + Attestation::LEN)
        .and_then(|message| message.try_into().ok())
        .ok_or(SystemTokenError::MalformedPrecompile.into())
}

/// A bit for each oracle that signed, by its place in the set.
///
/// # Errors
/// `MalformedPrecompile`, `UnknownOracle`, `RepeatedOracle`.
#[inline(always)]
pub fn signers_of(data: &[u8], oracles: &[Address]) -> Result<u16> {
    let mut signers = 0u16;
    for signature in 0..usize::from(data[0]) {
        let at = OFFSETS_START + signature * OFFSETS_LEN;
        let start = usize::from(read_u16(data, at + 4));
        let key = data.get(start..start + 32).ok_or(SystemTokenError::MalformedPrecompile)?;
        let oracle = oracles
            .iter()
            .position(|oracle| oracle.as_ref() == key)
            .ok_or(SystemTokenError::UnknownOracle)?;
        let bit = 1u16 << oracle;
        if signers & bit != 0 {
            return Err(SystemTokenError::RepeatedOracle.into());
        }
        signers |= bit;
    }
    Ok(signers)
}

#[inline(always)]
fn read_u16(data: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([data[at], data[at + 1]])
}
