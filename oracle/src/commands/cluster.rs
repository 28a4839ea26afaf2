//! Which cluster, which mint, and who pays: from flags and the environment, else from the configuration.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use solana_address::Address;
use solana_keypair::Keypair;
use system_token_chain::{CommitmentLevel, RpcChain};
use url::Url;

use super::TryLater;
use crate::bundles::{BundleFolder, BundleSource};
use crate::config::Config;
use crate::keypair::{forbid_core_dumps, read_keypair};

/// Where bundles are, and what members are paid in.
#[derive(Args, Clone, Debug)]
pub(super) struct BundleArguments {
    /// The folder of bundles; without it the folder `bundles` among the configured data.
    #[arg(long, value_name = "DIR")]
    bundles: Option<PathBuf>,
    /// The mint that members are paid in [default: cluster.mint of the configuration].
    #[arg(long, short, value_name = "ADDRESS", env = "STK_MINT")]
    mint: Option<Address>,
}

/// Where bundles are fetched from.
#[derive(Args, Clone, Debug)]
pub(super) struct FetchArguments {
    /// Fetches what others have published before anything else: from a folder, https://HOST/PATH, or
    /// s3://BUCKET/PREFIX with the keys of the environment.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

impl FetchArguments {
    /// Fetches what follows a folder's last bundle, if that is wanted.
    pub(super) async fn fetch(&self, folder: &BundleFolder) -> anyhow::Result<()> {
        let Some(from) = &self.from else { return Ok(()) };
        let source = BundleSource::open(from)?;
        source.fetch_all(folder).await?;
        if folder.last_epoch() == 0 {
            return Err(TryLater(format!("{source} has no bundle of epoch 1 yet")).into());
        }
        Ok(())
    }
}

/// Which cluster.
#[derive(Args, Clone, Debug)]
pub(super) struct ClusterArguments {
    /// The RPC URL of the cluster, or several, by commas: when a node does not answer, the next one is
    /// asked [default: cluster.urls of the configuration].
    #[arg(
        long,
        short,
        value_name = "URL",
        env = "STK_URL",
        hide_env_values = true,
        value_delimiter = ','
    )]
    url: Vec<String>,
    /// Where news of transactions comes from [default: cluster.websocket_url, else the first node's usual
    /// place].
    #[arg(long, value_name = "URL", env = "STK_WEBSOCKET_URL", hide_env_values = true)]
    websocket_url: Option<String>,
    /// How certain the chain must be: processed, confirmed or finalized [default: cluster.commitment, else
    /// finalized].
    #[arg(long, value_name = "LEVEL")]
    commitment: Option<CommitmentLevel>,
}

/// Who pays.
#[derive(Args, Clone, Debug)]
pub(super) struct PayerArguments {
    /// Who pays fees and rent: a file as solana-keygen writes it that only its owner can read [default:
    /// cluster.payer of the configuration].
    #[arg(long, short, value_name = "FILE", env = "STK_KEYPAIR")]
    keypair: Option<PathBuf>,
}

impl BundleArguments {
    /// The folder of bundles.
    pub(super) fn folder(&self, config: &Config) -> BundleFolder {
        let folder = self.bundles.clone();
        BundleFolder::new(folder.unwrap_or_else(|| config.data_dir.join("bundles")))
    }

    /// The mint that members are paid in.
    pub(super) fn mint(&self, config: &Config) -> anyhow::Result<Address> {
        if let Some(mint) = self.mint {
            return Ok(mint);
        }
        let Some(mint) = &config.cluster.mint else {
            bail!("no mint: name it by --mint, STK_MINT, or cluster.mint of the configuration");
        };
        mint.parse().with_context(|| format!("cluster.mint: `{mint}` is no address"))
    }
}

impl ClusterArguments {
    /// The cluster's nodes.
    pub(super) fn chain(&self, config: &Config) -> anyhow::Result<RpcChain> {
        let urls = if self.url.is_empty() { &config.cluster.urls } else { &self.url };
        let Some(first) = urls.first() else {
            bail!(
                "no cluster: name a node by --url, STK_URL, or cluster.urls of the configuration"
            );
        };
        let commitment = match (self.commitment, &config.cluster.commitment) {
            (Some(commitment), _) => commitment,
            (None, Some(commitment)) => commitment.parse().ok().with_context(|| {
                format!("cluster.commitment: `{commitment}` is none: confirmed or finalized")
            })?,
            (None, None) => CommitmentLevel::Finalized,
        };
        let websocket = self.websocket_url.clone().or_else(|| config.cluster.websocket_url.clone());
        let websocket = websocket.or_else(|| usual_websocket(first));
        Ok(RpcChain::of_nodes(urls, websocket, commitment))
    }
}

impl PayerArguments {
    /// The payer's key. Nothing of this process gets into a core dump from now on.
    pub(super) fn read(&self, config: &Config) -> anyhow::Result<Keypair> {
        let path = self.keypair.as_ref().or(config.cluster.payer.as_ref());
        let Some(path) = path else {
            bail!("no payer: name its key by --keypair, STK_KEYPAIR, or cluster.payer");
        };
        forbid_core_dumps();
        Ok(read_keypair(path)?)
    }
}

/// Where a node's WebSocket usually is: beside its RPC, one port higher when that has a port.
fn usual_websocket(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    url.set_scheme(scheme).ok()?;
    if let Some(port) = url.port() {
        url.set_port(Some(port.checked_add(1)?)).ok()?;
    }
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::usual_websocket;

    #[test]
    fn a_nodes_websocket_is_beside_its_rpc() {
        for (rpc, websocket) in [
            ("http://127.0.0.1:8899", "ws://127.0.0.1:8900/"),
            ("https://api.devnet.solana.com", "wss://api.devnet.solana.com/"),
            ("https://node.example/?api-key=k", "wss://node.example/?api-key=k"),
        ] {
            assert_eq!(usual_websocket(rpc).as_deref(), Some(websocket));
        }
        assert_eq!(usual_websocket("no url"), None);
    }
}
