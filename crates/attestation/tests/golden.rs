//! Golden vectors: these bytes are signed and proved on chain, so they never change.
//!
//! The digests were computed outside this crate, by Python's hashlib over the documented layout.

use system_token_attestation::{leaf_hash, node_hash, Attestation, AttestationError};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attestation() -> Attestation {
    Attestation {
        program_id: [1; 32],
        distribution: [2; 32],
        epoch: 3,
        oracle_set_version: 4,
        leaf_count: 5,
        root: [6; 32],
        cumulative_total: 7,
        bundle_hash: [8; 32],
    }
}

#[test]
fn leaf_and_node() {
    let leaf = leaf_hash(7, &[9; 32], 1_000_000);
    assert_eq!(hex(&leaf), "d36272cae18ea972335ba84e4e7b02149794500e1828c4736105d292d305dbed");
    assert_eq!(
        hex(&node_hash(&leaf, &[0; 32])),
        "5b3e237b4681c7f2c7f9d358c11cf85d33ba56fefbcb9ec1a942dd5cd4967bbf"
    );
}

#[test]
fn attestation_bytes_and_digest() {
    let bytes = attestation().to_bytes();
    let expected = [
        b"STK_EPOCH_V1\0\0\0\0".as_slice(),
        &[1; 32],
        &[2; 32],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        &[4, 0, 0, 0],
        &[5, 0, 0, 0],
        &[6; 32],
        &[7, 0, 0, 0, 0, 0, 0, 0],
        &[8; 32],
    ]
    .concat();
    assert_eq!(bytes.as_slice(), expected);
    assert_eq!(
        hex(&attestation().digest()),
        "889d30583e710d65bf93a3698467331833c71955c78bb6f8d07a9bb732c87920"
    );
}

#[test]
fn attestation_reads_back_and_refuses_other_bytes() {
    let mut bytes = attestation().to_bytes();
    assert_eq!(Attestation::from_bytes(&bytes), Ok(attestation()));
    assert_eq!(Attestation::from_bytes(&bytes[..167]), Err(AttestationError::Length));
    bytes[0] ^= 1;
    assert_eq!(Attestation::from_bytes(&bytes), Err(AttestationError::Domain));
}
