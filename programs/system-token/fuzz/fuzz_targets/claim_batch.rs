//! Any claim against any ledger, through the program's own entry: whatever the data says, a member
//! gets what the tree grants or nothing, and everything minted is accounted for.
//!
//! A claim starts as a right one and is then damaged, so that the fuzzer gets past the proof.
#![no_main]

use anchor_lang::{Address, Discriminator, InstructionData};
use bytemuck::Zeroable;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use system_token::instruction::ClaimBatch;
use system_token::{Distribution, LedgerPage};
use system_token_attestation::{Leaf, Tree};
use system_token_fuzz::chain::{dispatch, Account};

const DISTRIBUTION: Address = Address::new_from_array([0xD1; 32]);
const PAGE: Address = Address::new_from_array([0x9A; 32]);
const MINT: Address = Address::new_from_array([0x31; 32]);
const TOKEN_PROGRAM: Address =
    Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const SYSTEM_PROGRAM: Address = Address::new_from_array([0; 32]);

#[derive(Arbitrary, Debug)]
struct Input {
    /// Leaves of the tree; all on page 0.
    leaf_count: u8,
    /// The claimed run.
    start: u8,
    members: u8,
    /// What the ledger says was minted before, in 1/128 of each member's total.
    claimed: Vec<u8>,
    /// Bit i: the i-th token account cannot receive.
    closed: u32,
    /// A member whose leaf names an account that is another's, and which.
    odd: (u8, u8),
    /// Bytes of the instruction's arguments to be changed, each by its place.
    damage: Vec<(u16, u8)>,
    /// What follows the arguments.
    tail: Vec<u8>,
}

impl Input {
    fn is_damaged(&self) -> bool {
        self.damage.iter().any(|&(_, change)| change != 0)
    }
}

/// The state that a claim meets.
struct State {
    distribution: Distribution,
    page: LedgerPage,
    leaves: Vec<Leaf>,
}

impl State {
    fn of(input: &Input, tree: &Tree, leaves: Vec<Leaf>) -> Self {
        let mut page = LedgerPage::zeroed();
        page.distribution = DISTRIBUTION;
        let before = leaves.iter().zip(&input.claimed).zip(&mut page.claimed);
        for ((leaf, &share), claimed) in before {
            *claimed = (leaf.cumulative_total / 128 * u64::from(share)).into();
        }
        let mut distribution = Distribution::zeroed();
        distribution.mint = MINT;
        distribution.token_program = TOKEN_PROGRAM;
        distribution.root = tree.root();
        distribution.leaf_count = tree.leaf_count().into();
        distribution.cumulative_total = tree.cumulative_total().into();
        distribution.minted_total = sum(&page).into();
        Self { distribution, page, leaves }
    }

    /// The accounts of a claim: the program's, then each member's token account.
    fn accounts(&self, members: &[Leaf], closed: u32) -> Vec<Account> {
        let account = |address, owner, writable, data| Account { address, owner, writable, data };
        let distribution =
            [Distribution::DISCRIMINATOR, bytemuck::bytes_of(&self.distribution)].concat();
        let page = [LedgerPage::DISCRIMINATOR, bytemuck::bytes_of(&self.page)].concat();
        let mut accounts = vec![
            account(DISTRIBUTION, system_token::ID, true, distribution),
            account(PAGE, system_token::ID, true, page),
            account(MINT, TOKEN_PROGRAM, true, vec![0; 82]),
            account(TOKEN_PROGRAM, SYSTEM_PROGRAM, false, Vec::new()),
        ];
        for (i, member) in members.iter().enumerate() {
            let address = member.token_account.into();
            if address == SYSTEM_PROGRAM {
                accounts.push(account(address, SYSTEM_PROGRAM, false, Vec::new()));
                continue;
            }
            let mut data = vec![0; 165];
            data[..32].copy_from_slice(MINT.as_ref());
            data[108] = u8::from(closed >> i & 1 == 0);
            accounts.push(account(address, TOKEN_PROGRAM, true, data));
        }
        accounts
    }
}

/// The leaves: each member has an account of its own, but for the odd one.
fn leaves(input: &Input) -> Vec<Leaf> {
    let mut leaves: Vec<_> = (0..input.leaf_count.into()).map(leaf).collect();
    let odd = usize::from(input.odd.0);
    if odd < leaves.len() {
        leaves[odd].token_account = match input.odd.1 {
            1 => DISTRIBUTION.to_bytes(),
            2 => PAGE.to_bytes(),
            3 => MINT.to_bytes(),
            4 => TOKEN_PROGRAM.to_bytes(),
            5 => SYSTEM_PROGRAM.to_bytes(),
            6 => leaves[odd.saturating_sub(1)].token_account,
            _ => leaves[odd].token_account,
        };
    }
    leaves
}

fn leaf(index: u32) -> Leaf {
    let mut token_account = [0xAC; 32];
    token_account[..4].copy_from_slice(&index.to_le_bytes());
    Leaf { token_account, cumulative_total: u64::from(index) * 1_000_003 }
}

fn sum(page: &LedgerPage) -> u64 {
    page.claimed.iter().map(|claimed| claimed.get()).sum()
}

fn read<T: bytemuck::AnyBitPattern>(account: &Account) -> T {
    bytemuck::pod_read_unaligned(&account.data[8..])
}

/// What must hold after a claim that the program took.
fn check(before: &State, members: &[Leaf], closed: u32, accounts: &[Account]) {
    let (distribution, page): (Distribution, LedgerPage) = (read(&accounts[0]), read(&accounts[1]));
    for (index, (new, old)) in page.claimed.iter().zip(&before.page.claimed).enumerate() {
        if new == old {
            continue;
        }
        let leaf = before.leaves.get(index).expect("a member of the tree");
        assert_eq!(new.get(), leaf.cumulative_total, "member {index}");
        assert!(new > old, "member {index} loses");
        let place = members
            .iter()
            .position(|member| member.token_account == leaf.token_account)
            .expect("a claimed member");
        assert_eq!(closed >> place & 1, 0, "member {index} cannot receive");
        let account = Address::from(leaf.token_account);
        let fixed = [DISTRIBUTION, PAGE, MINT, TOKEN_PROGRAM, SYSTEM_PROGRAM];
        assert!(!fixed.contains(&account), "member {index} has no token account");
    }
    let minted = distribution.minted_total.get() - before.distribution.minted_total.get();
    assert_eq!(minted, sum(&page) - sum(&before.page));
    if minted > 0 {
        assert!(distribution.minted_total <= distribution.cumulative_total);
    }
    // And nothing else changed.
    let expected = Distribution { minted_total: distribution.minted_total, ..before.distribution };
    assert_eq!(bytemuck::bytes_of(&distribution), bytemuck::bytes_of(&expected));
}

fuzz_target!(|input: Input| {
    let leaves = leaves(&input);
    let tree = Tree::new(&leaves).expect("a small tree");
    let state = State::of(&input, &tree, leaves);
    let start = usize::from(input.start).min(state.leaves.len());
    let end = (start + usize::from(input.members % 33)).min(state.leaves.len());
    let members = state.leaves[start..end].to_vec();

    let proof = tree.proof(start as u32, members.len());
    let provable = proof.is_ok();
    let proof = proof.unwrap_or_default();
    let totals: Vec<_> = members.iter().map(|member| member.cumulative_total).collect();
    let claim = ClaimBatch { start_index: start as u32, totals: &totals, proof: &proof };
    let mut data = claim.data();
    let arguments = ClaimBatch::DISCRIMINATOR.len();
    for &(place, change) in &input.damage {
        let place = arguments + usize::from(place) % (data.len() - arguments);
        data[place] ^= change;
    }
    data.extend_from_slice(&input.tail);

    let mut accounts = state.accounts(&members, input.closed);
    let status = dispatch(&mut accounts, &data);
    if status == 0 {
        check(&state, &members, input.closed, &accounts);
    }
    if !input.is_damaged() && input.claimed.is_empty() {
        assert_eq!(status == 0, provable, "a right claim is taken, and no other");
    }
});
