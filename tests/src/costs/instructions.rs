//! What each instruction consumes, once, on a small community.

use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::Receipt;
use system_token_interface::Change;
use system_token_interface::instructions::{
    accept_admin, cancel_change, close_proposal, execute_change, open_page, pause, propose_admin,
    queue_change, unpause, veto,
};

use crate::{World, admin, default_args, guardian};

/// Compute units of every instruction, by its name, in the order of an instruction's life.
///
/// Claims depend on their number and on the tree: they have figures of their own.
pub(super) fn measure() -> Vec<(&'static str, u64)> {
    let world = World::with_mint();
    let initialize = world.initialize(&default_args(&world.oracles)).expect("it is initialized");
    let mut measured = vec![("initialize", initialize.compute_units)];
    let mut record = |name, receipt: Receipt| measured.push((name, receipt.compute_units));
    let send = |signers: &[&Keypair], instruction: Instruction| {
        world.send_with(signers, &[instruction], &[]).expect("the instruction is taken")
    };
    let (admin, guardian, distribution) = (admin(), guardian(), world.distribution);
    let (by_admin, by_guardian) = (admin.pubkey(), guardian.pubkey());

    let page = open_page(&world.payer.pubkey(), &distribution, 0);
    record("open_page", send(&[], page));
    let epoch = world.epoch_to(1, &[world.address()], &[100]);
    let digest = epoch.attestation.digest();
    world.end_epoch(1);
    let mut attest = |name, oracle: usize| {
        record(name, world.attest(&epoch, &[oracle]).expect("it is attested"));
    };
    attest("attest, the first signature of an epoch", 0);
    attest("attest, the signature that reaches the threshold", 1);
    let vetoed = world.epoch_to(1, &[world.address()], &[200]);
    world.attest(&vetoed, &[0, 1]).expect("it is attested");
    let stop = veto(&by_guardian, &distribution, &vetoed.attestation.digest());
    record("veto", send(&[&guardian], stop));
    world.end_challenge_window();
    record("finalize", world.finalize(&epoch).expect("it is finalized"));
    let close = close_proposal(&distribution, &digest, &world.payer.pubkey());
    record("close_proposal", send(&[], close));

    let oracles = vec![[7; 32]; 1];
    let change = Change::OracleSet { threshold: 1, oracles };
    record("queue_change", send(&[&admin], queue_change(&by_admin, &distribution, &change)));
    record("cancel_change", send(&[&guardian], cancel_change(&by_guardian, &distribution)));
    send(&[&admin], queue_change(&by_admin, &distribution, &change));
    world.warp(world.distribution().change_eta.get());
    record("execute_change", send(&[], execute_change(&distribution)));
    record("pause", send(&[&guardian], pause(&by_guardian, &distribution)));
    record("unpause", send(&[&admin], unpause(&by_admin, &distribution)));
    let next = world.key();
    let propose = propose_admin(&by_admin, &distribution, &next.pubkey());
    record("propose_admin", send(&[&admin], propose));
    record("accept_admin", send(&[&next], accept_admin(&next.pubkey(), &distribution)));
    measured
}
