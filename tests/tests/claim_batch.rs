//! `claim_batch`: what proves a claim, and what it pays. Whom it passes over is tested in
//! `claim_skips.rs`.

use solana_account::Account;
use solana_address::Address;
use solana_instruction::error::InstructionError;
use solana_instruction::{AccountMeta, Instruction};
use system_token_attestation::Leaf;
use system_token_chain::MAX_TRANSACTION_BYTES;
use system_token_interface::instructions::{ClaimRun, claim_batch};
use system_token_interface::{PROGRAM_ID, SystemTokenError, page_address};
use system_token_tests::{Epoch, Refusal, TOKEN_2022_PROGRAM, World, failed};

/// Where the instruction names its accounts.
const DISTRIBUTION: usize = 0;
const PAGE: usize = 1;
const MINT: usize = 2;
const TOKEN_PROGRAM: usize = 3;
const FIRST_MEMBER: usize = 4;

/// A world of 32 members, eight quads, whose first epoch is finalized, with ledger page 0.
fn finalized() -> (World, Epoch) {
    let world = World::start(32);
    world.open_page(0).expect("page 0 is opened");
    let epoch = world.epoch(1, &totals_of_32());
    world.install(&epoch);
    (world, epoch)
}

/// 10, 20, 30 … 320.
fn totals_of_32() -> Vec<u64> {
    (10..=320).step_by(10).collect()
}

#[track_caller]
fn assert_refused(world: &World, error: SystemTokenError, run: &ClaimRun) {
    world.assert_refused(error, &[claim_batch(&world.mint, &world.token_program, run)]);
}

/// Asserts that the honest claim of members 0 to 3 is refused once one account is another.
#[track_caller]
fn assert_account_refused(
    world: &World,
    epoch: &Epoch,
    (at, other): (usize, Address),
    refusal: impl Into<Refusal>,
) {
    let mut claim = world.claim_instruction(epoch, 0, 4);
    claim.accounts[at].pubkey = other;
    world.assert_refused(refusal, &[claim]);
}

#[test]
fn a_run_that_starts_off_its_alignment_is_refused() {
    let (world, epoch) = finalized();
    for (start, members) in [(1, 4), (2, 4), (3, 8), (4, 8), (8, 16)] {
        assert_refused(&world, SystemTokenError::InvalidRun, &padded(&epoch, start, members));
    }
}

#[test]
fn a_run_of_a_length_that_is_no_subtree_is_refused() {
    let (world, epoch) = finalized();
    for members in [0, 1, 2, 3, 5, 7, 9, 15] {
        assert_refused(&world, SystemTokenError::InvalidRun, &padded(&epoch, 0, members));
    }
    // 33 is one more than any run has.
    assert_refused(&world, SystemTokenError::InvalidRun, &padded(&epoch, 0, 33));
}

/// A run that the tree has no proof for: of the first eight leaves, repeated; the proof is empty.
fn padded(epoch: &Epoch, start: u32, members: usize) -> ClaimRun {
    let leaves: Vec<Leaf> =
        epoch.leaves.iter().take(8).cycle().skip(start as usize).take(members).copied().collect();
    ClaimRun {
        start_index: start,
        totals: leaves.iter().map(|leaf| leaf.cumulative_total).collect(),
        token_accounts: leaves.iter().map(|leaf| leaf.token_account.into()).collect(),
        proof: vec![],
    }
}

#[test]
fn members_past_the_last_leaf_are_refused() {
    let (world, epoch) = finalized();
    world.open_page(u32::MAX / 256).unwrap();
    for start in [32, 64, 252, u32::MAX - 3] {
        let run = ClaimRun { start_index: start, ..epoch.run(0, 4) };
        assert_refused(&world, SystemTokenError::InvalidRun, &run);
    }
}

#[test]
fn a_claim_before_any_epoch_is_refused() {
    let world = World::start(2);
    world.open_page(0).unwrap();
    let run = world.epoch(1, &[100, 200]).run(0, 2);
    assert_refused(&world, SystemTokenError::InvalidRun, &run);
}

#[test]
fn a_proof_too_short_or_too_long_is_refused() {
    let (world, epoch) = finalized();
    let mut short = epoch.run(0, 8);
    short.proof.pop();
    assert_refused(&world, SystemTokenError::InvalidRun, &short);

    let mut long = epoch.run(0, 8);
    long.proof.push([0; 32]);
    assert_refused(&world, SystemTokenError::InvalidRun, &long);
}

#[test]
fn a_proof_with_any_hash_wrong_or_out_of_order_is_refused() {
    let (world, epoch) = finalized();
    for level in 0..3 {
        let mut wrong = epoch.run(20, 4);
        wrong.proof[level][31] ^= 1;
        assert_refused(&world, SystemTokenError::InvalidProof, &wrong);
    }
    let mut reversed = epoch.run(20, 4);
    reversed.proof.reverse();
    assert_refused(&world, SystemTokenError::InvalidProof, &reversed);
}

#[test]
fn a_total_other_than_the_leaf_s_is_refused() {
    let (world, epoch) = finalized();
    for total in [0, 29, 31, u64::MAX] {
        let mut greedy = epoch.run(0, 4);
        greedy.totals[2] = total;
        assert_refused(&world, SystemTokenError::InvalidProof, &greedy);
    }
}

#[test]
fn another_member_s_index_is_refused() {
    // Given the second quad's leaves and proof, offered as another's so that they are paid twice
    let (world, epoch) = finalized();
    for start_index in [0, 8, 12, 28] {
        let run = ClaimRun { start_index, ..epoch.run(4, 4) };
        assert_refused(&world, SystemTokenError::InvalidProof, &run);
    }
}

#[test]
fn another_token_account_than_the_leaf_s_is_refused() {
    // Given a thief with a token account of the same mint
    let (world, epoch) = finalized();
    let thief = world.create_token_accounts(&[world.key()])[0];

    // When it puts its own account in a member's place, or swaps two members
    let mut stolen = epoch.run(0, 4);
    stolen.token_accounts[3] = thief;
    assert_refused(&world, SystemTokenError::InvalidProof, &stolen);
    let mut swapped = epoch.run(0, 4);
    swapped.token_accounts.swap(0, 1);
    assert_refused(&world, SystemTokenError::InvalidProof, &swapped);
}

#[test]
fn fewer_or_more_token_accounts_than_totals_are_refused() {
    let (world, epoch) = finalized();
    let mut fewer = world.claim_instruction(&epoch, 0, 4);
    fewer.accounts.pop();
    world.assert_refused(SystemTokenError::AccountCountMismatch, &[fewer]);

    let mut none = world.claim_instruction(&epoch, 0, 4);
    none.accounts.truncate(FIRST_MEMBER);
    world.assert_refused(SystemTokenError::AccountCountMismatch, &[none]);

    let mut more = world.claim_instruction(&epoch, 0, 4);
    more.accounts.push(AccountMeta::new(world.token_accounts[4], false));
    world.assert_refused(SystemTokenError::AccountCountMismatch, &[more]);
}

#[test]
fn the_proof_of_an_epoch_before_is_refused() {
    let (world, first) = finalized();
    let mut totals = totals_of_32();
    totals[31] += 1;
    world.install(&world.epoch(2, &totals));
    assert_refused(&world, SystemTokenError::InvalidProof, &first.run(0, 4));
}

#[test]
fn a_page_that_is_not_open_is_refused() {
    let world = World::start(2);
    let epoch = world.epoch(1, &[100, 200]);
    world.install(&epoch);
    let claim = world.claim_instruction(&epoch, 0, 2);
    world.assert_refused(failed(0, InstructionError::AccountDataTooSmall), &[claim]);
}

#[test]
fn another_page_of_the_same_distribution_is_refused() {
    // Given a second, empty page, on which the members would be unpaid for ever
    let (world, epoch) = finalized();
    world.open_page(1).unwrap();
    let other = page_address(&world.distribution, 1).0;
    let error = SystemTokenError::PageOutOfRange;
    assert_account_refused(&world, &epoch, (PAGE, other), error);
}

#[test]
fn a_page_of_another_distribution_is_refused() {
    let (world, epoch) = finalized();
    let neighbour = world.neighbour(0);
    neighbour.open_page(0).unwrap();
    let other = page_address(&neighbour.distribution, 0).0;
    let error = SystemTokenError::ForeignPage;
    assert_account_refused(&world, &epoch, (PAGE, other), error);
}

#[test]
fn another_mint_or_token_program_is_refused() {
    let (world, epoch) = finalized();
    let neighbour = world.neighbour(0);
    let error = SystemTokenError::MintMismatch;
    assert_account_refused(&world, &epoch, (MINT, neighbour.mint), error);
    for program in [TOKEN_2022_PROGRAM, PROGRAM_ID] {
        assert_account_refused(&world, &epoch, (TOKEN_PROGRAM, program), error);
    }
}

#[test]
fn another_distribution_is_refused() {
    // Given a neighbour whose distribution is finalized too
    let (world, epoch) = finalized();
    let neighbour = world.neighbour(8);
    neighbour.install(&neighbour.epoch(1, &[1, 2, 3, 4, 5, 6, 7, 8]));
    let error = SystemTokenError::MintMismatch;
    assert_account_refused(&world, &epoch, (DISTRIBUTION, neighbour.distribution), error);
}

#[test]
fn a_distribution_or_page_that_another_program_owns_is_refused() {
    // Given the right bytes with a root or a page of the attacker's, in accounts of its own program
    let (world, epoch) = finalized();
    let page = page_address(&world.distribution, 0).0;
    for (at, real) in [(DISTRIBUTION, world.distribution), (PAGE, page)] {
        let (fake, owner) = (world.address(), world.address());
        world.put_account(fake, Account { owner, ..world.account(&real).unwrap() });
        let error = failed(0, InstructionError::IllegalOwner);
        assert_account_refused(&world, &epoch, (at, fake), error);
    }
}

#[test]
fn accounts_of_one_type_in_the_other_s_place_are_refused() {
    let (world, epoch) = finalized();
    let proposal = world.proposal_address(&epoch);
    world.open_page(1).unwrap();
    let second_page = page_address(&world.distribution, 1).0;
    for (at, other, error) in [
        (DISTRIBUTION, proposal, InstructionError::AccountDataTooSmall),
        (PAGE, proposal, InstructionError::AccountDataTooSmall),
        (DISTRIBUTION, second_page, InstructionError::InvalidAccountData),
    ] {
        assert_account_refused(&world, &epoch, (at, other), failed(0, error));
    }
}

#[test]
fn one_account_in_two_places_is_refused() {
    let (world, epoch) = finalized();
    let page = page_address(&world.distribution, 0).0;
    for (at, twice, error) in [
        (DISTRIBUTION, page, InstructionError::InvalidAccountData),
        (PAGE, world.distribution, InstructionError::AccountDataTooSmall),
    ] {
        assert_account_refused(&world, &epoch, (at, twice), failed(0, error));
    }
    assert_account_refused(&world, &epoch, (MINT, page), SystemTokenError::MintMismatch);
}

#[test]
fn a_paused_distribution_pays_nobody() {
    let (world, epoch) = finalized();
    world.alter_distribution(|distribution| distribution.paused = 1);
    assert_refused(&world, SystemTokenError::Paused, &epoch.run(0, 4));

    // And pays again afterwards
    world.alter_distribution(|distribution| distribution.paused = 0);
    world.claim(&epoch, 0, 4).unwrap();
    assert_eq!(world.balances()[..4], [10, 20, 30, 40]);
    assert_eq!(world.supply(), 100);
}

#[test]
fn leaves_that_add_up_to_more_than_was_attested_are_paid_only_up_to_it() {
    // Given oracles that attested a total of 30 over leaves that add up to 300
    let world = World::start(5);
    world.open_page(0).unwrap();
    let mut epoch = world.epoch(1, &[10, 0, 0, 0, 290]);
    epoch.attestation.cumulative_total = 30;
    world.install(&epoch);

    // Then the one that fits is paid, and the other is not
    world.claim(&epoch, 0, 4).unwrap();
    assert_refused(&world, SystemTokenError::MintedExceedsTotal, &epoch.run(4, 1));
    assert_refused(&world, SystemTokenError::MintedExceedsTotal, &epoch.run(0, 5));
}

#[test]
fn every_run_of_a_tree_pays_its_members_and_nobody_else() {
    let totals = totals_of_32();
    for (start, members) in [(0, 16), (16, 16), (0, 8), (8, 8), (24, 8), (0, 4), (20, 4), (28, 4)] {
        let (world, epoch) = finalized();
        world.claim(&epoch, u32::try_from(start).unwrap(), members).unwrap();
        let paid = start..start + members;
        for (member, total) in totals.iter().copied().enumerate() {
            let due = if paid.contains(&member) { total } else { 0 };
            assert_eq!(world.balance(member), due, "member {member} of {paid:?}");
            assert_eq!(world.claimed(u32::try_from(member).unwrap()), due);
        }
        assert_eq!(world.supply(), totals[paid].iter().sum::<u64>());
        assert_eq!(world.distribution().minted_total.get(), world.supply());
    }
}

#[test]
fn a_tree_of_one_leaf_needs_no_proof() {
    let world = World::start(1);
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[100]);
    assert!(epoch.run(0, 1).proof.is_empty());
    world.install(&epoch);
    world.claim(&epoch, 0, 1).unwrap();
    assert_eq!(world.balances(), [100]);
}

#[test]
fn the_ragged_end_of_a_tree_is_a_run() {
    // Given trees whose leaves are no power of two
    for (leaves, start) in [(3, 0), (5, 4), (7, 4), (100, 96), (33, 32)] {
        let world = World::start(leaves);
        world.open_page(0).unwrap();
        let totals: Vec<u64> = (1..).take(leaves).collect();
        let epoch = world.epoch(1, &totals);
        world.install(&epoch);

        // When the last run is claimed, it pays all that are left
        world.claim(&epoch, u32::try_from(start).unwrap(), leaves - start).unwrap();
        assert_eq!(world.balances()[start..], totals[start..], "{leaves} leaves");
        assert_eq!(world.supply(), totals[start..].iter().sum::<u64>());
    }
}

#[test]
fn members_on_another_page_are_kept_on_that_page() {
    // Given 300 members, of whom only the last two have accounts
    let world = World::start(2);
    world.open_page(1).unwrap();
    let mut accounts = vec![Address::default(); 298];
    accounts.extend(&world.token_accounts);
    let epoch = world.epoch_to(1, &accounts, &[7; 300]);
    world.install(&epoch);
    world.claim(&epoch, 296, 4).unwrap();
    assert_eq!(world.balances(), [7, 7]);
    assert_eq!(world.page(1).claimed[298 - 256].get(), 7);
    assert_eq!(world.claimed(297), 0);
}

#[test]
fn a_batch_of_32_fits_a_transaction_with_a_lookup_table() {
    // Given 100 members and a table of what a claim names
    let world = World::start(100);
    world.open_page(0).unwrap();
    let totals: Vec<u64> = (1..=100).collect();
    let epoch = world.epoch(1, &totals);
    world.install(&epoch);
    let claim = world.claim_instruction(&epoch, 32, 32);
    let table = world.lookup_table(&addresses_of(&claim));

    // When 32 of them are claimed at once
    let receipt = world.send_with(&[], &[claim], &[table]).unwrap();

    // Then it fits a packet, and each is paid
    assert!(receipt.bytes <= MAX_TRANSACTION_BYTES, "{} bytes", receipt.bytes);
    assert_eq!(world.balances()[32..64], totals[32..64]);
    assert_eq!(world.supply(), totals[32..64].iter().sum::<u64>());
}

fn addresses_of(instruction: &Instruction) -> Vec<Address> {
    instruction.accounts.iter().map(|account| account.pubkey).collect()
}

#[test]
fn all_that_64_bits_hold_can_be_minted() {
    let world = World::start_with(2, |args| {
        args.budget = u64::MAX;
        args.growth_limit = u64::MAX;
        args.supply_cap = u64::MAX;
    });
    world.open_page(0).unwrap();
    let epoch = world.epoch(1, &[u64::MAX - 1, 1]);
    assert_eq!(epoch.attestation.cumulative_total, u64::MAX);
    world.install(&epoch);
    world.claim(&epoch, 0, 2).unwrap();
    assert_eq!(world.balances(), [u64::MAX - 1, 1]);
    assert_eq!(world.supply(), u64::MAX);
}
