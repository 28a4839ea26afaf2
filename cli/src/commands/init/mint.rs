//! The mint that a distribution takes over: one that is there, or one that is created with it.

use anyhow::Context;
use solana_address::Address;
use solana_instruction::Instruction;
use system_token_chain::Chain;

use super::InitArguments;
use crate::failure::Refusal;
use crate::session::Session;
use crate::signer::Signer;

/// Length of a classic mint's account, bytes.
const MINT_LEN: u8 = 82;

/// A mint that is to be taken over.
pub(super) struct MintToTake {
    pub(super) address: Address,
    pub(super) token_program: Address,
    pub(super) decimals: u8,
    /// Its own key, when it is to be created.
    pub(super) keypair: Option<Signer>,
    /// Rent of its account when it is to be created, else 0, lamports.
    pub(super) rent_lamports: u64,
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
        if self.keypair.is_none() {
            return Vec::new();
        }
        let create = solana_system_interface::instruction::create_account(
            payer,
            &self.address,
            self.rent_lamports,
            MINT_LEN.into(),
            &self.token_program,
        );
        let initialize = spl_token_interface::instruction::initialize_mint2(
            &self.token_program,
            &self.address,
            authority,
            None,
            self.decimals,
        )
        .expect("a created mint is one of SPL Token");
        vec![create, initialize]
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
            Some(file) => self.new_mint(Signer::read(file)?, arguments.decimals).await,
            None => self.present_mint().await,
        }
    }

    async fn new_mint(&self, keypair: Signer, decimals: u8) -> anyhow::Result<MintToTake> {
        let address = keypair.address();
        let account = self.chain.get_account(&address).await.context("failed to read the mint")?;
        if account.is_some() {
            return Err(Refusal::new(
                format!("there is an account at {address} already, so no mint is created there"),
                "Take another --mint-keypair; or, if it is the mint, leave --create-mint out.",
            )
            .into());
        }
        let rent_lamports =
            self.chain.rent(MINT_LEN.into()).await.context("failed to read rents")?;
        let token_program = spl_token_interface::ID;
        let keypair = Some(keypair);
        Ok(MintToTake { address, token_program, decimals, keypair, rent_lamports, authority: None })
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
            keypair: None,
            rent_lamports: 0,
            authority: mint.mint_authority,
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
