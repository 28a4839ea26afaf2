//! Bundles and signatures that oracles give each other.

use anyhow::Context;
use solana_address::Address;
use system_token_attestation::Attestation;

use crate::bundles::{BundleFolder, BundleSource};
use crate::config::RunSettings;

/// Where bundles and signatures come from and go to.
pub(super) struct Sharing {
    bundles_from: Option<BundleSource>,
    publish_to: Option<BundleSource>,
    peers: Vec<BundleSource>,
}

impl Sharing {
    pub(super) fn open(settings: &RunSettings) -> anyhow::Result<Self> {
        let open = |key: &'static str, place: &String| {
            BundleSource::open(place).with_context(|| format!("run.{key}"))
        };
        let one =
            |key, place: &Option<String>| place.as_ref().map(|place| open(key, place)).transpose();
        let peers =
            settings.peers.iter().map(|place| open("peers", place)).collect::<Result<_, _>>();
        Ok(Self {
            bundles_from: one("bundles_from", &settings.bundles_from)?,
            publish_to: one("publish_to", &settings.publish_to)?,
            peers: peers?,
        })
    }

    /// Whether bundles are taken from elsewhere.
    pub(super) fn takes_bundles(&self) -> bool {
        self.bundles_from.is_some()
    }

    /// Takes the bundles that were published since.
    pub(super) async fn fetch(&self, folder: &BundleFolder) -> anyhow::Result<()> {
        if let Some(source) = &self.bundles_from {
            let fetched = source.fetch_all(folder).await.context("failed to fetch bundles")?;
            if fetched > 0 {
                tracing::info!(fetched, "bundles were fetched");
            }
        }
        Ok(())
    }

    /// Publishes an epoch's bundle and signatures.
    pub(super) async fn publish(&self, folder: &BundleFolder, epoch: u64) -> anyhow::Result<()> {
        if let Some(place) = &self.publish_to {
            let published = place.publish(epoch, folder).await;
            published.with_context(|| format!("failed to publish epoch {epoch}"))?;
        }
        Ok(())
    }

    /// Collects what other oracles of the set signed. A peer that is away, or gives out what is no
    /// signature over this attestation, stands in nobody's way.
    pub(super) async fn collect(
        &self,
        folder: &BundleFolder,
        attestation: &Attestation,
        oracles: &[Address],
    ) {
        for oracle in oracles {
            for peer in &self.peers {
                if folder.signature_of(attestation, oracle).is_some() {
                    break;
                }
                match peer.fetch_signature(oracle, attestation, folder).await {
                    Ok(true) => {
                        tracing::info!(%oracle, epoch = attestation.epoch, "a signature came");
                    }
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%oracle, "no signature from a peer: {error}"),
                }
            }
        }
    }
}
