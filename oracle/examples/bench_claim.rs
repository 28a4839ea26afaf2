//! Measures an epoch of a hundred thousand members on the embedded chain, from its attestation to every
//! balance, and projects how many blocks a million members take at least.
//!
//! blocks ≥ ⌈claims × cost ÷ what a block lets be spent on one writable account⌉
//! cost = signature + write locks + instruction data + compute units, as solana-cost-model 4.2.2 counts
//!
//! Every claim writes the mint and the distribution, so the limit for one account is the lowest one.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and measures time"
)]

use std::time::Instant;

use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::{Attestation, Leaf, Tree};
use system_token_chain::{Chain, EmbeddedChain, get_balance, get_supply};
use system_token_interface::PROGRAM_ID;
use system_token_interface::instructions::InitializeArgs;
use system_token_oracle::epoch::LocalKey;
use system_token_oracle::submit::{Direct, Purpose, Spent, Submitter, token_account_address};

const MEMBERS: u32 = 100_000;
const MILLION: u64 = 1_000_000;
const WEEK_SECONDS: u32 = 7 * 86_400;
const START_AT: i64 = 1_767_571_200;
const BUDGET: u64 = 1_000_000_000_000;
const LAMPORTS: u64 = 1_000_000_000_000;
const DECIMALS: u8 = 6;

// What solana-cost-model 4.2.2 counts, compute units.
const SIGNATURE_COST: u64 = 720;
const WRITE_LOCK_COST: u64 = 300;
const DATA_BYTES_PER_UNIT: u64 = 4;
const WRITABLE_ACCOUNT_LIMIT: u64 = 24_000_000;
const BLOCK_LIMIT: u64 = 60_000_000;
const BLOCK_MILLISECONDS: u64 = 400;
const MEMBERS_PER_CLAIM: u64 = 32;
/// Payer, distribution, mint and page, beside the members' token accounts.
const OTHER_WRITABLE_ACCOUNTS: u64 = 4;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let chain = EmbeddedChain::start(START_AT).unwrap();
    let (payer, mint, oracle) = (key(1), key(2), LocalKey::new(key(3)));
    chain.airdrop(&payer.pubkey(), LAMPORTS).unwrap();
    let args = initialize_args(&payer, &oracle);
    let submitter = Submitter::new(chain, payer, mint.pubkey());
    submitter.create_mint(&mint, DECIMALS).await.unwrap();
    submitter.initialize(&args).await.unwrap();
    let leaves = leaves(&submitter, mint.pubkey()).await;

    let begun = Instant::now();
    let tree = Tree::new(&leaves).unwrap();
    finalize(&submitter, &oracle, &tree).await;
    submitter.claim(&tree, &leaves).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();

    let supply = get_supply(submitter.chain(), &mint.pubkey()).await.unwrap();
    let mut paid = supply == tree.cumulative_total();
    for leaf in &leaves {
        let balance = get_balance(submitter.chain(), &leaf.token_account.into()).await.unwrap();
        paid &= balance == leaf.cumulative_total;
    }
    let claims = submitter.spending().of(Purpose::Claim);
    let accounts = submitter.spending().of(Purpose::Accounts);
    let accounts = accounts.transactions;
    let all = claims.transactions + accounts + 2;
    let cost = claim_cost(&claims);
    let million_claims = MILLION.div_ceil(MEMBERS_PER_CLAIM);
    let blocks = (million_claims * cost).div_ceil(WRITABLE_ACCOUNT_LIMIT);
    println!(
        "{{\"members\":{MEMBERS},\"transactions\":{all},\"claims\":{},\"seconds\":{seconds:.2},\
         \"peak_mib\":{},\"compute_units_total\":{},\"claim_bytes_total\":{},\
         \"fee_lamports_total\":{},\"paid_equals_root\":{paid},\"claim_cost_in_block\":{cost},\
         \"million_blocks_at_least\":{blocks},\"million_seconds_at_least\":{},\
         \"million_blocks_by_block_limit\":{}}}",
        claims.transactions,
        peak_mib(),
        claims.compute_units,
        claims.bytes,
        submitter.spending().fee_lamports(),
        blocks * BLOCK_MILLISECONDS / 1_000,
        (million_claims * cost).div_ceil(BLOCK_LIMIT),
    );
}

/// What a block is charged for one full claim, compute units.
fn claim_cost(claims: &Spent) -> u64 {
    let units = claims.compute_units.div_ceil(claims.transactions);
    let data = claims.bytes.div_ceil(claims.transactions) / DATA_BYTES_PER_UNIT;
    let locks = MEMBERS_PER_CLAIM + OTHER_WRITABLE_ACCOUNTS;
    SIGNATURE_COST + locks * WRITE_LOCK_COST + data + units
}

/// Every member's token account, each with a total of its own.
async fn leaves(submitter: &Submitter<Direct<EmbeddedChain>>, mint: Address) -> Vec<Leaf> {
    let wallet = |member: u32| {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&member.to_le_bytes());
        Address::from(bytes)
    };
    submitter.create_token_accounts(&[wallet(0)]).await.unwrap();
    let first = token_account_address(&wallet(0), &mint);
    let template = submitter.chain().get_account(&first).await.unwrap().unwrap();
    let mut leaves = Vec::new();
    for member in 0..MEMBERS {
        let address = token_account_address(&wallet(member), &mint);
        let mut account = template.clone();
        account.data[32..64].copy_from_slice(wallet(member).as_ref());
        submitter.chain().svm().set_account(address, account).unwrap();
        let cumulative_total = 1_000_000 + u64::from(member);
        leaves.push(Leaf { token_account: address.to_bytes(), cumulative_total });
    }
    leaves
}

async fn finalize(submitter: &Submitter<Direct<EmbeddedChain>>, oracle: &LocalKey, tree: &Tree) {
    let attestation = Attestation {
        program_id: PROGRAM_ID.to_bytes(),
        distribution: submitter.distribution_address().to_bytes(),
        epoch: 1,
        oracle_set_version: 1,
        leaf_count: tree.leaf_count(),
        root: tree.root(),
        cumulative_total: tree.cumulative_total(),
        bundle_hash: [9; 32],
    };
    let attested_at = START_AT + i64::from(WEEK_SECONDS) + 1;
    submitter.chain().warp_to(attested_at);
    submitter.attest(&attestation, &[oracle.sign(&attestation)]).await.unwrap();
    submitter.chain().warp_to(attested_at + 3_600);
    submitter.finalize(&attestation.digest()).await.unwrap();
}

fn initialize_args(payer: &Keypair, oracle: &LocalKey) -> InitializeArgs {
    InitializeArgs {
        admin: payer.pubkey().to_bytes(),
        guardian: payer.pubkey().to_bytes(),
        oracles: vec![oracle.address().to_bytes()],
        threshold: 1,
        challenge_seconds: 3_600,
        timelock_seconds: 3_600,
        start_at: START_AT,
        epoch_seconds: WEEK_SECONDS,
        decay_epochs: 0,
        decay_basis_points: 10_000,
        budget: BUDGET,
        growth_limit: BUDGET,
        supply_cap: BUDGET,
    }
}

fn key(seed: u8) -> Keypair {
    Keypair::new_from_array([seed; 32])
}

/// The most memory that the process ever had, MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
}
