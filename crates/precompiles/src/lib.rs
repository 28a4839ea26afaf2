//! The runtime's Ed25519 precompile for the embedded chain, without OpenSSL.
//!
//! LiteSVM asks the crate `agave-precompiles` which programs are precompiles and has it verify
//! them. The published crate also verifies secp256r1, by compiling OpenSSL from source: that
//! takes `make`, Perl and minutes, for a signature scheme this project does not use. The workspace
//! replaces it by this crate (`[patch.crates-io]`), which offers the part of its API that LiteSVM
//! calls and verifies Ed25519 by the same rules: `verify_strict`, offsets into any instruction of
//! the transaction, the same errors. A transaction that calls another precompile fails, because
//! the embedded chain has no such program.

mod ed25519;

use agave_feature_set::FeatureSet;
use solana_address::Address;
use solana_precompile_error::PrecompileError;

/// Verifies one precompile instruction: its data, and the data of all the transaction's.
pub type Verify = fn(&[u8], &[&[u8]]) -> Result<(), PrecompileError>;

/// A program that the runtime executes natively before the transaction's others.
pub struct Precompile {
    /// Address of the program.
    pub program_id: Address,
    /// Feature that enables it; `None`: always enabled.
    pub feature: Option<Address>,
    verify: Verify,
}

impl Precompile {
    /// Verifies an instruction of this precompile.
    ///
    /// # Errors
    /// [`PrecompileError`] when a signature, a key or an offset is wrong.
    pub fn verify(
        &self,
        data: &[u8],
        instruction_datas: &[&[u8]],
        _feature_set: &FeatureSet,
    ) -> Result<(), PrecompileError> {
        (self.verify)(data, instruction_datas)
    }
}

static PRECOMPILES: [Precompile; 1] = [Precompile {
    program_id: solana_sdk_ids::ed25519_program::ID,
    feature: None,
    verify: ed25519::verify,
}];

/// All precompiles.
pub fn get_precompiles<'a>() -> &'a [Precompile] {
    &PRECOMPILES
}

/// The enabled precompile at an address.
pub fn get_precompile<F>(program_id: &Address, is_enabled: F) -> Option<&'static Precompile>
where
    F: Fn(&Address) -> bool,
{
    PRECOMPILES.iter().find(|precompile| {
        precompile.program_id == *program_id && precompile.feature.as_ref().is_none_or(&is_enabled)
    })
}

/// Whether an enabled precompile is at an address.
pub fn is_precompile<F>(program_id: &Address, is_enabled: F) -> bool
where
    F: Fn(&Address) -> bool,
{
    get_precompile(program_id, is_enabled).is_some()
}
