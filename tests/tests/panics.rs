//! Input at the very edge of what the program reads must be refused or taken, never crash it.

use solana_address::Address;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;
use system_token_attestation::{Run, quad_hash};
use system_token_chain::ChainError;
use system_token_interface::instructions::{ClaimRun, claim_batch, initialize, open_page};
use system_token_tests::{Epoch, World, default_args};

/// Asserts that an instruction fails by a decision of the program's, not by a crash.
#[track_caller]
fn assert_no_crash(world: &World, instruction: Instruction, cosign: bool) {
    let before = world.snapshot();
    let cosigners: &[_] = if cosign { &[&world.mint_authority] } else { &[] };
    match world.send_with(cosigners, &[instruction], &[]) {
        Err(ChainError::Rejected {
            error: TransactionError::InstructionError(_, error), ..
        }) => {
            let crashes = [
                InstructionError::ProgramFailedToComplete,
                InstructionError::ComputationalBudgetExceeded,
                InstructionError::ProgramEnvironmentSetupFailure,
            ];
            assert!(!crashes.contains(&error), "the program crashed: {error:?}");
        }
        Err(other) => panic!("the transaction never reached the program: {other}"),
        Ok(_) => panic!("malformed data was taken"),
    }
    assert!(before == world.snapshot(), "a refused transaction changed an account");
}

/// Every shorter version of an instruction's data, and its vectors' lengths at their largest.
fn malformed(instruction: &Instruction, lengths_at: &[usize]) -> Vec<Instruction> {
    let with = |data: Vec<u8>| Instruction { data, ..instruction.clone() };
    let mut all: Vec<_> =
        (0..instruction.data.len()).map(|len| with(instruction.data[..len].to_vec())).collect();
    for &at in lengths_at {
        for length in [0x7FFF_FFFF, u32::MAX, 0x2000_0000, 65_536] {
            let mut data = instruction.data.clone();
            data[at..at + 4].copy_from_slice(&length.to_le_bytes());
            all.push(with(data));
        }
    }
    all
}

#[test]
fn malformed_instruction_data_is_refused_without_a_crash() {
    // Given a world in which each instruction would pass
    let world = World::start(4);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[1, 2, 3, 4]);
    world.install(&epoch);
    let claim = world.claim_instruction(&epoch, 0, 4);
    // discriminator 8, start index 4, then two vectors: totals of 8 bytes, hashes of 32.
    let claims = malformed(&claim, &[12, 12 + 4 + 4 * 8]);
    let pages = malformed(&open_page(&world.payer.pubkey(), &world.distribution, 1), &[]);
    let [_, attest] = world.attest_instructions(&world.epoch(2, &[1, 2, 3, 4]).attestation, &[0]);
    let attests = malformed(&attest, &[]);
    let finalizes = malformed(&world.finalize_instruction(&epoch), &[]);

    // When their data is cut short or claims to hold more than it does
    for instruction in [claims, pages, attests, finalizes].concat() {
        assert_no_crash(&world, instruction, false);
    }

    // And the same of an initialize: two keys, then the vector of oracles
    let fresh = World::with_mint();
    let args = default_args(&fresh.oracles);
    let (payer, authority) = (fresh.payer.pubkey(), fresh.mint_authority.pubkey());
    for instruction in malformed(
        &initialize(&payer, &authority, &fresh.mint, &fresh.token_program, &args),
        &[8 + 64],
    ) {
        assert_no_crash(&fresh, instruction, true);
    }
}

#[test]
fn the_last_members_there_can_ever_be_are_paid() {
    // Given a tree of 2^32 - 1 leaves, of which only the last three matter
    let world = World::start(3);
    let start_index = u32::MAX - 3;
    let totals = vec![10, 20, 30];
    let accounts: Vec<_> = world.token_accounts.iter().map(Address::to_bytes).collect();
    let quad = quad_hash(start_index, &accounts, &totals);
    let run = Run::new(start_index, 3, u32::MAX).unwrap();
    let proof = vec![[0xA5; 32]; run.proof_len()];
    let mut epoch: Epoch = world.epoch(1, &totals);
    epoch.attestation.leaf_count = u32::MAX;
    epoch.attestation.root = run.root(|_, hash| *hash = quad, &proof).unwrap();
    world.install(&epoch);
    world.open_page(u32::MAX / 256).unwrap();

    // When they are claimed
    let token_accounts = world.token_accounts.clone();
    let claim = claim_batch(
        &world.mint,
        &world.token_program,
        &ClaimRun { start_index, totals, token_accounts, proof },
    );
    let table = world.lookup_table(&claim.accounts.iter().map(|a| a.pubkey).collect::<Vec<_>>());
    world.send_with(&[], &[claim], &[table]).unwrap();

    // Then each is paid
    assert_eq!(world.balances(), [10, 20, 30]);
}
