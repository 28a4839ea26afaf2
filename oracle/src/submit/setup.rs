//! What must be on chain before members can be paid: mint, distribution, pages.

use solana_address::Address;
use solana_keypair::Keypair;
use solana_program_pack::Pack;
use solana_signer::Signer;
use spl_associated_token_account_interface::address::get_associated_token_address;
use spl_token_interface::state::Mint;
use system_token_chain::Chain;
use system_token_interface::instructions::{self, InitializeArgs};
use system_token_interface::{LedgerPage, page_address};

use super::{Purpose, SendError, Sender, Submitter};

/// Where a wallet receives a classic SPL Token mint.
pub fn token_account_address(wallet: &Address, mint: &Address) -> Address {
    get_associated_token_address(wallet, mint)
}

impl<S: Sender> Submitter<S> {
    /// Creates the mint, with the payer as its first authority.
    ///
    /// # Errors
    /// [`SendError::Chain`] when there is an account at the mint's address already.
    ///
    /// # Panics
    /// Never: the token program's own id is valid.
    pub async fn create_mint(&self, mint: &Keypair, decimals: u8) -> Result<(), SendError> {
        let payer = self.sender.payer();
        let rent = self.chain().rent(Mint::LEN).await?;
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
    /// [`SendError::Chain`] when the program refuses the arguments.
    pub async fn initialize(&self, args: &InitializeArgs) -> Result<(), SendError> {
        let payer = self.sender.payer();
        let initialize =
            instructions::initialize(&payer, &payer, &self.mint, &spl_token_interface::ID, args);
        self.send(Purpose::Setup, &[initialize], &[], &[]).await?;
        Ok(())
    }

    /// Creates a ledger page unless it is there.
    ///
    /// # Errors
    /// [`SendError::Chain`] when it cannot be created.
    pub async fn open_page(&self, page_index: u32) -> Result<(), SendError> {
        let address = page_address(&self.distribution, page_index).0;
        if self.chain().get_account(&address).await?.is_none() {
            let rent = self.chain().rent(LedgerPage::ACCOUNT_LEN).await?;
            let payer = self.sender.payer();
            let open = instructions::open_page(&payer, &self.distribution, page_index);
            self.send_with_deposit(Purpose::Accounts, &[open], rent).await?;
        }
        Ok(())
    }
}
