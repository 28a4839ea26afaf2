//! Who signs: a keypair that is at hand, or an address whose key is elsewhere.

use std::path::Path;

use anyhow::anyhow;
use solana_address::Address;
use solana_keypair::{Keypair, read_keypair, read_keypair_file};
use solana_signer::Signer as _;

use crate::failure::Refusal;

/// One signer of a transaction.
#[derive(Debug)]
pub(crate) enum Signer {
    /// A keypair from a file.
    Keypair(Keypair),
    /// An address alone: a multisig's vault, a governance address, a key on another machine.
    Address(Address),
}

impl Signer {
    /// Reads what an option names: an address, or else the file of a keypair.
    ///
    /// # Errors
    /// When the file holds no keypair.
    pub(crate) fn parse(address_or_file: &str) -> anyhow::Result<Self> {
        match address_or_file.parse() {
            Ok(address) => Ok(Self::Address(address)),
            Err(_) => Self::read(Path::new(address_or_file)),
        }
    }

    /// Reads a keypair file as `solana-keygen` writes it; `-` is standard input.
    ///
    /// # Errors
    /// When the file holds no keypair.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let name = path.to_str().unwrap_or_default();
        if name.starts_with("usb:") || name.starts_with("prompt:") || name == "ASK" {
            return Err(Refusal::new(
                format!("the signer {shown} is not a file"),
                "Hardware keys and seed phrases are not read here: print the transaction with \
                 --print-unsigned --authority <ADDRESS> and sign it with the wallet.",
            )
            .into());
        }
        let keypair = match name {
            "-" => read_keypair(&mut std::io::stdin()),
            _ => read_keypair_file(path),
        };
        let keypair = keypair.map_err(|error| {
            anyhow!(Refusal::new(
                format!("failed to read the keypair {shown}: {error}"),
                "Name a keypair file with --keypair, or create one with solana-keygen new. To sign \
                 elsewhere: --print-unsigned --authority <ADDRESS>.",
            ))
        })?;
        Ok(Self::Keypair(keypair))
    }

    /// Its address.
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Keypair(keypair) => keypair.pubkey(),
            Self::Address(address) => *address,
        }
    }

    /// The keypair, where it is at hand.
    pub(crate) fn keypair(&self) -> Option<&Keypair> {
        match self {
            Self::Keypair(keypair) => Some(keypair),
            Self::Address(_) => None,
        }
    }
}
