//! The main job, epoch by epoch: weigh, allocate, sign, attest, wait, finalize, claim.

use anyhow::Context;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;
use system_token_attestation::Hash;
use system_token_chain::{Chain, EmbeddedChain};
use system_token_interface::instructions::InitializeArgs;
use system_token_oracle::epoch::{ClosedEpoch, Digests, Ledger, LocalKey, Schedule, bundle_hash};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::Event;
use system_token_oracle::policy::Policy;
use system_token_oracle::store::Store;
use system_token_oracle::submit::{ClaimSummary, Direct, Submitter};
use system_token_oracle::weigh::window_epochs;

use super::community::{KeyRing, THRESHOLD};
use crate::stopwatch::Stopwatch;

/// Every key of the demo comes from this seed.
const SEED: u64 = 0;
/// What the demo's payer starts with, lamports: 100 SOL.
const PAYER_LAMPORTS: u64 = 100_000_000_000;
const SECONDS_PER_HOUR: u32 = 3_600;
/// How long after an epoch's end the oracles attest it, seconds.
const ATTEST_AFTER_SECONDS: i64 = 3_600;

/// How long each part of the job took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timings {
    pub(crate) weigh: Stopwatch,
    pub(crate) attest: Stopwatch,
    pub(crate) claim: Stopwatch,
}

/// A community on its embedded chain, part way through its history.
pub(crate) struct Run<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) members: Members,
    pub(crate) store: Store,
    pub(crate) submitter: Submitter<Direct<EmbeddedChain>>,
    pub(crate) mint: Address,
    pub(crate) timings: Timings,
    pub(crate) members_per_transaction_max: usize,
    pub(crate) member_claims: u64,
    ledger: Ledger,
    bundle_hash: Hash,
    keys: KeyRing,
    oracles: Vec<LocalKey>,
}

impl<'a> Run<'a> {
    /// Starts the chain at the beginning of the first epoch and creates mint and distribution.
    pub(crate) async fn start(policy: &'a Policy, store: Store) -> anyhow::Result<Self> {
        let start_at = policy.rules().epoch.start_at.as_second();
        let chain = EmbeddedChain::start(start_at).context("failed to start the chain")?;
        let mut keys = KeyRing::new(SEED);
        let (payer, mint, oracles) = (keys.next(), keys.next(), keys.oracles());
        chain.airdrop(&payer.pubkey(), PAYER_LAMPORTS).context("failed to fund the payer")?;
        let args = initialize_args(policy, &payer, &oracles);
        let submitter = Submitter::new(chain, payer, mint.pubkey());
        let decimals = policy.rules().token.decimals;
        submitter.create_mint(&mint, decimals).await.context("failed to create the mint")?;
        submitter.initialize(&args).await.context("failed to initialize the distribution")?;
        Ok(Self {
            policy,
            members: Members::default(),
            store,
            submitter,
            mint: mint.pubkey(),
            timings: Timings::default(),
            members_per_transaction_max: 0,
            member_claims: 0,
            ledger: Ledger::new(policy, mint.pubkey()),
            bundle_hash: [0; 32],
            keys,
            oracles: oracles.into(),
        })
    }

    /// Members known so far.
    pub(crate) fn member_count(&self) -> u32 {
        self.members.len()
    }

    /// What the payer has paid so far, fees and rent, lamports.
    pub(crate) async fn paid_lamports(&self) -> anyhow::Result<u64> {
        let left = self.submitter.payer_lamports().await.context("failed to read the payer")?;
        Ok(PAYER_LAMPORTS - left)
    }

    /// Makes members of the people in these events.
    pub(crate) fn observe(&mut self, events: &[Event]) -> anyhow::Result<()> {
        self.members.observe(events).context("failed to register members")
    }

    /// Takes the next epoch, out of all events by time, to its members' balances.
    pub(crate) async fn epoch(
        &mut self,
        schedule: &Schedule,
        all: &[Event],
        epoch: u64,
    ) -> anyhow::Result<()> {
        let known = self.members.len();
        let events = schedule.events_of(all, epoch);
        let window = schedule.window_of(all, epoch, window_epochs(self.policy));
        self.observe(events)?;
        let mut claim = self.timings.claim;
        claim.time_async(self.open_token_accounts(known)).await?;
        let mut weigh = self.timings.weigh;
        let closed = weigh
            .time(|| self.ledger.close(self.policy, &self.members, window))
            .context("failed to close the epoch")?;
        self.store.update_members(closed.ended_at_us, |members| members.observe(events)).await?;
        let arrived = schedule.arrivals_of(all, epoch);
        let digests = Digests::of(arrived, &self.members, self.policy);
        self.bundle_hash = bundle_hash(epoch, &self.bundle_hash, &digests);
        self.store.put_epoch(self.policy.rules(), &closed, &self.bundle_hash).await?;
        let mut attest = self.timings.attest;
        let failed = |what: &str| format!("failed to {what} epoch {}", closed.epoch);
        let attested = attest.time_async(self.attest_and_finalize(&closed)).await;
        attested.with_context(|| failed("attest"))?;
        let claimed = claim.time_async(self.submitter.claim(&closed.tree, &closed.leaves)).await;
        let ClaimSummary { members, members_per_transaction_max, .. } =
            claimed.with_context(|| failed("claim"))?;
        self.member_claims += members;
        self.members_per_transaction_max =
            self.members_per_transaction_max.max(members_per_transaction_max);
        self.timings = Timings { weigh, attest, claim };
        Ok(())
    }

    /// Gives every member from an index on a wallet and a token account.
    async fn open_token_accounts(&mut self, from: u32) -> anyhow::Result<()> {
        let mut wallets = Vec::new();
        for member in from..self.members.len() {
            let wallet = self.keys.next().pubkey();
            self.members.link(member, wallet)?;
            wallets.push(wallet);
        }
        let created = self.submitter.create_token_accounts(&wallets).await;
        created.context("failed to create token accounts")
    }

    /// Has the oracles sign, sends as many signatures as are needed, waits, and installs the epoch.
    async fn attest_and_finalize(&mut self, closed: &ClosedEpoch) -> anyhow::Result<()> {
        let distribution = self.submitter.distribution().await?;
        let attestation = closed.attestation(
            &self.submitter.distribution_address(),
            distribution.oracle_set_version.get(),
            self.bundle_hash,
        );
        let signatures: Vec<_> =
            self.oracles.iter().map(|oracle| oracle.sign(&attestation)).collect();
        // A challenge window longer than an epoch is over only after the next epoch has ended.
        let now = self.submitter.chain().time().await?.unix_timestamp;
        let attested_at = now.max(closed.ended_at_us / 1_000_000 + ATTEST_AFTER_SECONDS);
        self.submitter.chain().warp_to(attested_at);
        let enough = &signatures[..usize::from(distribution.threshold)];
        self.submitter.attest(&attestation, enough).await?;
        let window = i64::from(distribution.challenge_seconds.get());
        self.submitter.chain().warp_to(attested_at + window);
        self.submitter.finalize(&attestation.digest()).await?;
        Ok(())
    }
}

/// The policy's rules as the program takes them; the payer administers its own demo.
fn initialize_args(policy: &Policy, payer: &Keypair, oracles: &[LocalKey]) -> InitializeArgs {
    let rules = policy.rules();
    InitializeArgs {
        admin: payer.pubkey().to_bytes(),
        guardian: payer.pubkey().to_bytes(),
        oracles: oracles.iter().map(|oracle| oracle.address().to_bytes()).collect(),
        threshold: THRESHOLD,
        challenge_seconds: u32::from(rules.governance.challenge_hours) * SECONDS_PER_HOUR,
        timelock_seconds: u32::from(rules.governance.timelock_hours) * SECONDS_PER_HOUR,
        start_at: rules.epoch.start_at.as_second(),
        epoch_seconds: u32::from(rules.epoch.length_days) * 24 * SECONDS_PER_HOUR,
        decay_epochs: rules.emission.decay_epochs,
        decay_basis_points: rules.emission.decay_percent * 100,
        budget: policy.budget(1),
        growth_limit: policy.growth_limit(),
        supply_cap: policy.base_units(rules.emission.supply_cap),
    }
}
