//! What the peers' design costs the same members: a claim and a status account for each epoch.

use system_token_chain::{AddressLookupTableAccount, Chain, ChainError};

use super::{FIRST_REAL, MEMBERS, REAL_MEMBERS};
use crate::claim_pda::{CLAIM_PDA_ELF, ClaimPda, Payments};
use crate::world::wait;

/// Claims in one transaction are counted up to here.
const MANY: u32 = 32;

/// The figures of a design that keeps an account for each claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerCosts {
    /// Compute units of a claim, the mean of 64: the search for the status account's address takes
    /// more of them the more addresses are on the curve.
    pub cu_per_member: u64,
    /// Compute units of the cheapest of these claims.
    pub least_cu: u64,
    /// Length of a claim's transaction with a lookup table of what all claims share, bytes.
    pub bytes: usize,
    /// Its length without a lookup table, bytes.
    pub no_table_bytes: usize,
    /// Claims that one transaction holds, with a lookup table of all their accounts.
    pub members_per_transaction: u64,
    /// Fee of a claim, lamports.
    pub lamports_per_member_per_epoch: u64,
    /// Rent of a claim's status account, lamports.
    pub rent_per_member_per_epoch: u64,
    /// Length of the program, bytes.
    pub program_bytes: usize,
}

impl PeerCosts {
    /// Name and value of each figure.
    pub(super) fn figures(&self) -> [(&'static str, u64); 8] {
        [
            ("claim_pda_cu_per_member", self.cu_per_member),
            ("claim_pda_least_cu", self.least_cu),
            ("claim_pda_bytes", self.bytes as u64),
            ("claim_pda_no_table_bytes", self.no_table_bytes as u64),
            ("claim_pda_members_per_transaction", self.members_per_transaction),
            ("claim_pda_lamports_per_member_per_epoch", self.lamports_per_member_per_epoch),
            ("claim_pda_rent_per_member_per_epoch", self.rent_per_member_per_epoch),
            ("claim_pda_program_bytes", self.program_bytes as u64),
        ]
    }
}

/// Pays the members who have token accounts by the peers' design, and measures it.
pub(super) fn measure() -> PeerCosts {
    let peer = ClaimPda::start(REAL_MEMBERS as usize);
    let world = &peer.world;
    let accounts = super::token_accounts(&world.token_accounts);
    let payments = Payments::new(accounts, super::totals());
    peer.set_root(payments.root()).expect("the root is installed");
    let claim = |index| peer.claim_instruction(1, &payments.payment(FIRST_REAL + index));

    let members_per_transaction = members_per_transaction(&peer, &payments);
    let shared =
        [peer.distributor, world.mint, world.token_program, solana_sdk_ids::system_program::ID];
    let table = world.lookup_table(&shared);
    let first = world.send(&[claim(0)]).expect("a member is claimed");
    let receipts: Vec<_> = (1..REAL_MEMBERS)
        .map(|index| world.send_with(&[], &[claim(index)], std::slice::from_ref(&table)))
        .collect::<Result<_, _>>()
        .expect("each member is claimed");
    for (member, total) in (0..).zip(super::totals().split_off(FIRST_REAL as usize)) {
        assert_eq!(world.balance(member), total, "member {member}");
    }

    let units = receipts.iter().chain([&first]).map(|receipt| receipt.compute_units);
    let status = world.account(&peer.status_address(1, FIRST_REAL)).expect("a status account");
    PeerCosts {
        cu_per_member: units.clone().sum::<u64>().div_ceil(u64::from(REAL_MEMBERS)),
        least_cu: units.min().unwrap_or(0),
        bytes: receipts.iter().map(|receipt| receipt.bytes).max().unwrap_or(0),
        no_table_bytes: first.bytes,
        members_per_transaction,
        lamports_per_member_per_epoch: first.fee_lamports,
        rent_per_member_per_epoch: wait(world.chain.rent(status.data.len())).expect("a rent"),
        program_bytes: CLAIM_PDA_ELF.len(),
    }
}

/// How many claims fit one transaction when a lookup table holds all their accounts: what does
/// not fit is the proofs. Every transaction fails, so none of the claims is used up.
fn members_per_transaction(peer: &ClaimPda, payments: &Payments) -> u64 {
    let mut claims = Vec::new();
    for index in 0..MANY {
        claims.push(peer.claim_instruction(1, &payments.payment(FIRST_REAL + index)));
        let named: Vec<_> =
            claims.iter().flat_map(|claim| &claim.accounts).map(|account| account.pubkey).collect();
        let table = AddressLookupTableAccount { key: peer.world.mint, addresses: named };
        match peer.world.send_with(&[], &claims, &[table]) {
            Err(ChainError::TooLarge { .. }) => return u64::from(index),
            // No such table is on the chain: only the length is asked for.
            Err(_) => (),
            Ok(_) => unreachable!("a table that is not there"),
        }
    }
    u64::from(MANY)
}

/// The tree is full, as the peers' proofs are of one length for all.
const _: () = assert!(MEMBERS.is_power_of_two());
