//! Any bytes as an attestation: reading never panics, takes only what has the length and the
//! domain, and writes back the very bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use system_token_attestation::{Attestation, AttestationError, DOMAIN};

fuzz_target!(|data: &[u8]| {
    match Attestation::from_bytes(data) {
        Ok(attestation) => {
            assert_eq!(attestation.to_bytes(), data);
            let bytes: &[u8; Attestation::LEN] = data.try_into().expect("its length");
            assert_eq!(attestation.digest(), Attestation::digest_of(bytes));
        }
        Err(AttestationError::Length) => assert_ne!(data.len(), Attestation::LEN),
        Err(AttestationError::Domain) => assert_ne!(data[..DOMAIN.len()], DOMAIN),
    }
});
