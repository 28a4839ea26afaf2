//! One command at work: its chain, its settings, and where it prints.

use anyhow::Context;
use solana_address::Address;
use system_token_chain::{Chain, ChainError, Mint, get_mint};
use system_token_interface::{Distribution, PROGRAM_ID, distribution_address};

use crate::console::Console;
use crate::failure::Refusal;
use crate::settings::Settings;
use crate::signer::Signer;

/// What a command works with.
pub(crate) struct Session<'a, 'c, C> {
    pub(crate) chain: &'a C,
    pub(crate) settings: &'a Settings,
    pub(crate) console: &'a mut Console<'c>,
}

/// A community as the chain knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Community {
    /// The mint's address.
    pub(crate) mint: Address,
    /// Decimals of the mint.
    pub(crate) decimals: u8,
    /// The distribution's address.
    pub(crate) address: Address,
    /// The distribution itself.
    pub(crate) distribution: Distribution,
    /// The chain's time, UTC seconds.
    pub(crate) now: i64,
}

impl Community {
    /// Who governs it.
    pub(crate) fn admin(&self) -> Address {
        self.distribution.admin.into()
    }

    /// Who may veto and pause.
    pub(crate) fn guardian(&self) -> Address {
        self.distribution.guardian.into()
    }

    /// Who was proposed as the next admin.
    pub(crate) fn pending_admin(&self) -> Option<Address> {
        Some(Address::from(self.distribution.pending_admin))
            .filter(|address| *address != Address::default())
    }
}

impl<C: Chain> Session<'_, '_, C> {
    /// The mint that the command is about.
    ///
    /// # Errors
    /// When none was named.
    pub(crate) fn mint_address(&self) -> anyhow::Result<Address> {
        let mint = self.settings.mint.as_ref().ok_or_else(|| {
            Refusal::new(
                "no mint was named",
                "Name the community's mint with --mint <ADDRESS> or in STK_MINT.",
            )
        })?;
        Ok(mint.value)
    }

    /// Reads a mint.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) async fn mint(&self, address: &Address) -> anyhow::Result<Mint> {
        match get_mint(self.chain, address).await {
            Err(ChainError::NoAccount(address)) => Err(Refusal::new(
                format!("there is no mint {address} on this cluster"),
                "Check --mint and --url; stk config shows what is used.",
            )
            .into()),
            read => read.context("failed to read the mint"),
        }
    }

    /// Reads the distribution at an address; `None` where there is none.
    ///
    /// # Errors
    /// When something else is there.
    pub(crate) async fn distribution(
        &self,
        address: Address,
    ) -> anyhow::Result<Option<Distribution>> {
        let account = self.chain.get_account(&address).await;
        let account = account.context("failed to read the distribution")?;
        // Lamports alone make no distribution: anyone can send some to its address.
        let Some(account) = account.filter(|account| account.owner == PROGRAM_ID) else {
            return Ok(None);
        };
        let distribution = Distribution::from_account_data(&account.data);
        let distribution = distribution.map_err(|source| ChainError::Account { address, source });
        Ok(Some(*distribution.context("failed to read the distribution")?))
    }

    /// Reads everything about the community of the mint that was named.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn community(&self) -> anyhow::Result<Community> {
        let mint = self.mint_address()?;
        let decimals = self.mint(&mint).await?.decimals;
        let address = distribution_address(&mint).0;
        let distribution = self.distribution(address).await?.ok_or_else(|| {
            Refusal::new(
                format!("the mint {mint} has no distribution on this cluster"),
                "Create it with stk init, or check --mint and --url.",
            )
        })?;
        let now = self.now().await?;
        Ok(Community { mint, decimals, address, distribution, now })
    }

    /// The chain's time, UTC seconds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn now(&self) -> anyhow::Result<i64> {
        Ok(self.chain.time().await.context("failed to read the chain's time")?.unix_timestamp)
    }

    /// Reads the keypair of the settings.
    ///
    /// # Errors
    /// When its file holds none.
    pub(crate) fn keypair(&self) -> anyhow::Result<Signer> {
        Signer::read(&self.settings.keypair.value)
    }
}
