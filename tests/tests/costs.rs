//! What a community of 1,048,576 members costs: bytes and compute units of each step.
//!
//! Keys, and so addresses and their bumps, come from a fixed seed: the figures are the same in
//! every run, and change only with the program or the runtime.
#![allow(clippy::print_stdout)]

use solana_address::Address;
use system_token_chain::{MAX_TRANSACTION_BYTES, Receipt};
use system_token_interface::instructions::claim_batch;
use system_token_tests::{Epoch, World};

const MEMBERS: u32 = 1 << 20;
const BATCH: u32 = 32;
/// Members from here on have token accounts: the last 64, which lie on the last page.
const FIRST_REAL: u32 = MEMBERS - 64;

/// A finalized epoch of all members, with what attesting and finalizing it consumed.
struct Million {
    world: World,
    epoch: Epoch,
    attest: Receipt,
    finalize: Receipt,
}

fn million() -> Million {
    let world = World::start_with(64, |args| {
        args.budget = u64::MAX;
        args.growth_limit = u64::MAX;
        args.supply_cap = u64::MAX;
    });
    let strangers = (0..FIRST_REAL).map(|index| {
        let mut address = [0xEE; 32];
        address[..4].copy_from_slice(&index.to_le_bytes());
        Address::from(address)
    });
    let mut accounts: Vec<_> = strangers.chain(world.token_accounts.iter().copied()).collect();
    // The one who claims alone has three neighbours in the quad who cannot receive.
    for neighbour in 1..4 {
        let index = FIRST_REAL + BATCH + neighbour;
        accounts[index as usize] = accounts[(index - 1_000) as usize];
    }
    let totals: Vec<u64> = (0..u64::from(MEMBERS)).map(|index| 1_000_000 + index).collect();
    let epoch = world.epoch_to(1, &accounts, &totals);
    world.end_epoch(1);
    let attest = world.attest(&epoch, &[0, 1, 2]).expect("the epoch is attested");
    world.end_challenge_window();
    let finalize = world.finalize(&epoch).expect("the epoch is finalized");
    world.open_page(FIRST_REAL / 256).expect("the last page is opened");
    Million { world, epoch, attest, finalize }
}

#[test]
fn a_million_members_cost_little_each() {
    let Million { world, epoch, attest, finalize } = million();

    // A batch of 32 with a lookup table.
    let claim = claim_batch(&world.mint, &epoch.run(FIRST_REAL, BATCH as usize));
    let named: Vec<_> = claim.accounts.iter().map(|account| account.pubkey).collect();
    let table = world.lookup_table(&named);
    let batch = world.send_with(&[], &[claim], &[table]).expect("a batch is claimed");
    let per_member = batch.compute_units.div_ceil(u64::from(BATCH));

    // One member alone, on a page that is open, without a table: a run is at least a quad.
    let single = world.claim(&epoch, FIRST_REAL + BATCH, 4).expect("a member is claimed");

    println!("attest, 3 signatures: {} CU, {} bytes", attest.compute_units, attest.bytes);
    println!("finalize: {} CU, {} bytes", finalize.compute_units, finalize.bytes);
    println!("claim of 32: {} CU, {} bytes", batch.compute_units, batch.bytes);
    println!("claim of 32, each member: {per_member} CU");
    println!("claim of 1: {} CU, {} bytes", single.compute_units, single.bytes);

    assert!(batch.bytes <= MAX_TRANSACTION_BYTES);
    assert!(per_member <= 650, "{per_member}");
    assert!(single.compute_units < 6_400);
    assert!(attest.compute_units < 7_000);
    assert!(finalize.compute_units < 1_000);

    // And who was claimed was paid.
    assert_eq!(world.balance(0), 1_000_000 + u64::from(FIRST_REAL));
    assert_eq!(world.balance(31), 1_000_000 + u64::from(FIRST_REAL + 31));
    assert_eq!(world.balance(32), 1_000_000 + u64::from(FIRST_REAL + BATCH));
    assert_eq!(world.balance(33), 0);
}
