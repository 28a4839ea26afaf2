//! An oracle's key, wherever it is: in a file, in the environment, or behind a command.

use solana_address::Address;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;

use super::{LocalKey, SignError, SignerCommand};
use crate::config::OracleKeySettings;
use crate::keypair::{KeyError, keypair_from_variable};

/// Where an oracle's signatures come from. No key is ever printed.
#[derive(Debug)]
pub enum OracleKey {
    /// A key in this process's memory.
    Local(LocalKey),
    /// A command that signs, and the key is elsewhere.
    Command(SignerCommand),
}

impl OracleKey {
    /// Opens what the settings name: reads the key, or takes the command as it is.
    ///
    /// # Errors
    /// [`KeyError`] when there is no key, others may read it, or the command is empty.
    pub fn open(settings: &OracleKeySettings) -> Result<Self, KeyError> {
        Ok(match settings {
            OracleKeySettings::Keypair(path) => Self::Local(LocalKey::read(path)?),
            OracleKeySettings::Env(variable) => {
                Self::Local(LocalKey::new(keypair_from_variable(variable)?))
            }
            OracleKeySettings::Command { command, oracle, timeout } => {
                Self::Command(SignerCommand::new(command, *oracle)?.with_timeout(*timeout))
            }
        })
    }

    /// The oracle's public key.
    pub fn address(&self) -> Address {
        match self {
            Self::Local(key) => key.address(),
            Self::Command(command) => command.address(),
        }
    }

    /// Signs an epoch's attestation.
    ///
    /// # Errors
    /// [`SignError`] when a command does not: a key in memory always signs.
    pub async fn sign(&self, attestation: &Attestation) -> Result<OracleSignature, SignError> {
        match self {
            Self::Local(key) => Ok(key.sign(attestation)),
            Self::Command(command) => command.sign(attestation).await,
        }
    }
}

impl From<LocalKey> for OracleKey {
    fn from(key: LocalKey) -> Self {
        Self::Local(key)
    }
}
