//! Who acts on the chain: under the lease, by the outbox, after what was on its way is settled.

use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use solana_address::Address;
use solana_keypair::Keypair;
use system_token_attestation::Attestation;
use system_token_chain::RpcChain;
use system_token_interface::distribution_address;
use system_token_interface::instructions::OracleSignature;

use super::super::Opened;
use super::super::witness::Witnessed;
use super::{ClusterArguments, EpochArguments, PayerArguments};
use crate::bundles::BundleFolder;
use crate::outbox::{Lease, LeaseError, Outbox};
use crate::submit::{ClaimSummary, ReleaseSummary, SendError, Submitter, read_distribution};

/// Which epoch, which cluster, and who pays.
#[derive(Args, Debug)]
pub(in crate::commands) struct OperatorArguments {
    #[command(flatten)]
    epoch: EpochArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
    #[command(flatten)]
    payer: PayerArguments,
}

impl OperatorArguments {
    /// The folder of bundles, the epoch whose bundle gives what it says, and who acts for it. Without a
    /// number, the epoch that the chain has installed, or the `next` one if it has a bundle.
    pub(super) async fn open<'a>(
        &self,
        opened: &'a Opened,
        next: bool,
    ) -> anyhow::Result<(BundleFolder, Witnessed, Operator<'a>)> {
        let chain = self.cluster.chain(&opened.config)?;
        let by_chain = match self.epoch.number() {
            Some(_) => None,
            None => {
                let address = distribution_address(&self.epoch.mint(&opened.config)?).0;
                let distribution = read_distribution(&chain, &address).await;
                let distribution = distribution.context("failed to read the distribution")?;
                Some(distribution.epoch.get().saturating_add(next.into()))
            }
        };
        let (folder, mint, witnessed) = self.epoch.witness_or(&opened.config, by_chain)?;
        let payer = self.payer.read(&opened.config)?;
        let mut operator = Operator::new(opened, (mint, chain, payer)).await?;
        operator.work_on(witnessed.closed.epoch, &witnessed.wallets);
        Ok((folder, witnessed, operator))
    }
}

/// Sends a distribution's transactions, alone.
pub(in crate::commands) struct Operator<'a> {
    opened: &'a Opened,
    mint: Address,
    pub(in crate::commands) submitter: Submitter<Outbox<RpcChain>>,
}

/// What rent came back from.
pub(in crate::commands) struct Reclaimed {
    pub(super) tables: ReleaseSummary,
    /// Proposals that were closed.
    pub(super) proposals: u64,
    /// From all of them.
    pub(super) lamports: u64,
}

impl<'a> Operator<'a> {
    /// Takes the lease, settles what another process left on its way, and knows the lookup tables.
    pub(in crate::commands) async fn new(
        opened: &'a Opened,
        of_cluster: (Address, RpcChain, Keypair),
    ) -> anyhow::Result<Self> {
        let lease = take_lease(opened, &of_cluster.0).await?;
        Self::under(Arc::new(lease), opened, of_cluster).await
    }

    /// Under a lease that is held: settles what another process left on its way.
    pub(in crate::commands) async fn under(
        lease: Arc<Lease>,
        opened: &'a Opened,
        (mint, chain, payer): (Address, RpcChain, Keypair),
    ) -> anyhow::Result<Self> {
        let settings = &opened.config.submit;
        let of_database = (opened.log.store().clone(), lease, opened.log.shared_clock());
        let outbox = Outbox::new(chain, payer, mint, settings.outbox(), of_database);
        let settled = outbox.recover().await.context("failed to settle what was on its way")?;
        if settled > 0 {
            tracing::info!(settled, "what was on its way is settled");
        }
        let submitter = Submitter::with(outbox, mint).at_once(settings.at_once);
        let operator = Self { opened, mint, submitter };
        operator.know_tables().await?;
        Ok(operator)
    }

    async fn know_tables(&self) -> anyhow::Result<()> {
        for (page, table) in self.opened.log.store().get_lookup_tables(&self.mint).await? {
            self.submitter.reuse_lookup_table(page, table).await?;
        }
        Ok(())
    }

    /// From now on transactions are an epoch's, and token accounts are made for these wallets, by index.
    pub(in crate::commands) fn work_on(&mut self, epoch: u64, wallets: &[Option<Address>]) {
        self.submitter.sender().work_on(epoch);
        self.submitter.make_token_accounts(wallets.to_vec());
    }

    /// Gets back the rent of tables that no page uses, or of all of them, and of proposals that are over.
    pub(in crate::commands) async fn reclaim(&self, all: bool) -> Result<Reclaimed, SendError> {
        let mut tables = ReleaseSummary::default();
        let store = self.opened.log.store();
        for (page, table) in store.get_lookup_tables(&self.mint).await? {
            if !all && self.submitter.lookup_table_address(page) == Some(table) {
                continue;
            }
            match self.submitter.release_lookup_table(&table).await? {
                Some(released) => tables += released,
                None => store.delete_lookup_table(&table).await?,
            }
        }
        let (proposals, lamports) = self.submitter.close_proposals().await?;
        let lamports = lamports.saturating_add(tables.lamports);
        Ok(Reclaimed { tables, proposals, lamports })
    }

    /// Lets another process act.
    pub(in crate::commands) async fn release(self) -> anyhow::Result<()> {
        Ok(self.submitter.sender().lease().release().await?)
    }
}

/// Takes the right to act for a mint's distribution.
pub(in crate::commands) async fn take_lease(
    opened: &Opened,
    mint: &Address,
) -> Result<Lease, LeaseError> {
    let (store, clock) = (opened.log.store(), opened.log.shared_clock());
    Lease::take(store, mint, opened.config.submit.lease(), clock).await
}

/// The signatures over an attestation that are beside its bundle; tells of those that are not over it.
pub(in crate::commands) fn signatures(
    folder: &BundleFolder,
    attestation: &Attestation,
) -> anyhow::Result<Vec<OracleSignature>> {
    let mut valid = Vec::new();
    for signed in folder.signatures(attestation.epoch)? {
        let verified = signed.map_err(anyhow::Error::from).and_then(|signed| {
            let of_set = signed.oracle_set_version == attestation.oracle_set_version;
            of_set.then(|| signed.verify(attestation)).transpose().map_err(Into::into)
        });
        match verified {
            Ok(Some(signature)) => valid.push(signature),
            Ok(None) => {}
            Err(error) => tracing::warn!("a signature is left out: {error:#}"),
        }
    }
    Ok(valid)
}

/// What a claim did, for a log or a command.
pub(in crate::commands) fn claimed_line(epoch: u64, claimed: &ClaimSummary) -> String {
    let ClaimSummary { transactions, members, unpayable, .. } = claimed;
    let paid = format!("epoch {epoch}: paid {members} members in {transactions} transactions");
    match unpayable {
        0 => paid,
        _ => format!("{paid}; {unpayable} have no token account that can take it, and stay due"),
    }
}
