//! The mint that a distribution takes over: one that is there, or one that is created with it.

use anyhow::Context;
use solana_address::Address;
use solana_instruction::Instruction;
use system_token_chain::Chain;

use super::InitArguments;
use super::new_mint::NewMint;
use crate::failure::Refusal;
use crate::session::Session;
use crate::signer::Signer;

/// A mint that is to be taken over.
pub(super) struct MintToTake {
    pub(super) address: Address,
    pub(super) token_program: Address,
    pub(super) decimals: u8,
    /// How it is created, when it is not there.
    pub(super) new: Option<NewMint>,
    /// Its authority, when it is there.
    authority: Option<Address>,
}

impl MintToTake {
    /// What creates the mint; nothing when it is there.
    pub(super) fn create_instructions(
        &self,
        payer: &Address,
        authority: &Address,
    ) -> Vec<Instruction> {
        self.new.as_ref().map_or_else(Vec::new, |new| new.instructions(payer, authority))
    }

    /// Rent of the account that is created, lamports.
    pub(super) fn rent_lamports(&self) -> u64 {
        self.new.as_ref().map_or(0, |new| new.rent_lamports)
    }
}

impl<C: Chain> Session<'_, '_, C> {
    /// The mint that `stk init` is about.
    ///
    /// # Errors
    /// When there is none to take over, or one where it would be created.
    pub(super) async fn mint_to_take(
        &self,
        arguments: &InitArguments,
    ) -> anyhow::Result<MintToTake> {
        match arguments.mint_keypair.as_deref().filter(|_| arguments.create_mint) {
            Some(file) => self.new_mint(Signer::read(file)?, arguments).await,
            None => self.present_mint().await,
        }
    }

    async fn new_mint(
        &self,
        keypair: Signer,
        arguments: &InitArguments,
    ) -> anyhow::Result<MintToTake> {
        let address = keypair.address();
        let account = self.chain.get_account(&address).await.context("failed to read the mint")?;
        if account.is_some() {
            return Err(Refusal::new(
                format!("there is an account at {address} already, so no mint is created there"),
                "Take another --mint-keypair; or, if it is the mint, leave --create-mint out.",
            )
            .into());
        }
        let mut new = NewMint::new(keypair, arguments);
        let len = new.final_len();
        new.rent_lamports = self.chain.rent(len).await.context("failed to read rents")?;
        Ok(MintToTake {
            address,
            token_program: new.token_program(),
            decimals: arguments.decimals,
            authority: None,
            new: Some(new),
        })
    }

    async fn present_mint(&self) -> anyhow::Result<MintToTake> {
        let address = self.mint_address()?;
        let mint = self.mint(&address).await?;
        if let Some(freezer) = mint.freeze_authority {
            return Err(Refusal::new(
                format!("the mint {address} has a freeze authority, {freezer}, which could lock members' tokens"),
                format!("Give it up first: spl-token authorize {address} freeze --disable."),
            )
            .into());
        }
        if mint.mint_authority.is_none() {
            return Err(Refusal::new(
                format!("the mint {address} has no mint authority, so nobody can ever mint"),
                "Take another mint, or create one with --create-mint.",
            )
            .into());
        }
        Ok(MintToTake {
            address,
            token_program: mint.token_program,
            decimals: mint.decimals,
            authority: mint.mint_authority,
            new: None,
        })
    }

    /// Who signs as the mint's present authority.
    ///
    /// # Errors
    /// When the signer at hand is not it.
    pub(super) fn mint_authority(
        &self,
        arguments: &InitArguments,
        mint: &MintToTake,
    ) -> anyhow::Result<Signer> {
        let signer = match (&arguments.mint_authority, mint.authority) {
            (Some(named), _) => Signer::parse(named)?,
            (None, Some(authority)) if arguments.options.print_unsigned => {
                Signer::Address(authority)
            }
            (None, _) => self.keypair()?,
        };
        match mint.authority {
            Some(authority) if authority != signer.address() => Err(Refusal::new(
                format!(
                    "the signer {} is not the authority of the mint {}, who is {authority}",
                    signer.address(),
                    mint.address
                ),
                format!(
                    "Name its keypair with --mint-authority; or print the transaction for it to \
                     sign: --print-unsigned --mint-authority {authority}"
                ),
            )
            .into()),
            _ => Ok(signer),
        }
    }
}
