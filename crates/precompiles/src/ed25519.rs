//! Verifies instructions of the Ed25519 precompile.
//!
//! Data: number of signatures u8 ‖ padding u8 ‖ seven u16 for each signature. The offsets point
//! into this instruction (index `u16::MAX`) or into any other of the transaction.

use ed25519_dalek::{Signature, VerifyingKey};
use solana_ed25519_program::{
    Ed25519SignatureOffsets, PUBKEY_SERIALIZED_SIZE, SIGNATURE_OFFSETS_SERIALIZED_SIZE,
    SIGNATURE_OFFSETS_START, SIGNATURE_SERIALIZED_SIZE,
};
use solana_precompile_error::PrecompileError;

pub(crate) fn verify(data: &[u8], instruction_datas: &[&[u8]]) -> Result<(), PrecompileError> {
    let (header, rest) = data
        .split_at_checked(SIGNATURE_OFFSETS_START)
        .ok_or(PrecompileError::InvalidInstructionDataSize)?;
    let count = usize::from(header[0]);
    if count == 0 && !rest.is_empty() {
        return Err(PrecompileError::InvalidInstructionDataSize);
    }
    if rest.len() < count * SIGNATURE_OFFSETS_SERIALIZED_SIZE {
        return Err(PrecompileError::InvalidInstructionDataSize);
    }
    for bytes in rest.chunks_exact(SIGNATURE_OFFSETS_SERIALIZED_SIZE).take(count) {
        let at: Ed25519SignatureOffsets = bytemuck::pod_read_unaligned(bytes);
        let slice = |index, offset, size| slice_of(data, instruction_datas, index, offset, size);
        let signature =
            slice(at.signature_instruction_index, at.signature_offset, SIGNATURE_SERIALIZED_SIZE)?;
        let signature =
            Signature::from_slice(signature).map_err(|_| PrecompileError::InvalidSignature)?;
        let key =
            slice(at.public_key_instruction_index, at.public_key_offset, PUBKEY_SERIALIZED_SIZE)?;
        let key = VerifyingKey::try_from(key).map_err(|_| PrecompileError::InvalidPublicKey)?;
        let message = slice(
            at.message_instruction_index,
            at.message_data_offset,
            usize::from(at.message_data_size),
        )?;
        key.verify_strict(message, &signature).map_err(|_| PrecompileError::InvalidSignature)?;
    }
    Ok(())
}

fn slice_of<'a>(
    data: &'a [u8],
    instruction_datas: &[&'a [u8]],
    index: u16,
    offset: u16,
    size: usize,
) -> Result<&'a [u8], PrecompileError> {
    let instruction = match index {
        u16::MAX => data,
        index => {
            instruction_datas.get(usize::from(index)).ok_or(PrecompileError::InvalidDataOffsets)?
        }
    };
    let start = usize::from(offset);
    instruction.get(start..start + size).ok_or(PrecompileError::InvalidDataOffsets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};
    use solana_ed25519_program::{
        new_ed25519_instruction_with_signature, offsets_to_ed25519_instruction,
    };

    const MESSAGE: &[u8] = b"an attestation";

    fn signed() -> Vec<u8> {
        let key = SigningKey::from_bytes(&[7; 32]);
        new_ed25519_instruction_with_signature(
            MESSAGE,
            &key.sign(MESSAGE).to_bytes(),
            key.verifying_key().as_bytes(),
        )
        .data
    }

    #[test]
    fn refuses_data_that_is_too_short_or_without_signatures() {
        let too_short = Err(PrecompileError::InvalidInstructionDataSize);
        assert_eq!(verify(&[], &[]), too_short);
        assert_eq!(verify(&[0], &[]), too_short);
        assert_eq!(verify(&[0, 0, 1], &[]), too_short);
        assert_eq!(verify(&[2, 0, 1, 2, 3], &[]), too_short);
    }

    #[test]
    fn refuses_every_single_bit_flipped_in_signature_key_or_message() {
        let data = signed();
        for byte in 16..data.len() {
            let mut forged = data.clone();
            forged[byte] ^= 1;
            assert!(verify(&forged, &[]).is_err(), "byte {byte} flipped");
        }
    }

    #[test]
    fn refuses_offsets_past_the_end_and_instructions_that_are_not_there() {
        let mut data = signed();
        data[2] = 0xFF;
        data[3] = 0xFF;
        assert_eq!(verify(&data, &[]), Err(PrecompileError::InvalidDataOffsets));
        let elsewhere = Ed25519SignatureOffsets {
            signature_instruction_index: 3,
            ..Ed25519SignatureOffsets::default()
        };
        let data = offsets_to_ed25519_instruction(&[elsewhere]).data;
        assert_eq!(verify(&data, &[&[]]), Err(PrecompileError::InvalidDataOffsets));
    }

    #[test]
    fn verifies_a_signature_here_and_in_another_instruction() {
        let here = signed();
        assert_eq!(verify(&here, &[]), Ok(()));
        let elsewhere = Ed25519SignatureOffsets {
            signature_offset: 48,
            signature_instruction_index: 0,
            public_key_offset: 16,
            public_key_instruction_index: 0,
            message_data_offset: 112,
            message_data_size: 14,
            message_instruction_index: 0,
        };
        let data = offsets_to_ed25519_instruction(&[elsewhere]).data;
        assert_eq!(verify(&data, &[&here]), Ok(()));
    }
}
