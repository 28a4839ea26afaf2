//! The Solana command line's configuration file, which `solana config set` writes.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use super::{Origin, Setting};

/// What is read of the file; it has more.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ConfigFile {
    pub(super) json_rpc_url: Option<String>,
    pub(super) keypair_path: Option<String>,
    pub(super) commitment: Option<String>,
}

impl ConfigFile {
    /// Reads the file; `None` when there is none where it is by default.
    ///
    /// # Errors
    /// When it is no such file, or was named and is not there.
    pub(super) fn read(path: &Setting<PathBuf>) -> anyhow::Result<Option<Self>> {
        let shown = path.value.display();
        let text = match std::fs::read_to_string(&path.value) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.origin == Origin::Default => {
                return Ok(None);
            }
            read => read.with_context(|| format!("failed to read the configuration {shown}"))?,
        };
        let parsed = serde_saphyr::from_str(&text);
        parsed.map(Some).with_context(|| format!("failed to read the configuration {shown}"))
    }
}

/// Where the file is unless `solana --config` names another.
pub(super) fn default_path() -> PathBuf {
    home().join(".config/solana/cli/config.yml")
}

/// Where `solana-keygen new` puts the keypair unless it is told otherwise.
pub(super) fn default_keypair_path() -> PathBuf {
    home().join(".config/solana/id.json")
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_default()
}
