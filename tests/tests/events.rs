//! Events: what indexers read from inner instructions, and what nobody else can make them read.
//!
//! The expected bytes are written out here, field by field, and not by the code that decodes them.
#![expect(deprecated, reason = "the runtime gives NotEnoughAccountKeys, whatever its new name")]

use sha2::{Digest, Sha256};
use solana_instruction::error::InstructionError;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_sdk_ids::system_program;
use solana_signer::Signer;
use system_token_chain::sign_transaction;
use system_token_interface::instructions::{
    accept_admin, cancel_change, close_proposal, execute_change, initialize, open_page, pause,
    propose_admin, queue_change, unpause, veto,
};
use system_token_interface::{Change, EVENT_AUTHORITY, Event, PROGRAM_ID};
use system_token_tests::{Epoch, World, admin, default_args, failed, guardian};

/// The first eight bytes of every event.
const TAG: [u8; 8] = [0xe4, 0x45, 0xa5, 0x2e, 0x51, 0xcb, 0x9a, 0x1d];
/// How deep an instruction is that the transaction's own instruction calls.
const CALLED: u8 = 2;

/// Data of every call of the program by itself in a transaction that must succeed.
fn events(world: &World, signers: &[&Keypair], instructions: &[Instruction]) -> Vec<Vec<u8>> {
    let signers = [&[&world.payer], signers].concat();
    let blockhash = world.chain.svm().latest_blockhash();
    let transaction = sign_transaction(&signers, instructions, &[], blockhash).expect("signatures");
    let keys = transaction.message.static_account_keys().to_vec();
    let sent = world.chain.svm().send_transaction(transaction).expect("the transaction passes");
    // Ends the slot, as every other transaction of a world does.
    world.warp(world.now());
    let mut events = Vec::new();
    for inner in sent.inner_instructions.iter().flatten() {
        let call = &inner.instruction;
        if keys[usize::from(call.program_id_index)] == PROGRAM_ID {
            assert_eq!(inner.stack_height, CALLED);
            let accounts: Vec<_> = call.accounts.iter().map(|&at| keys[usize::from(at)]).collect();
            assert_eq!(accounts, [EVENT_AUTHORITY]);
            events.push(call.data.clone());
        }
    }
    events
}

/// An event's bytes.
fn event(name: &str, fields: &[&[u8]]) -> Vec<u8> {
    let hash = Sha256::digest(format!("event:{name}"));
    [&TAG, &hash[..8], &fields.concat()].concat()
}

/// Asserts that a transaction sends exactly one event, and that the interface reads it as such.
#[track_caller]
fn assert_sends(
    world: &World,
    signers: &[&Keypair],
    instructions: &[Instruction],
    name: &str,
    fields: &[&[u8]],
) {
    let expected = event(name, fields);
    assert_eq!(events(world, signers, instructions), std::slice::from_ref(&expected), "{name}");
    let decoded = Event::decode(&expected).expect("an event of the interface");
    assert!(format!("{decoded:?}").starts_with(name), "{decoded:?} is no {name}");
}

fn attested() -> (World, Epoch) {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.attest_ended(&epoch);
    (world, epoch)
}

#[test]
fn initialize_tells_the_mint_and_its_supply() {
    let mut world = World::with_mint();
    world.wallets = vec![world.key()];
    world.token_accounts = world.create_token_accounts(&world.wallets);
    world.mint_before_initialize(0, 5_000);
    let (payer, authority) = (world.payer.pubkey(), world.mint_authority.pubkey());
    let args = default_args(&world.oracles);
    let begin = initialize(&payer, &authority, &world.mint, &world.token_program, &args);
    assert_sends(
        &world,
        &[&world.mint_authority],
        &[begin],
        "DistributionInitialized",
        &[world.distribution.as_ref(), world.mint.as_ref(), &5_000u64.to_le_bytes()],
    );
}

#[test]
fn attest_tells_when_the_threshold_is_reached_and_not_before_or_after() {
    // Given one signature of two, sent twice: no event
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.end_epoch(1);
    let attest = |oracle| world.attest_instructions(&epoch.attestation, &[oracle]);
    for _ in 0..2 {
        assert!(events(&world, &[], &attest(0)).is_empty());
    }

    // When the second arrives
    let now = world.now();
    let digest = epoch.attestation.digest();
    let fields: [&[u8]; 4] =
        [world.distribution.as_ref(), &digest, &1u64.to_le_bytes(), &now.to_le_bytes()];
    assert_sends(&world, &[], &attest(2), "ProposalAttested", &fields);

    // Then a third tells nothing new
    assert!(events(&world, &[], &attest(1)).is_empty());
}

#[test]
fn veto_tells_the_proposal() {
    let (world, epoch) = attested();
    let digest = epoch.attestation.digest();
    let stop = veto(&guardian().pubkey(), &world.distribution, &digest);
    let fields: [&[u8]; 3] = [world.distribution.as_ref(), &digest, &1u64.to_le_bytes()];
    assert_sends(&world, &[&guardian()], &[stop], "ProposalVetoed", &fields);
}

#[test]
fn finalize_tells_the_epoch_s_root_and_totals() {
    let (world, epoch) = attested();
    world.end_challenge_window();
    assert_sends(
        &world,
        &[],
        &[world.finalize_instruction(&epoch)],
        "EpochFinalized",
        &[
            world.distribution.as_ref(),
            &epoch.tree.root(),
            &1u64.to_le_bytes(),
            &300u64.to_le_bytes(),
            &2u64.to_le_bytes(),
        ],
    );
}

#[test]
fn a_change_tells_when_it_is_queued_executed_and_cancelled() {
    let changes = [
        Change::OracleSet { threshold: 1, oracles: vec![[1; 32]] },
        Change::Emission {
            decay_epochs: 0,
            decay_basis_points: 0,
            budget: 1,
            growth_limit: 1,
            supply_cap: 1,
        },
        Change::Windows { challenge_seconds: 3_600, timelock_seconds: 86_400 },
        Change::Guardian { guardian: guardian().pubkey().to_bytes() },
    ];
    let (world, admin) = (World::start(2), admin());
    for (kind, change) in (0u64..).zip(changes) {
        let (distribution, kind) = (world.distribution.as_ref(), kind.to_le_bytes());
        let eta = (world.now() + 86_400).to_le_bytes();
        let queue = [queue_change(&admin.pubkey(), &world.distribution, &change)];
        let queued: [&[u8]; 3] = [distribution, &eta, &kind];
        assert_sends(&world, &[&admin], &queue, "ChangeQueued", &queued);
        let cancel = [cancel_change(&admin.pubkey(), &world.distribution)];
        assert_sends(&world, &[&admin], &cancel, "ChangeCancelled", &[distribution, &kind]);

        assert_sends(&world, &[&admin], &queue, "ChangeQueued", &queued);
        world.end_timelock();
        let execute = [execute_change(&world.distribution)];
        assert_sends(&world, &[], &execute, "ChangeExecuted", &[distribution, &kind]);
    }
}

#[test]
fn pause_and_unpause_tell_who_did_it_each_time() {
    let world = World::start(2);
    for authority in [guardian(), admin(), guardian()] {
        let who = authority.pubkey();
        let fields: [&[u8]; 3] = [world.distribution.as_ref(), who.as_ref(), &1u64.to_le_bytes()];
        let stop = [pause(&who, &world.distribution)];
        assert_sends(&world, &[&authority], &stop, "PauseChanged", &fields);
    }
    let who = admin().pubkey();
    let fields: [&[u8]; 3] = [world.distribution.as_ref(), who.as_ref(), &[0; 8]];
    let go_on = [unpause(&who, &world.distribution)];
    assert_sends(&world, &[&admin()], &go_on, "PauseChanged", &fields);
}

#[test]
fn propose_admin_and_accept_admin_tell_the_new_admin() {
    let world = World::start(2);
    let new = world.key();
    let address = new.pubkey();
    let fields: [&[u8]; 2] = [world.distribution.as_ref(), address.as_ref()];
    let propose = [propose_admin(&admin().pubkey(), &world.distribution, &new.pubkey())];
    assert_sends(&world, &[&admin()], &propose, "AdminProposed", &fields);
    let accept = [accept_admin(&new.pubkey(), &world.distribution)];
    assert_sends(&world, &[&new], &accept, "AdminChanged", &fields);
}

#[test]
fn pages_claims_and_closed_proposals_send_no_event() {
    let (world, epoch) = attested();
    world.end_challenge_window();
    world.finalize(&epoch).unwrap();
    let payer = world.payer.pubkey();
    let digest = epoch.attestation.digest();
    for instruction in [
        open_page(&payer, &world.distribution, 0),
        world.claim_instruction(&epoch, 0, 2),
        close_proposal(&world.distribution, &digest, &payer),
    ] {
        assert!(events(&world, &[], &[instruction]).is_empty());
    }
    assert_eq!(world.balances(), [100, 200]);
}

#[test]
fn several_instructions_send_their_events_in_order() {
    let (world, admin) = (World::start(2), admin());
    let who = admin.pubkey();
    let both = [pause(&who, &world.distribution), unpause(&who, &world.distribution)];
    let paused = |paused: u64| {
        let fields: [&[u8]; 3] = [world.distribution.as_ref(), who.as_ref(), &paused.to_le_bytes()];
        event("PauseChanged", &fields)
    };
    assert_eq!(events(&world, &[&admin], &both), [paused(1), paused(0)]);
}

/// A finalized epoch as nobody proved it.
fn forged(world: &World) -> Vec<u8> {
    let [epoch, total, leaves] = [1u64, 1_000_000, 2].map(u64::to_le_bytes);
    let fields: [&[u8]; 5] = [world.distribution.as_ref(), &[0xEE; 32], &epoch, &total, &leaves];
    event("EpochFinalized", &fields)
}

#[test]
fn nobody_sends_the_program_an_event() {
    let (world, stranger) = (World::start(2), World::start(2).key());
    let refused = |signers: &[&Keypair], accounts: Vec<AccountMeta>, error: InstructionError| {
        for data in [forged(&world), TAG.to_vec()] {
            let accounts = accounts.clone();
            let call = Instruction { program_id: PROGRAM_ID, accounts, data };
            world.assert_refused_with(signers, failed(0, error.clone()), &[call]);
        }
    };
    // Without an account, with the authority that did not sign, with another that did
    refused(&[], vec![], InstructionError::NotEnoughAccountKeys);
    let authority = AccountMeta::new_readonly(EVENT_AUTHORITY, false);
    refused(&[], vec![authority.clone()], InstructionError::MissingRequiredSignature);
    let signed = AccountMeta::new_readonly(stranger.pubkey(), true);
    refused(&[&stranger], vec![signed.clone()], InstructionError::InvalidSeeds);
    refused(&[&stranger], vec![signed, authority.clone()], InstructionError::InvalidSeeds);
    for somebody in [admin(), guardian(), world.oracles[0].insecure_clone()] {
        let signed = AccountMeta::new_readonly(somebody.pubkey(), true);
        refused(&[&somebody], vec![signed], InstructionError::InvalidSeeds);
    }
    // And a distribution, which signs for the program's own mints, is not the authority either
    let distribution = AccountMeta::new_readonly(world.distribution, false);
    refused(&[], vec![distribution], InstructionError::MissingRequiredSignature);
    // Nor is a tag that is cut short a tag
    let call =
        Instruction { program_id: PROGRAM_ID, accounts: vec![authority], data: TAG[..7].to_vec() };
    world.assert_refused(failed(0, InstructionError::InvalidInstructionData), &[call]);
}

/// Every instruction that names the event authority, ready to pass, with its signer.
fn with_authority(world: &World, epoch: &Epoch) -> Vec<(Option<Keypair>, Vec<Instruction>)> {
    let (at, digest) = (&world.distribution, epoch.attestation.digest());
    let change = Change::Windows { challenge_seconds: 0, timelock_seconds: 0 };
    let (admin_key, guardian_key) = (admin().pubkey(), guardian().pubkey());
    vec![
        (None, world.attest_instructions(&epoch.attestation, &[0, 1]).to_vec()),
        (None, vec![world.finalize_instruction(epoch)]),
        (Some(guardian()), vec![veto(&guardian_key, at, &digest)]),
        (Some(guardian()), vec![pause(&guardian_key, at)]),
        (Some(admin()), vec![unpause(&admin_key, at)]),
        (Some(admin()), vec![propose_admin(&admin_key, at, &guardian_key)]),
        (Some(guardian()), vec![accept_admin(&guardian_key, at)]),
        (Some(admin()), vec![queue_change(&admin_key, at, &change)]),
        (Some(admin()), vec![cancel_change(&admin_key, at)]),
        (None, vec![execute_change(at)]),
    ]
}

#[test]
fn another_account_in_the_event_authority_s_place_is_refused() {
    let (world, epoch) = attested();
    let stranger = world.address();
    for other in [stranger, system_program::ID, world.mint, PROGRAM_ID] {
        for (signer, mut instructions) in with_authority(&world, &epoch) {
            let last = instructions.len() - 1;
            let account = instructions[last]
                .accounts
                .iter_mut()
                .find(|account| account.pubkey == EVENT_AUTHORITY)
                .expect("the event authority");
            *account = AccountMeta::new_readonly(other, false);
            let signers: Vec<_> = signer.iter().collect();
            let at = u8::try_from(last).expect("one or two instructions");
            let error = failed(at, InstructionError::InvalidSeeds);
            world.assert_refused_with(&signers, error, &instructions);
        }
    }
}

#[test]
fn without_the_program_among_the_accounts_no_event_is_sent_and_nothing_happens() {
    // Given instructions that would pass
    let (world, epoch) = attested();
    let (at, digest) = (&world.distribution, epoch.attestation.digest());
    let change = Change::Guardian { guardian: [1; 32] };
    let instructions = || {
        [
            (guardian(), veto(&guardian().pubkey(), at, &digest)),
            (guardian(), pause(&guardian().pubkey(), at)),
            (admin(), unpause(&admin().pubkey(), at)),
            (admin(), queue_change(&admin().pubkey(), at, &change)),
        ]
    };
    // When they name another program, or no program, in the program's place
    for other in [system_program::ID, spl_token_interface::ID, EVENT_AUTHORITY, world.address()] {
        for (signer, mut instruction) in instructions() {
            let named = instruction.accounts.pop().expect("the program");
            assert_eq!(named.pubkey, PROGRAM_ID);
            let error = failed(0, InstructionError::NotEnoughAccountKeys);
            world.assert_refused_with(&[&signer], error, std::slice::from_ref(&instruction));
            instruction.accounts.push(AccountMeta::new_readonly(other, false));
            let error = failed(0, InstructionError::MissingAccount);
            world.assert_refused_with(&[&signer], error, std::slice::from_ref(&instruction));

            // Then the event does not go to that one even if the program follows behind it
            instruction.accounts.push(named);
            let sent = events(&world, &[&signer], &[instruction]);
            assert_eq!(sent.len(), 1, "one event, sent to the program itself");
        }
        world.cancel_change(&guardian()).unwrap();
    }
}
