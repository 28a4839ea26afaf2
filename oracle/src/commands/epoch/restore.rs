//! `stk-oracle epoch restore`: an empty database is filled from the bundles and the chain.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;
use system_token_interface::distribution_address;

use super::super::cluster::FetchArguments;
use super::super::witness::witness;
use super::super::{Opened, OutputFormat};
use super::operator::take_lease;
use super::{BundleArguments, ClusterArguments};
use crate::epoch::{Bundle, Succession};
use crate::identity::Members;
use crate::ingest::Event;
use crate::segments::{Batch, ChunkBuilder, Receipt, Row};
use crate::submit::read_distribution;

/// Where the bundles are, and which cluster they are held to.
#[derive(Args, Debug)]
pub(in crate::commands) struct RestoreArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    fetch: FetchArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
}

/// Fills the database, and says how far the chain and the bundles go.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &RestoreArguments) -> anyhow::Result<()> {
    let (folder, mint) =
        (arguments.bundles.folder(&opened.config), arguments.bundles.mint(&opened.config)?);
    arguments.fetch.fetch(&folder).await?;
    let last = folder.last_epoch();
    ensure!(last > 0, "there is no bundle: {} is not there", folder.path(1).display());
    let chain = arguments.cluster.chain(&opened.config)?;
    let distribution = read_distribution(&chain, &distribution_address(&mint).0).await?;
    let installed = distribution.epoch.get();
    ensure!(
        installed <= last,
        "the chain has epoch {installed}, and the last bundle is of epoch {last}: fetch the others by --from"
    );
    let (store, lease) = (opened.log.store(), take_lease(opened, &mint).await?);
    let members = folder.read(last)?.bundle.members;
    restore_members(opened, &members, last).await?;
    let mut succession = Succession::new(mint);
    let mut events = Receipt::default();
    while succession.epoch() < last {
        let (published, closed) = witness(&folder, &mut succession, &mint)?;
        if closed.epoch == installed && closed.tree.root() != distribution.root {
            bail!("epoch {installed}: the chain has another root than its bundle gives");
        }
        events += restore_events(opened, &published.bundle.events).await?;
        if !store.has_epoch(closed.epoch).await? {
            let Bundle { policy, .. } = &published.bundle;
            store.put_epoch(policy.rules(), &closed, &published.bundle.hash()).await?;
        }
    }
    lease.release().await?;
    match opened.output {
        OutputFormat::Json => println!(
            "{}",
            json!({
                "epochs": last,
                "installed": installed,
                "members": members.len(),
                "events": events.appended,
            })
        ),
        OutputFormat::Text => println!(
            "restored: {last} epochs, of which the chain has {installed}, {} members, {} events",
            members.len(),
            events.appended
        ),
    }
    Ok(())
}

/// Members as the last bundle has them; those of a database that has some are never touched.
async fn restore_members(opened: &Opened, members: &Members, last: u64) -> anyhow::Result<()> {
    let store = opened.log.store();
    let there = store.get_members().await?;
    if there.is_empty() {
        let restored = store.restore_members(members, opened.log.clock().now_us()).await;
        return restored.context("failed to restore the members");
    }
    let same = there.to_canonical_bytes() == members.to_canonical_bytes();
    ensure!(
        same,
        "the database has {} members already, and not those of the bundle of epoch {last}: restore into an \
         empty one",
        there.len()
    );
    Ok(())
}

/// Events of a bundle, into the log; those that it has are repeats.
async fn restore_events(opened: &Opened, events: &[Event]) -> anyhow::Result<Receipt> {
    let mut by_source = BTreeMap::<&str, Vec<&Event>>::new();
    for event in events {
        by_source.entry(&event.source).or_default().push(event);
    }
    let mut receipt = Receipt::default();
    for (source, events) in by_source {
        let mut chunk = ChunkBuilder::new(source, opened.log.clock().now_us());
        for event in events {
            chunk.push(Row {
                external_id: &event.external_id,
                at_us: event.at_us,
                name: &event.name,
                actor: &event.actor,
                properties: &serde_json::to_string(&event.properties)?,
            });
        }
        let mut batch = Batch::new(source);
        batch.push(chunk.finish());
        receipt += opened.log.append(batch, None).await?;
    }
    Ok(receipt)
}
