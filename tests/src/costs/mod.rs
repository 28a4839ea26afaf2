//! What a community of 1,048,576 members costs: bytes, compute units and lamports of each step.
//!
//! Keys, and so addresses and their bumps, come from a fixed seed: the figures are the same in
//! every run, and change only with the program or the runtime.
//!
//! The design that peers use is measured beside it, in the same run: [`PeerCosts`].

mod comparison;
mod instructions;
mod peer;

use solana_address::Address;
use system_token_chain::{Chain, PROGRAM_ELF, Receipt};
use system_token_interface::instructions::InitializeArgs;
use system_token_interface::{LedgerPage, MEMBERS_PER_PAGE};

use crate::world::wait;
use crate::{Epoch, World};

pub use comparison::Comparison;
pub use peer::PeerCosts;

/// Members of the measured community.
const MEMBERS: u32 = 1 << 20;
/// Members claimed in one transaction.
const BATCH: u32 = 32;
/// Members who have token accounts: the last ones, who lie on the last page.
const REAL_MEMBERS: u32 = 64;
/// Index of the first of them.
const FIRST_REAL: u32 = MEMBERS - REAL_MEMBERS;
/// What a lookup table has before its addresses, bytes.
const LOOKUP_TABLE_META: usize = 56;

/// The figures, by the names under which they are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainCosts {
    /// Compute units of attesting with three signatures, without the precompile's own work.
    pub attest_3_cu: u64,
    /// Compute units of finalizing.
    pub finalize_cu: u64,
    /// Compute units of a claim of 32 members, each.
    pub claim_32_cu_per_member: u64,
    /// The same of a Token-2022 mint, which takes a call for each member.
    pub claim_32_token2022_cu_per_member: u64,
    /// Length of the transaction that claims for 32, bytes.
    pub claim_32_bytes: usize,
    /// Compute units of a claim by one member, whose neighbours cannot receive.
    pub claim_1_cu: u64,
    /// Length of that transaction without a lookup table, bytes.
    pub claim_1_bytes: usize,
    /// Length of the program, bytes.
    pub program_bytes: usize,
    /// Fees of a full batch, lamports a member, rounded up.
    pub lamports_per_member_per_epoch: u64,
    /// Rent of ledger page and lookup table, lamports a member, rounded up.
    pub lamports_per_member_once: u64,
    /// Compute units of each instruction, by its name.
    pub instructions: Vec<(&'static str, u64)>,
    /// What the peers' design costs.
    pub peer: PeerCosts,
}

impl ChainCosts {
    /// Name and value of each figure.
    pub fn figures(&self) -> Vec<(&'static str, u64)> {
        let ours = [
            ("attest_3_cu", self.attest_3_cu),
            ("finalize_cu", self.finalize_cu),
            ("claim_32_cu_per_member", self.claim_32_cu_per_member),
            ("claim_32_token2022_cu_per_member", self.claim_32_token2022_cu_per_member),
            ("claim_32_bytes", self.claim_32_bytes as u64),
            ("claim_1_cu", self.claim_1_cu),
            ("claim_1_bytes", self.claim_1_bytes as u64),
            ("program_bytes", self.program_bytes as u64),
            ("lamports_per_member_per_epoch", self.lamports_per_member_per_epoch),
            ("lamports_per_member_once", self.lamports_per_member_once),
        ];
        ours.into_iter().chain(self.peer.figures()).collect()
    }
}

/// Runs the whole path for a million members on the embedded chain and measures it.
///
/// # Panics
/// When a step of the path fails, or pays another amount than is due.
pub fn measure_chain_costs() -> ChainCosts {
    let million = million_of(World::start_with(REAL_MEMBERS as usize, unlimited));
    let batch = million.claim_batch();
    let Million { world, epoch, attest, finalize } = million;

    // One member alone, on a page that is open, without a table: a run is at least a quad.
    let single = world.claim(&epoch, FIRST_REAL + BATCH, 4).expect("a member is claimed");

    // And who was claimed was paid.
    for (member, due) in [(0, FIRST_REAL), (31, FIRST_REAL + 31), (32, FIRST_REAL + BATCH)] {
        assert_eq!(world.balance(member), 1_000_000 + u64::from(due), "member {member}");
    }
    assert_eq!(world.balance(33), 0, "a member whom nobody claimed");

    let extended = World::start_token_2022_with(REAL_MEMBERS as usize, &[], unlimited);
    let token2022 = million_of(extended).claim_batch();

    let rent = |bytes| wait(world.chain.rent(bytes)).expect("the chain knows its rent");
    let members_per_page = u64::from(MEMBERS_PER_PAGE);
    let table_bytes = LOOKUP_TABLE_META + 32 * MEMBERS_PER_PAGE as usize;
    let page_and_table = rent(LedgerPage::ACCOUNT_LEN) + rent(table_bytes);
    ChainCosts {
        attest_3_cu: attest.compute_units,
        finalize_cu: finalize.compute_units,
        claim_32_cu_per_member: batch.compute_units.div_ceil(u64::from(BATCH)),
        claim_32_token2022_cu_per_member: token2022.compute_units.div_ceil(u64::from(BATCH)),
        claim_32_bytes: batch.bytes,
        claim_1_cu: single.compute_units,
        claim_1_bytes: single.bytes,
        program_bytes: PROGRAM_ELF.len(),
        lamports_per_member_per_epoch: batch.fee_lamports.div_ceil(u64::from(BATCH)),
        lamports_per_member_once: page_and_table.div_ceil(members_per_page),
        instructions: instructions::measure(),
        peer: peer::measure(),
    }
}

/// A finalized epoch of all members, with what attesting and finalizing it consumed.
struct Million {
    world: World,
    epoch: Epoch,
    attest: Receipt,
    finalize: Receipt,
}

impl Million {
    /// Claims the first 32 members who have token accounts, with a lookup table.
    fn claim_batch(&self) -> Receipt {
        let claim = self.world.claim_instruction(&self.epoch, FIRST_REAL, BATCH as usize);
        let named: Vec<_> = claim.accounts.iter().map(|account| account.pubkey).collect();
        let table = self.world.lookup_table(&named);
        self.world.send_with(&[], &[claim], &[table]).expect("a batch is claimed")
    }
}

/// Lets an epoch pay any amount.
fn unlimited(args: &mut InitializeArgs) {
    args.budget = u64::MAX;
    args.growth_limit = u64::MAX;
    args.supply_cap = u64::MAX;
}

/// Finalizes an epoch of a million members, the last of whom are a world's.
fn million_of(world: World) -> Million {
    let mut accounts = token_accounts(&world.token_accounts);
    // The one who claims alone has three neighbours in the quad who cannot receive.
    for neighbour in 1..4 {
        let index = FIRST_REAL + BATCH + neighbour;
        accounts[index as usize] = accounts[(index - 1_000) as usize];
    }
    let totals = totals();
    let epoch = world.epoch_to(1, &accounts, &totals);
    world.end_epoch(1);
    let attest = world.attest(&epoch, &[0, 1, 2]).expect("the epoch is attested");
    world.end_challenge_window();
    let finalize = world.finalize(&epoch).expect("the epoch is finalized");
    world.open_page(FIRST_REAL / MEMBERS_PER_PAGE).expect("the last page is opened");
    Million { world, epoch, attest, finalize }
}

/// A token account for each member: nobody's for most, and these for the last of them.
fn token_accounts(last: &[Address]) -> Vec<Address> {
    let strangers = (0..FIRST_REAL).map(|index| {
        let mut address = [0xEE; 32];
        address[..4].copy_from_slice(&index.to_le_bytes());
        Address::from(address)
    });
    strangers.chain(last.iter().copied()).collect()
}

/// What each member is paid, base units.
fn totals() -> Vec<u64> {
    (0..u64::from(MEMBERS)).map(|index| 1_000_000 + index).collect()
}
