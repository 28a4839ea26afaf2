//! Golden vectors: these bytes are signed and proved on chain, so they never change.
//!
//! The digests were computed outside this crate, by Python's hashlib over the documented layout.

use system_token_attestation::{node_hash, quad_hash, Attestation, AttestationError};

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
fn quads_and_node() {
    let accounts = [[1; 32], [2; 32], [3; 32], [4; 32]];
    let quad = quad_hash(8, &accounts, &[10, 20, 30, 40]);
    assert_eq!(hex(&quad), "f3dee541f8cef8bfc4b97264deae7ed80642dc1e15ad0d7b0df2626cb7d8d66e");
    let last = quad_hash(12, &[[5; 32]], &[1_000_000]);
    assert_eq!(hex(&last), "1470dd8e680395ba8c6cc32da613f1fe63ecc4c423162e672cc582ab7ae4cf52");
    assert_eq!(
        hex(&node_hash(&quad, &last)),
        "86204d7edd0e1a92b09f6814e0f8d20a9cfed25731a4dcbfef4277ad7cb20d62"
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
