//! Any bytes as any instruction's arguments: decoding never panics, never asks for more memory than
//! it was given bytes, and what it takes encodes to the very bytes it took.
//!
//! The decoder is the one that the program's dispatch calls; the types come from the program's own
//! instruction structs, so that an argument cannot change here and there differently.
#![no_main]

use anchor_lang::{Discriminator, InstructionData, BORSH_CONFIG};
use libfuzzer_sys::fuzz_target;
use system_token::instruction::{
    Attest, ClaimBatch, Initialize, OpenPage, ProposeAdmin, QueueChange,
};
use system_token_fuzz::memory::Watched;

#[global_allocator]
static MEMORY: Watched = Watched::new();

/// Decodes an instruction's arguments as its handler does and holds them to the bytes.
macro_rules! round_trip {
    ($arguments:expr, $instruction:ident { $($argument:ident),+ }) => {
        let arguments: &[u8] = $arguments;
        let (decoded, largest) = MEMORY.largest_during(|| {
            let ($($argument,)+) =
                anchor_lang::wincode::config::deserialize(arguments, BORSH_CONFIG).ok()?;
            Some($instruction { $($argument),+ })
        });
        let name = stringify!($instruction);
        assert!(largest <= arguments.len(), "{name} allocates {largest} bytes");
        if let Some(decoded) = decoded {
            let data = decoded.data();
            let (discriminator, encoded) = data.split_at($instruction::DISCRIMINATOR.len());
            assert_eq!(discriminator, $instruction::DISCRIMINATOR);
            assert!(arguments.starts_with(encoded), "{name} is not what was decoded");
        }
    };
}

fuzz_target!(|data: &[u8]| {
    // Aligned to 8 bytes, as the runtime's are: totals are read in place.
    let mut aligned = vec![0u64; data.len().div_ceil(8)];
    let aligned: &mut [u8] = bytemuck::cast_slice_mut(&mut aligned);
    let aligned = &mut aligned[..data.len()];
    aligned.copy_from_slice(data);
    let data = &*aligned;
    // The rest of real instruction data, whichever it is of, and the bytes as they are.
    for arguments in [data.get(8..).unwrap_or_default(), data] {
        round_trip!(arguments, Attest { digest });
        round_trip!(arguments, ClaimBatch { start_index, totals, proof });
        round_trip!(arguments, Initialize { args });
        round_trip!(arguments, OpenPage { page_index });
        round_trip!(arguments, ProposeAdmin { new_admin });
        round_trip!(arguments, QueueChange { change });
    }
});
