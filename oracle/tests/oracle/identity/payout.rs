//! Epochs closed before and after members change: totals never fall, and the chain pays whoever a
//! member turned out to be.

use serde_json::json;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_chain::{Chain, EmbeddedChain, get_balance};
use system_token_interface::instructions::InitializeArgs;
use system_token_oracle::epoch::{ClosedEpoch, Ledger, LocalKey, Schedule};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::submit::{Direct, Submitter, token_account_address};

use super::event;
use super::town::key;
use crate::rule_books::{VERSION_1, policy};

const DAY: i64 = 86_400;

/// Four members, and the chain that pays them.
struct Community {
    policy: Policy,
    members: Members,
    ledger: Ledger,
    mint: Address,
    oracle: LocalKey,
    submitter: Submitter<Direct<EmbeddedChain>>,
}

/// What everybody does in every epoch.
fn week(policy: &Policy, epoch: u64) -> Vec<Event> {
    let second = Schedule::new(policy).end_us(epoch) / 1_000_000 - DAY;
    let merged = |i: i64, actor| {
        let work = json!({ "artifact": format!("{actor}-{epoch}"), "additions": 10 });
        event(second + i, "git", actor, "pull_merged", work)
    };
    (0..).zip(["alice", "second", "agent", "carol"]).map(|(i, actor)| merged(i, actor)).collect()
}

impl Community {
    async fn new() -> Self {
        let policy = policy(VERSION_1);
        let rules = policy.rules();
        let (payer, mint) = (key(200), key(201));
        let oracle = LocalKey::new(key(202));
        let chain = EmbeddedChain::start(rules.epoch.start_at.as_second()).unwrap();
        chain.airdrop(&payer.pubkey(), 100_000_000_000).unwrap();
        let args = InitializeArgs {
            admin: payer.pubkey().to_bytes(),
            guardian: payer.pubkey().to_bytes(),
            oracles: vec![oracle.address().to_bytes()],
            threshold: 1,
            challenge_seconds: 3_600,
            timelock_seconds: 3_600,
            start_at: rules.epoch.start_at.as_second(),
            epoch_seconds: 7 * 86_400,
            decay_epochs: rules.emission.decay_epochs,
            decay_basis_points: rules.emission.decay_percent * 100,
            budget: policy.budget(1),
            growth_limit: policy.growth_limit(),
            supply_cap: policy.base_units(rules.emission.supply_cap),
        };
        let submitter = Submitter::new(chain, payer, mint.pubkey());
        submitter.create_mint(&mint, rules.token.decimals).await.unwrap();
        submitter.initialize(&args).await.unwrap();
        let mut members = Members::default();
        members.observe(&week(&policy, 1)).unwrap();
        let (ledger, mint) = (Ledger::new(&policy, mint.pubkey()), mint.pubkey());
        Self { policy, members, ledger, mint, oracle, submitter }
    }

    /// Closes the next epoch and pays it.
    async fn epoch(&mut self, number: u64) -> ClosedEpoch {
        let events = week(&self.policy, number);
        let before = self.ledger.totals().to_vec();
        let closed = self.ledger.close(&self.policy, &self.members, &events).unwrap();
        let totals = self.ledger.totals();
        assert!(before.iter().zip(totals).all(|(before, now)| before <= now), "{totals:?}");
        let wallets: Vec<_> = (0..4).filter_map(|member| self.members.wallet(member)).collect();
        self.submitter.create_token_accounts(&wallets).await.unwrap();
        let attestation = closed.attestation(&self.submitter.distribution_address(), 1, [0; 32]);
        let ended_at = closed.ended_at_us / 1_000_000;
        self.submitter.chain().warp_to(ended_at + 1);
        let signature = self.oracle.sign(&attestation);
        self.submitter.attest(&attestation, &[signature]).await.unwrap();
        self.submitter.chain().warp_to(ended_at + 3_601);
        self.submitter.finalize(&attestation.digest()).await.unwrap();
        self.submitter.claim(&closed.tree, &closed.leaves).await.unwrap();
        closed
    }

    async fn balance(&self, wallet: &Keypair) -> u64 {
        let account = token_account_address(&wallet.pubkey(), &self.mint);
        match self.submitter.chain().get_account(&account).await.unwrap() {
            Some(_) => get_balance(self.submitter.chain(), &account).await.unwrap(),
            None => 0,
        }
    }

    fn total(&self, member: usize) -> u64 {
        self.ledger.totals()[member]
    }
}

#[tokio::test]
async fn a_merge_an_agent_and_a_late_wallet_are_paid_in_one_run_to_the_right_wallet() {
    let mut town = Community::new().await;
    let (alice, second, carol) = (key(1), key(2), key(4));
    // Given alice, her second account with a wallet of its own, her agent, and carol without one
    town.members.link(0, alice.pubkey()).unwrap();
    town.members.link(1, second.pubkey()).unwrap();
    town.members.set_owner(2, 0).unwrap();
    town.epoch(1).await;
    assert!(town.total(3) > 0, "carol accrues");
    assert_eq!(town.balance(&alice).await, town.total(0) + town.total(2));
    assert_eq!(town.balance(&second).await, town.total(1));
    assert_eq!(town.balance(&carol).await, 0);

    // When the second account turns out to be alice's, and carol links a wallet
    let (paid_before, total_before) = (town.balance(&second).await, town.total(1));
    town.members.merge(1, 0).unwrap();
    town.members.link(3, carol.pubkey()).unwrap();
    let closed = town.epoch(2).await;
    // Then its leaf is alice's, its total stands, what it was paid stays paid, and what it does
    // is alice's
    let account = |wallet: &Keypair| token_account_address(&wallet.pubkey(), &town.mint).to_bytes();
    let accounts: Vec<_> = closed.leaves.iter().map(|leaf| leaf.token_account).collect();
    assert_eq!(accounts, [account(&alice), account(&alice), account(&alice), account(&carol)]);
    assert_eq!(town.total(1), total_before);
    assert_eq!(town.balance(&second).await, paid_before);
    assert_eq!(town.balance(&alice).await, town.total(0) + town.total(2));
    assert_eq!(town.balance(&carol).await, town.total(3));
    let contributions = &closed.weights.contributions;
    let of = |member| contributions.iter().filter(|one| one.member == member).count();
    assert_eq!([of(0), of(1), of(2), of(3)], [2, 0, 1, 1]);

    // When alice links another wallet, future payments go there: hers, and her agent's
    let (paid_alice, paid_agent) = (town.total(0), town.total(2));
    let new = key(5);
    town.members.link(0, new.pubkey()).unwrap();
    town.epoch(3).await;
    assert_eq!(town.balance(&alice).await, paid_alice + paid_agent);
    let since = town.total(0) - paid_alice + town.total(2) - paid_agent;
    assert!(since > 0);
    assert_eq!(town.balance(&new).await, since);
}

#[tokio::test]
async fn what_a_merged_member_was_not_yet_paid_goes_to_the_survivor() {
    let mut town = Community::new().await;
    town.members.link(0, key(1).pubkey()).unwrap();
    // Given a second account that accrues without a wallet
    town.epoch(1).await;
    let owed = town.total(1);
    assert!(owed > 0);
    // When it is merged into alice, three of its leaves' neighbours share her token account
    town.members.merge(1, 0).unwrap();
    town.members.merge(2, 0).unwrap();
    town.epoch(2).await;
    // Then she is paid what it earned before
    assert_eq!(town.total(1), owed);
    assert_eq!(town.balance(&key(1)).await, town.total(0) + town.total(1) + town.total(2));
}
