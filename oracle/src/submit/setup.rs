//! What must be on chain before members can be paid: mint, distribution, token accounts, pages.

use solana_address::Address;
use solana_keypair::Keypair;
use solana_program_pack::Pack;
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_interface::state::Mint;
use system_token_chain::{Chain, ChainError};
use system_token_interface::instructions::{self, InitializeArgs};
use system_token_interface::page_address;

use super::{Purpose, Submitter};

/// Token accounts created in one transaction: so many fit its bytes.
const TOKEN_ACCOUNTS_PER_TRANSACTION: usize = 12;

/// Where a wallet receives a classic SPL Token mint.
pub fn token_account_address(wallet: &Address, mint: &Address) -> Address {
    get_associated_token_address(wallet, mint)
}

impl<C: Chain> Submitter<C> {
    /// Creates the mint, with the payer as its first authority.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when there is an account at the mint's address already.
    ///
    /// # Panics
    /// Never: the token program's own id is valid.
    pub async fn create_mint(&mut self, mint: &Keypair, decimals: u8) -> Result<(), ChainError> {
        let payer = self.payer.pubkey();
        let rent = self.chain.rent(Mint::LEN).await?;
        let create = solana_system_interface::instruction::create_account(
            &payer,
            &mint.pubkey(),
            rent,
            Mint::LEN as u64,
            &spl_token_interface::ID,
        );
        let initialize = spl_token_interface::instruction::initialize_mint2(
            &spl_token_interface::ID,
            &mint.pubkey(),
            &payer,
            None,
            decimals,
        )
        .expect("the token program's own id is valid");
        self.send(Purpose::Setup, &[create, initialize], &[mint], &[]).await?;
        Ok(())
    }

    /// Creates the distribution and hands it the mint authority, which the payer holds.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when the program refuses the arguments.
    pub async fn initialize(&mut self, args: &InitializeArgs) -> Result<(), ChainError> {
        let payer = self.payer.pubkey();
        let initialize =
            instructions::initialize(&payer, &payer, &self.mint, &spl_token_interface::ID, args);
        self.send(Purpose::Setup, &[initialize], &[], &[]).await?;
        Ok(())
    }

    /// Creates the token accounts of these wallets where they are missing.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when one cannot be created.
    pub async fn create_token_accounts(&mut self, wallets: &[Address]) -> Result<(), ChainError> {
        let payer = self.payer.pubkey();
        for wallets in wallets.chunks(TOKEN_ACCOUNTS_PER_TRANSACTION) {
            let creates: Vec<_> = wallets
                .iter()
                .map(|wallet| {
                    create_associated_token_account_idempotent(
                        &payer,
                        wallet,
                        &self.mint,
                        &spl_token_interface::ID,
                    )
                })
                .collect();
            self.send(Purpose::Accounts, &creates, &[], &[]).await?;
        }
        Ok(())
    }

    /// Creates a ledger page unless it is there.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] when it cannot be created.
    pub async fn open_page(&mut self, page_index: u32) -> Result<(), ChainError> {
        let address = page_address(&self.distribution, page_index).0;
        if self.chain.get_account(&address).await?.is_none() {
            let payer = self.payer.pubkey();
            let open = instructions::open_page(&payer, &self.distribution, page_index);
            self.send(Purpose::Accounts, &[open], &[], &[]).await?;
        }
        Ok(())
    }
}
