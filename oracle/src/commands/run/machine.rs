//! One epoch after the other, from its end to its members' balances, as far as each turn gets.
//!
//! ```text
//! lease → close or fetch → sign → collect signatures → submit → install → pay → give back tables
//! ```
//!
//! Nothing is remembered between turns that the chain, the bundles and the database do not say: a turn
//! begins where they stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use solana_address::Address;
use solana_keypair::Keypair;
use system_token_attestation::Attestation;
use system_token_chain::RpcChain;
use system_token_interface::{Distribution, distribution_address};

use super::super::epoch::close::close_ended;
use super::super::epoch::operator::{Operator, claimed_line, signatures, take_lease};
use super::super::epoch::sign::sign;
use super::super::witness::Witnessed;
use super::super::{Opened, is_later};
use super::phase::Phase;
use super::sharing::Sharing;
use crate::bundles::BundleFolder;
use crate::epoch::{ClosedEpoch, OracleKey, Succession};
use crate::outbox::{Lease, LeaseError};
use crate::submit::{Standing, read_distribution};

/// What the daemon works with, and how far it has come.
pub(super) struct Machine<'a> {
    pub(super) opened: &'a Opened,
    pub(super) mint: Address,
    pub(super) folder: BundleFolder,
    /// Reads the chain.
    pub(super) chain: RpcChain,
    /// Pays; `None` for an oracle that signs alone.
    pub(super) payer: Option<Payer>,
    pub(super) key: Option<OracleKey>,
    pub(super) sharing: Sharing,
    pub(super) lease: Option<Arc<Lease>>,
    pub(super) operator: Option<Operator<'a>>,
    /// Epochs rebuilt from their bundles.
    pub(super) followed: Followed,
    /// The last epoch that the chain has installed.
    pub(super) installed: u64,
    /// The last epoch whose members are all paid.
    pub(super) paid: u64,
    /// The epoch that transactions were sent for last.
    pub(super) working_on: u64,
}

/// Who pays, and over which nodes.
pub(super) struct Payer {
    pub(super) keypair: Keypair,
    /// A client of its own for each operator.
    pub(super) connect: Box<dyn Fn() -> anyhow::Result<RpcChain> + Send + Sync>,
}

/// Epochs rebuilt from their bundles, the last ones kept.
pub(super) struct Followed {
    mint: Address,
    succession: Succession,
    kept: BTreeMap<u64, Arc<Witnessed>>,
}

impl Followed {
    pub(super) fn new(mint: Address) -> Self {
        Self { mint, succession: Succession::new(mint), kept: BTreeMap::new() }
    }

    /// An epoch whose bundle gives what it says. Those before `keep_from` are no longer needed.
    fn to(
        &mut self,
        folder: &BundleFolder,
        epoch: u64,
        keep_from: u64,
    ) -> anyhow::Result<Arc<Witnessed>> {
        if self.succession.epoch() >= epoch && !self.kept.contains_key(&epoch) {
            *self = Self::new(self.mint);
        }
        while self.succession.epoch() < epoch {
            let witnessed = Witnessed::next(folder, &mut self.succession, &self.mint)?;
            self.kept.insert(witnessed.closed.epoch, Arc::new(witnessed));
            self.kept = self.kept.split_off(&keep_from.min(epoch));
        }
        self.kept.get(&epoch).cloned().context("an epoch was followed and is not there")
    }
}

impl<'a> Machine<'a> {
    /// Goes as far as it gets. What fails is said by the phase.
    pub(super) async fn turn(&mut self) -> Phase {
        match self.advance().await {
            Ok(phase) => phase,
            Err(error) => {
                let why = format!("{error:#}");
                // It may have been another process that changed things meanwhile.
                self.operator = None;
                match error.chain().any(is_later) {
                    true => Phase::Later { why },
                    false => Phase::Stuck { why },
                }
            }
        }
    }

    async fn advance(&mut self) -> anyhow::Result<Phase> {
        if let Some(holder) = self.lead().await? {
            return Ok(Phase::Standby { holder });
        }
        let waiting = self.take_bundles().await?;
        loop {
            let distribution = self.distribution().await?;
            self.installed = distribution.epoch.get();
            let next = self.installed + 1;
            if next > self.folder.last_epoch() {
                return self.pay(&distribution, waiting).await;
            }
            let standing = self.settle(&distribution, next).await?;
            if standing == Standing::Finalized {
                tracing::info!(epoch = next, "an epoch is installed");
                continue;
            }
            if standing == Standing::Vetoed {
                // Another bundle may take its place.
                self.followed = Followed::new(self.mint);
            }
            // Nobody waits for their last pay because the next one takes time.
            self.pay(&distribution, None).await?;
            return Ok(Phase::OnChain { epoch: next, standing });
        }
    }

    /// Takes or keeps the lease; otherwise says who has it.
    async fn lead(&mut self) -> anyhow::Result<Option<String>> {
        if self.lease.as_ref().is_some_and(|lease| lease.is_held()) {
            return Ok(None);
        }
        (self.lease, self.operator) = (None, None);
        match take_lease(self.opened, &self.mint).await {
            Ok(lease) => {
                tracing::info!(holder = lease.holder(), "this process acts from now on");
                self.lease = Some(Arc::new(lease));
                self.followed = Followed::new(self.mint);
                Ok(None)
            }
            Err(LeaseError::Held { holder, .. }) => Ok(Some(holder)),
            Err(error) => Err(error.into()),
        }
    }

    /// Closes what has ended, or takes what was published; says what is waited for.
    async fn take_bundles(&mut self) -> anyhow::Result<Option<String>> {
        if self.sharing.takes_bundles() {
            self.sharing.fetch(&self.folder).await?;
            return Ok(None);
        }
        let waiting = close_ended(self.opened, &self.folder, self.mint).await?;
        Ok(waiting.map(|waiting| waiting.to_string()))
    }

    /// Signs an epoch, collects what others signed, and takes it as far as the chain lets it go.
    async fn settle(
        &mut self,
        distribution: &Distribution,
        epoch: u64,
    ) -> anyhow::Result<Standing> {
        let witnessed = self.followed.to(&self.folder, epoch, epoch - 1)?;
        let version = distribution.oracle_set_version.get();
        let address = distribution_address(&self.mint).0;
        let attestation = witnessed.closed.attestation(&address, version, witnessed.bundle_hash);
        self.sign(distribution, &attestation).await?;
        self.sharing.publish(&self.folder, epoch).await?;
        let oracles: Vec<_> = distribution.oracle_set().collect();
        self.sharing.collect(&self.folder, &attestation, &oracles).await;
        if self.payer.is_none() {
            return Ok(Standing::read(&self.chain, &attestation).await?);
        }
        let signatures = signatures(&self.folder, &attestation)?;
        self.working_on = epoch;
        let operator = self.operator().await?;
        operator.work_on(epoch, &witnessed.wallets);
        let settled = operator.submitter.settle(&attestation, &signatures).await;
        settled.with_context(|| format!("failed to submit epoch {epoch}"))
    }

    async fn sign(
        &self,
        distribution: &Distribution,
        attestation: &Attestation,
    ) -> anyhow::Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let oracle = key.address();
        if !distribution.oracle_set().any(|member| member == oracle) {
            tracing::warn!(%oracle, "this oracle is not of the set in force, and signs nothing");
            return Ok(());
        }
        sign(&self.folder, key, attestation).await.map(drop)
    }

    /// Pays the members of the epoch that is installed, and gives back what is no longer used.
    async fn pay(
        &mut self,
        distribution: &Distribution,
        waiting: Option<String>,
    ) -> anyhow::Result<Phase> {
        let epoch = distribution.epoch.get();
        let phase = match waiting {
            Some(why) => Phase::Closing { why },
            None => Phase::Idle { epoch },
        };
        let has_bundle = epoch <= self.folder.last_epoch();
        if epoch == 0 || !has_bundle || epoch == self.paid || self.payer.is_none() {
            return Ok(phase);
        }
        if distribution.paused != 0 {
            return Ok(Phase::OnChain { epoch, standing: Standing::Paused });
        }
        let witnessed = self.followed.to(&self.folder, epoch, epoch)?;
        let ClosedEpoch { tree, leaves, .. } = &witnessed.closed;
        ensure!(
            tree.root() == distribution.root,
            "the chain has another root for epoch {epoch} than its bundle: see what was signed"
        );
        self.working_on = epoch;
        let operator = self.operator().await?;
        operator.work_on(epoch, &witnessed.wallets);
        let watch = |done, count| tracing::info!(epoch, done, count, "pages of members are paid");
        let claimed = operator.submitter.claim_watched(tree, leaves, &watch).await;
        let claimed =
            claimed.with_context(|| format!("failed to pay all members of epoch {epoch}"))?;
        if claimed.members > 0 {
            tracing::info!("{}", claimed_line(epoch, &claimed));
            // What the ledger says, not what a node said of transactions, ends it.
            return Ok(Phase::Paying { epoch });
        }
        operator.reclaim(false).await.context("failed to get rent back")?;
        if claimed.unpayable > 0 {
            return Ok(Phase::Unpayable { epoch, members: claimed.unpayable });
        }
        self.paid = epoch;
        Ok(phase)
    }

    async fn operator(&mut self) -> anyhow::Result<&mut Operator<'a>> {
        if self.operator.is_none() {
            let (Some(payer), Some(lease)) = (&self.payer, &self.lease) else {
                bail!("there is no payer");
            };
            let of_cluster = (self.mint, (payer.connect)()?, payer.keypair.insecure_clone());
            self.operator = Some(Operator::under(lease.clone(), self.opened, of_cluster).await?);
        }
        self.operator.as_mut().context("there is no operator")
    }

    /// Lets another process act.
    pub(super) async fn stop(&mut self) {
        self.operator = None;
        if let Some(lease) = self.lease.take()
            && let Err(error) = lease.release().await
        {
            tracing::warn!(%error, "the lease runs out by itself");
        }
    }

    async fn distribution(&self) -> anyhow::Result<Distribution> {
        let address = distribution_address(&self.mint).0;
        let distribution = read_distribution(&self.chain, &address).await;
        distribution.context("failed to read the distribution")
    }
}
