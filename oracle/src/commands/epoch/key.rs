//! Which key signs: by options, else as configured.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use solana_address::Address;

use crate::config::{Config, OracleKeySettings};
use crate::epoch::{OracleKey, SignerCommand};
use crate::keypair::forbid_core_dumps;

/// The oracle's key: one of a file, a variable and a command; without any, the configured one.
#[derive(Args, Debug)]
pub(in crate::commands) struct KeyArguments {
    /// The oracle's key, a file as solana-keygen writes it that only its owner can read.
    #[arg(long, value_name = "FILE", env = "STK_ORACLE_KEYPAIR", group = "oracle_key")]
    keypair: Option<PathBuf>,
    /// The environment variable that holds the oracle's key: 64 numbers as solana-keygen writes them,
    /// or base58.
    #[arg(long, value_name = "VARIABLE", group = "oracle_key")]
    key_env: Option<String>,
    /// A command that signs: it reads the attestation in hexadecimal, and answers with the signature.
    /// It is run as it is, by no shell.
    #[arg(long, value_name = "COMMAND ARGS…", group = "oracle_key", requires = "oracle")]
    signer: Option<String>,
    /// The public key of the key that the command signs with.
    #[arg(long, value_name = "ADDRESS", requires = "signer")]
    oracle: Option<Address>,
}

impl KeyArguments {
    /// Opens the key. Nothing of this process gets into a core dump from now on.
    pub(in crate::commands) fn open(&self, config: &Config) -> anyhow::Result<OracleKey> {
        forbid_core_dumps();
        let settings = self.settings()?.or_else(|| config.oracle_key.clone());
        let settings = settings.context(
            "there is no key to sign with: give --keypair, --key-env or --signer, or configure \
             [oracle_key]",
        )?;
        OracleKey::open(&settings).context("failed to open the oracle's key")
    }

    fn settings(&self) -> anyhow::Result<Option<OracleKeySettings>> {
        if let (Some(signer), Some(oracle)) = (&self.signer, self.oracle) {
            let command =
                shlex::split(signer).context("--signer: a quotation mark is not closed")?;
            ensure!(!command.is_empty(), "--signer: name a program and its arguments");
            let timeout = SignerCommand::TIMEOUT;
            return Ok(Some(OracleKeySettings::Command { command, oracle, timeout }));
        }
        let file = self.keypair.clone().map(OracleKeySettings::Keypair);
        Ok(file.or_else(|| self.key_env.clone().map(OracleKeySettings::Env)))
    }
}
