//! Writes the fuzzer's seeds, such as real data of every instruction, under the folder that is named.
//!
//! Usage: `cargo run --release -p system-token-tests --example fuzz_seeds -- \
//! programs/system-token/fuzz/corpus`

use std::fs;
use std::path::{Path, PathBuf};

use solana_instruction::Instruction;
use solana_signer::Signer;
use system_token_interface::Change;
use system_token_interface::instructions;
use system_token_tests::{World, admin, default_args, guardian};

fn main() -> std::io::Result<()> {
    let corpus: PathBuf = std::env::args_os().nth(1).expect("the corpus folder").into();
    let world = World::start(40);
    let totals: Vec<u64> = (0..40).map(|index| 1_000 + index).collect();
    let epoch = world.epoch(1, &totals);

    let [_, attest] = world.attest_instructions(&epoch.attestation, &[0]);
    let mut seeds = vec![("attest", attest), ("finalize", world.finalize_instruction(&epoch))];
    for (name, start, members) in
        [("claim_4", 4, 4), ("claim_8", 8, 8), ("claim_16", 16, 16), ("claim_32", 0, 32)]
    {
        seeds.push((name, world.claim_instruction(&epoch, start, members)));
    }
    for (name, instruction) in seeds.into_iter().chain(administration(&world)) {
        write(&corpus, "decode_instruction", name, &instruction.data)?;
    }
    write(&corpus, "attestation", "epoch_1", &epoch.attestation.to_bytes())?;
    for oracles in 1..=3 {
        let signers: Vec<_> = (0..oracles).collect();
        let [precompile, _] = world.attest_instructions(&epoch.attestation, &signers);
        write(&corpus, "ed25519_precompile", &format!("signatures_{oracles}"), &precompile.data)?;
    }
    for (name, [leaves, start, members]) in [
        ("first", [40, 0, 32]),
        ("last", [40, 32, 8]),
        ("ragged", [39, 36, 3]),
        ("lone", [1, 0, 1]),
    ] {
        // The targets' own input, field by field; zeros: no proof, nothing claimed, nothing damaged.
        let run = [leaves, start, members];
        write(&corpus, "merkle_run", name, &padded(&run, 288))?;
        write(&corpus, "claim_batch", name, &padded(&run, 16))?;
        // Half of the first member's total is claimed, and the second's account is closed.
        let half = [leaves, start, members, 1, 64, 0, 2];
        write(&corpus, "claim_batch", &format!("{name}_half"), &padded(&half, 16))?;
    }
    Ok(())
}

/// What admin and guardian send, and what is sent once.
fn administration(world: &World) -> Vec<(&'static str, Instruction)> {
    let (payer, authority) = (world.payer.pubkey(), world.mint_authority.pubkey());
    let (admin, guardian) = (admin().pubkey(), guardian().pubkey());
    let (mint, token_program) = (&world.mint, &world.token_program);
    let args = default_args(&world.oracles);
    let oracles = args.oracles.clone();
    vec![
        ("initialize", instructions::initialize(&payer, &authority, mint, token_program, &args)),
        ("open_page", instructions::open_page(&payer, &world.distribution, 3)),
        ("pause", instructions::pause(&guardian, &world.distribution)),
        ("propose_admin", instructions::propose_admin(&admin, &world.distribution, &guardian)),
    ]
    .into_iter()
    .chain(
        [
            ("queue_oracle_set", Change::OracleSet { threshold: 2, oracles }),
            (
                "queue_emission",
                Change::Emission {
                    decay_epochs: 26,
                    decay_basis_points: 9_000,
                    budget: 500_000,
                    growth_limit: 750_000,
                    supply_cap: 2_000_000_000,
                },
            ),
            ("queue_windows", Change::Windows { challenge_seconds: 60, timelock_seconds: 3_600 }),
            ("queue_guardian", Change::Guardian { guardian: guardian.to_bytes() }),
        ]
        .map(|(name, change)| {
            (name, instructions::queue_change(&admin, &world.distribution, &change))
        }),
    )
    .collect()
}

fn padded(bytes: &[u8], len: usize) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(len, 0);
    padded
}

fn write(corpus: &Path, target: &str, name: &str, data: &[u8]) -> std::io::Result<()> {
    let folder = corpus.join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), data)
}
