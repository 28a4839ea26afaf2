//! Members' token accounts: who can be paid, and accounts made for those who have none.

use std::collections::BTreeSet;

use solana_account::Account;
use solana_address::Address;
use solana_program_pack::Pack;
use spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent;
use spl_token_interface::state::{Account as TokenAccount, AccountState};
use system_token_attestation::Leaf;
use system_token_chain::Chain;

use super::{Purpose, SendError, Sender, Submitter, token_account_address};

/// Token accounts created in one transaction: so many fit its bytes.
pub(super) const TOKEN_ACCOUNTS_PER_TRANSACTION: usize = 12;

/// Whether a member's token account can take tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// It can.
    Open,
    /// There is none.
    Missing,
    /// It is frozen, of another mint, or no token account.
    Closed,
}

impl<S: Sender> Submitter<S> {
    /// Creates the token accounts of these wallets where they are missing.
    ///
    /// # Errors
    /// [`SendError`] when one cannot be created.
    pub async fn create_token_accounts(&self, wallets: &[Address]) -> Result<(), SendError> {
        let payer = self.sender.payer();
        let rent = self.chain().rent(TokenAccount::LEN).await?;
        for wallets in wallets.chunks(TOKEN_ACCOUNTS_PER_TRANSACTION) {
            let program = &spl_token_interface::ID;
            let creates = wallets.iter().map(|wallet| {
                create_associated_token_account_idempotent(&payer, wallet, &self.mint, program)
            });
            let creates: Vec<_> = creates.collect();
            let deposit = rent.saturating_mul(wallets.len() as u64);
            self.send_with_deposit(Purpose::TokenAccounts, &creates, deposit).await?;
        }
        Ok(())
    }

    /// Whether each of these leaves' token accounts can take tokens.
    pub(super) async fn receivers(&self, leaves: &[Leaf]) -> Result<Vec<Receiver>, SendError> {
        let addresses: Vec<_> =
            leaves.iter().map(|leaf| Address::from(leaf.token_account)).collect();
        let accounts = self.chain().get_accounts(&addresses).await?;
        let receiver = |account: &Option<Account>| {
            let Some(account) = account else { return Receiver::Missing };
            let of_token_program = account.owner == spl_token_interface::ID;
            match TokenAccount::unpack(&account.data) {
                Ok(TokenAccount { mint, state: AccountState::Initialized, .. })
                    if of_token_program && mint == self.mint =>
                {
                    Receiver::Open
                }
                // An empty account of the system's is none yet.
                Err(_) if account.data.is_empty() => Receiver::Missing,
                _ => Receiver::Closed,
            }
        };
        Ok(accounts.iter().map(receiver).collect())
    }

    /// Makes the token accounts of members who have none, as far as that was asked for and their budget
    /// goes; says whose were made.
    pub(super) async fn make_missing(
        &self,
        members: &[(usize, Leaf)],
    ) -> Result<BTreeSet<usize>, SendError> {
        let wallet_of = |member: &usize, leaf: &Leaf| {
            let wallet = (*self.wallets.get(*member)?)?;
            let account = token_account_address(&wallet, &self.mint);
            (account.to_bytes() == leaf.token_account).then_some((*member, wallet))
        };
        let wanted: Vec<_> =
            members.iter().filter_map(|(member, leaf)| wallet_of(member, leaf)).collect();
        let mut made = BTreeSet::new();
        for part in wanted.chunks(TOKEN_ACCOUNTS_PER_TRANSACTION) {
            let wallets: Vec<_> = part.iter().map(|(_, wallet)| *wallet).collect();
            match self.create_token_accounts(&wallets).await {
                Ok(()) => made.extend(part.iter().map(|(member, _)| *member)),
                // Those who have an account are paid all the same.
                Err(SendError::TokenAccounts { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(made)
    }
}
