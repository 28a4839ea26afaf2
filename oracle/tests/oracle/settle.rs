//! Signed epochs taken to the chain, step by step and by whoever comes first.

use solana_address::Address;
use solana_address_lookup_table_interface::instruction::create_lookup_table;
use solana_instruction::Instruction;
use solana_signer::Signer;
use system_token_attestation::{Attestation, Leaf, Tree};
use system_token_chain::{Chain, EmbeddedChain, get_balance, get_supply, sign_transaction};
use system_token_interface::PROGRAM_ID;
use system_token_interface::instructions::{self, OracleSignature};
use system_token_oracle::epoch::LocalKey;
use system_token_oracle::submit::{Direct, Purpose, Standing, Submitter, token_account_address};

use crate::distribution::{HOUR, MINT, START_AT, WEEK, founded, key};

const MEMBERS: u8 = 70;

/// A community with three oracles, two of whom must agree; the payer administers it.
struct Town {
    submitter: Submitter<Direct<EmbeddedChain>>,
    mint: Address,
    leaves: Vec<Leaf>,
}

impl Town {
    async fn new() -> Self {
        let (submitter, leaves) = founded(MEMBERS).await;
        Self { submitter, mint: key(MINT).pubkey(), leaves }
    }

    /// The same chain, seen by a process that was started anew.
    fn restart(self) -> Self {
        let Self { submitter, mint, leaves } = self;
        Self { submitter: Submitter::new(submitter.into_chain(), key(200), mint), mint, leaves }
    }

    fn tree(&self) -> Tree {
        Tree::new(&self.leaves).unwrap()
    }

    fn attestation(&self, epoch: u64) -> Attestation {
        let tree = self.tree();
        Attestation {
            program_id: PROGRAM_ID.to_bytes(),
            distribution: self.submitter.distribution_address().to_bytes(),
            epoch,
            oracle_set_version: 1,
            leaf_count: tree.leaf_count(),
            root: tree.root(),
            cumulative_total: tree.cumulative_total(),
            bundle_hash: [9; 32],
        }
    }

    /// Everybody is owed more.
    fn earn(&mut self) {
        self.leaves.iter_mut().for_each(|leaf| leaf.cumulative_total += 10);
    }

    async fn settle(&mut self, attestation: &Attestation, oracles: &[u8]) -> Standing {
        let sign = |seed: &u8| LocalKey::new(key(*seed)).sign(attestation);
        let signatures: Vec<OracleSignature> = oracles.iter().map(sign).collect();
        self.submitter.settle(attestation, &signatures).await.unwrap()
    }

    /// How many transactions were sent for a purpose.
    fn sent(&self, purpose: Purpose) -> u64 {
        self.submitter.spending().of(purpose).transactions
    }

    async fn send(&self, instruction: Instruction) {
        let blockhash = self.submitter.chain().latest_blockhash().await.unwrap();
        let signed = sign_transaction(&[&key(200)], &[instruction], &[], blockhash).unwrap();
        self.submitter.chain().send(&signed).await.unwrap();
    }

    fn travel_to(&self, at: i64) {
        self.submitter.chain().warp_to(at);
    }
}

#[tokio::test]
async fn an_epoch_is_collected_challenged_and_installed() {
    let mut town = Town::new().await;
    let first = town.attestation(1);
    let ended = START_AT + WEEK;
    town.travel_to(ended + 1);
    // Nobody, somebody who is no oracle, and one of two
    let collecting = |signed| Standing::Collecting { signed, threshold: 2 };
    assert_eq!(town.settle(&first, &[]).await, collecting(0));
    assert_eq!(town.settle(&first, &[9]).await, collecting(0));
    assert_eq!(town.sent(Purpose::Attest), 0);
    // Oracle 2 of the set, counted from 0
    assert_eq!(town.settle(&first, &[9, 3]).await, collecting(0b100));
    // The same one again sends nothing, and of three more than enough only what is missing
    assert_eq!(town.settle(&first, &[3, 3]).await, collecting(0b100));
    assert_eq!(town.sent(Purpose::Attest), 1);
    let until = ended + 1 + HOUR;
    assert_eq!(town.settle(&first, &[1, 2, 3]).await, Standing::Challenge { until });
    assert_eq!(town.sent(Purpose::Attest), 2);
    // Whoever comes later, without any signature, installs it
    let mut town = town.restart();
    town.travel_to(until - 1);
    assert_eq!(town.settle(&first, &[]).await, Standing::Challenge { until });
    town.travel_to(until);
    let chain = town.submitter.chain();
    assert_eq!(Standing::read(chain, &first).await.unwrap(), Standing::Ready);
    assert_eq!(town.settle(&first, &[]).await, Standing::Finalized);
    assert_eq!(town.settle(&first, &[1, 2]).await, Standing::Finalized);
    assert_eq!((town.sent(Purpose::Attest), town.sent(Purpose::Finalize)), (0, 1));
    // Another result of the epoch comes too late, and a later epoch too early
    let other = Attestation { root: [1; 32], ..first };
    assert_eq!(town.settle(&other, &[1, 2]).await, Standing::OtherResult);
    assert_eq!(
        town.settle(&town.attestation(3), &[1, 2]).await,
        Standing::NotNext { finalized: 1 }
    );
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_and_nothing_is_sent() {
    let mut town = Town::new().await;
    let first = town.attestation(1);
    town.travel_to(START_AT + WEEK + 1);
    let other_set = Attestation { oracle_set_version: 2, ..first };
    assert_eq!(town.settle(&other_set, &[1, 2]).await, Standing::OtherOracleSet { version: 1 });
    let distribution = town.submitter.distribution_address();
    let payer = key(200).pubkey();
    town.send(instructions::pause(&payer, &distribution)).await;
    assert_eq!(town.settle(&first, &[1, 2]).await, Standing::Paused);
    assert_eq!(town.sent(Purpose::Attest), 0);
    town.send(instructions::unpause(&payer, &distribution)).await;
    assert!(matches!(town.settle(&first, &[1, 2]).await, Standing::Challenge { .. }));
    town.send(instructions::veto(&payer, &distribution, &first.digest())).await;
    town.travel_to(START_AT + WEEK + 1 + HOUR);
    assert_eq!(town.settle(&first, &[1, 2, 3]).await, Standing::Vetoed);
    // A better one takes its place
    let better = Attestation { bundle_hash: [8; 32], ..first };
    assert!(matches!(town.settle(&better, &[1, 2]).await, Standing::Challenge { .. }));
}

/// Installs the next epoch.
async fn install(town: &mut Town, epoch: u64) {
    let attestation = town.attestation(epoch);
    let ended = START_AT + i64::try_from(epoch).unwrap() * WEEK;
    town.travel_to(ended + 1);
    assert!(matches!(town.settle(&attestation, &[1, 2]).await, Standing::Challenge { .. }));
    town.travel_to(ended + 1 + HOUR);
    assert_eq!(town.settle(&attestation, &[]).await, Standing::Finalized);
}

#[tokio::test]
async fn claims_use_the_table_that_was_made_and_send_nothing_where_nothing_is_due() {
    let mut town = Town::new().await;
    install(&mut town, 1).await;
    let (tree, leaves) = (town.tree(), town.leaves.clone());
    assert_eq!(town.submitter.claim(&tree, &leaves).await.unwrap().members, u64::from(MEMBERS));
    let table = town.submitter.lookup_table_address(0).unwrap();
    // Started anew, with nothing due
    let mut town = town.restart();
    let again = town.submitter.claim(&tree, &leaves).await.unwrap();
    assert_eq!((again.members, again.transactions), (0, 0));
    assert_eq!(town.sent(Purpose::Accounts), 0);
    // With something due, by the table of before
    town.earn();
    install(&mut town, 2).await;
    let (tree, leaves) = (town.tree(), town.leaves.clone());
    assert!(town.submitter.reuse_lookup_table(0, table).await.unwrap());
    let claimed = town.submitter.claim(&tree, &leaves).await.unwrap();
    assert_eq!((claimed.members, claimed.transactions), (u64::from(MEMBERS), 3));
    assert_eq!(town.sent(Purpose::Accounts), 0);
    for leaf in &leaves {
        let account = Address::from(leaf.token_account);
        let balance = get_balance(town.submitter.chain(), &account).await.unwrap();
        assert_eq!(balance, leaf.cumulative_total);
    }
    let supply = get_supply(town.submitter.chain(), &town.mint).await.unwrap();
    assert_eq!(supply, tree.cumulative_total());
}

#[tokio::test]
async fn a_table_that_is_not_ours_or_too_full_is_not_used() {
    let mut town = Town::new().await;
    // Nothing, something else, and somebody else's table
    let mint = town.mint;
    for address in [Address::from([77; 32]), mint] {
        assert!(!town.submitter.reuse_lookup_table(0, address).await.unwrap());
    }
    let slot = town.submitter.chain().time().await.unwrap().slot - 1;
    let (create, foreign) = create_lookup_table(key(5).pubkey(), key(200).pubkey(), slot);
    town.send(create).await;
    assert!(!town.submitter.reuse_lookup_table(0, foreign).await.unwrap());
    assert_eq!(town.submitter.lookup_table_address(0), None);
    // When everybody is paid elsewhere again and again, the table is full one day: then it is another
    install(&mut town, 1).await;
    let mut tables = std::collections::BTreeSet::new();
    for epoch in 2..=5u8 {
        let tree = town.tree();
        let leaves = town.leaves.clone();
        town.submitter.claim(&tree, &leaves).await.unwrap();
        tables.insert(town.submitter.lookup_table_address(0).unwrap());
        let wallet = |member: u8| {
            let mut bytes = [member; 32];
            bytes[31] = 100 + epoch;
            Address::from(bytes)
        };
        let wallets: Vec<_> = (0..MEMBERS).map(wallet).collect();
        town.submitter.create_token_accounts(&wallets).await.unwrap();
        for (leaf, wallet) in town.leaves.iter_mut().zip(&wallets) {
            leaf.token_account = token_account_address(wallet, &mint).to_bytes();
        }
        town.earn();
        install(&mut town, epoch.into()).await;
    }
    let (tree, leaves) = (town.tree(), town.leaves.clone());
    let last = town.submitter.claim(&tree, &leaves).await.unwrap();
    assert_eq!(last.members, u64::from(MEMBERS));
    tables.insert(town.submitter.lookup_table_address(0).unwrap());
    assert_eq!(tables.len(), 2);
    let supply = get_supply(town.submitter.chain(), &mint).await.unwrap();
    assert_eq!(supply, tree.cumulative_total());
}

#[tokio::test]
async fn rent_comes_back_from_tables_and_proposals_that_are_over() {
    let mut town = Town::new().await;
    let vetoed = Attestation { bundle_hash: [8; 32], ..town.attestation(1) };
    town.travel_to(START_AT + WEEK + 1);
    assert!(matches!(town.settle(&vetoed, &[1, 2]).await, Standing::Challenge { .. }));
    let (payer, distribution) = (key(200).pubkey(), town.submitter.distribution_address());
    town.send(instructions::veto(&payer, &distribution, &vetoed.digest())).await;
    // A vetoed proposal stays until its epoch is over, or it could come back without the veto
    assert_eq!(town.submitter.close_proposals().await.unwrap(), (0, 0));
    install(&mut town, 1).await;
    let before = town.submitter.payer_lamports().await.unwrap();
    let (closed, lamports) = town.submitter.close_proposals().await.unwrap();
    assert_eq!(closed, 2);
    let after = town.submitter.payer_lamports().await.unwrap();
    assert_eq!(after, before + lamports - 2 * 5_000);
    assert_eq!(town.submitter.close_proposals().await.unwrap(), (0, 0));

    let (tree, leaves) = (town.tree(), town.leaves.clone());
    town.submitter.claim(&tree, &leaves).await.unwrap();
    let table = town.submitter.lookup_table_address(0).unwrap();
    let release = || async { town.submitter.release_lookup_table(&table).await.unwrap() };
    assert_eq!(release().await.unwrap().deactivated, 1);
    // What was signed before may still land
    assert_eq!(release().await.unwrap().waiting, 1);
    let slot = town.submitter.chain().time().await.unwrap().slot;
    town.submitter.chain().svm().warp_to_slot(slot + 520);
    town.travel_to(START_AT + WEEK + 2 * HOUR);
    let before = town.submitter.payer_lamports().await.unwrap();
    let released = release().await.unwrap();
    assert_eq!(released.closed, 1);
    let after = town.submitter.payer_lamports().await.unwrap();
    assert_eq!(after, before + released.lamports - 5_000);
    assert_eq!(release().await, None);
    // Somebody else's is left alone
    let slot = town.submitter.chain().time().await.unwrap().slot - 1;
    let (create, foreign) = create_lookup_table(key(5).pubkey(), key(200).pubkey(), slot);
    town.send(create).await;
    assert_eq!(town.submitter.release_lookup_table(&foreign).await.unwrap(), None);
}

#[tokio::test]
async fn a_plan_says_what_a_claim_takes_to_the_lamport() {
    let mut town = Town::new().await;
    install(&mut town, 1).await;
    let (tree, leaves) = (town.tree(), town.leaves.clone());
    let plan = town.submitter.plan_claim(&leaves).await.unwrap();
    assert_eq!((plan.members, plan.claims), (u64::from(MEMBERS), 3));
    let before = town.submitter.payer_lamports().await.unwrap();
    town.submitter.claim(&tree, &leaves).await.unwrap();
    let after = town.submitter.payer_lamports().await.unwrap();
    assert_eq!(before - after, plan.fee_lamports + plan.deposit_lamports);
    let again = town.submitter.plan_claim(&leaves).await.unwrap();
    assert_eq!((again.members, again.fee_lamports, again.deposit_lamports), (0, 0, 0));
}
