//! The program that stands for the peers' design does its job: it refuses, and it pays once.

use solana_instruction::error::InstructionError;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;
use system_token_tests::{ACCOUNT_IN_USE, ClaimPda, Payment, Payments, failed};

const NOT_ADMIN: u32 = 6000;
const MINT_MISMATCH: u32 = 6001;
const INVALID_PROOF: u32 = 6002;

fn refused(code: u32) -> TransactionError {
    failed(0, InstructionError::Custom(code))
}

/// Eight members, of which the first four have token accounts, and an epoch that pays them.
fn eight() -> (ClaimPda, Payments) {
    let peer = ClaimPda::start(4);
    let mut accounts = peer.world.token_accounts.clone();
    accounts.extend((0..4).map(|_| peer.world.address()));
    let payments = Payments::new(accounts, vec![100, 200, 300, 400, 500, 600, 700, 800]);
    peer.set_root(payments.root()).expect("the root is installed");
    (peer, payments)
}

#[test]
fn a_wrong_proof_is_refused() {
    // Given a claim that would pass
    let (peer, payments) = eight();

    // When its amount, a hash, the proof's length, or the index is another
    let payment = payments.payment(2);
    let amount = Payment { amount: 301, ..payment.clone() };
    let mut hash = payment.clone();
    hash.proof[1][31] ^= 1;
    let mut shorter = payment.clone();
    shorter.proof.pop();
    let mut longer = payment.clone();
    longer.proof.push([0; 32]);
    let neighbour = Payment { index: 3, ..payment.clone() };
    let same_path = Payment { index: 2 + 8, ..payment };

    // Then each is refused, and leaves no status behind
    for wrong in [amount, hash, shorter, longer, neighbour, same_path] {
        let claim = peer.claim_instruction(1, &wrong);
        peer.world.assert_refused(refused(INVALID_PROOF), &[claim]);
        assert!(peer.world.account(&peer.status_address(1, wrong.index)).is_none(), "{wrong:?}");
    }
}

#[test]
fn another_members_account_is_refused() {
    let (peer, payments) = eight();
    let mut claim = peer.claim_instruction(1, &payments.payment(2));
    claim.accounts[4].pubkey = peer.world.token_accounts[3];
    peer.world.assert_refused(refused(INVALID_PROOF), &[claim]);
}

#[test]
fn another_mint_is_refused() {
    let (peer, payments) = eight();
    let mut claim = peer.claim_instruction(1, &payments.payment(2));
    claim.accounts[3].pubkey = peer.world.create_mint(&peer.distributor, None);
    peer.world.assert_refused(refused(MINT_MISMATCH), &[claim]);
}

#[test]
fn only_the_admin_begins_an_epoch() {
    let (peer, payments) = eight();
    let stranger = peer.world.payer.pubkey();
    let set_root = peer.set_root_instruction(&stranger, payments.root());
    peer.world.assert_refused(refused(NOT_ADMIN), &[set_root]);
}

#[test]
fn a_second_claim_is_refused() {
    // Given a member who was paid
    let (peer, payments) = eight();
    let claim = peer.claim_instruction(1, &payments.payment(2));
    peer.world.send(std::slice::from_ref(&claim)).unwrap();

    // When the same claim comes again, then the status that is there refuses it
    peer.world.assert_refused(failed(0, ACCOUNT_IN_USE), &[claim]);
    assert_eq!(peer.world.balances(), [0, 0, 300, 0]);
}

#[test]
fn each_member_is_paid_in_each_epoch() {
    // Given an epoch that two members claimed
    let (peer, payments) = eight();
    for index in [0, 3] {
        peer.world.send(&[peer.claim_instruction(1, &payments.payment(index))]).unwrap();
    }
    assert_eq!(peer.world.balances(), [100, 0, 0, 400]);

    // When the next epoch begins and all claim
    peer.set_root(payments.root()).unwrap();
    for index in 0..4 {
        peer.world.send(&[peer.claim_instruction(2, &payments.payment(index))]).unwrap();
    }

    // Then all have it, beside what they had
    assert_eq!(peer.world.balances(), [200, 200, 300, 800]);
    assert_eq!(peer.world.supply(), 1_500);
}
