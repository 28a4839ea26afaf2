//! Where members are paid: the associated token accounts of their wallets.

use std::collections::HashMap;

use solana_address::Address;

use crate::identity::{MemberIndex, Members};
use crate::submit::token_account_address;

/// The token accounts of a mint, each derived once.
#[derive(Clone, Debug)]
pub(super) struct TokenAccounts {
    mint: Address,
    by_wallet: HashMap<Address, Address>,
}

impl TokenAccounts {
    /// The token accounts of a mint.
    pub(super) fn new(mint: Address) -> Self {
        Self { mint, by_wallet: HashMap::new() }
    }

    /// A member's token account, through merges and ownership; zeros without a wallet.
    pub(super) fn of(&mut self, members: &Members, member: MemberIndex) -> [u8; 32] {
        let Some(wallet) = members.wallet(member) else {
            return [0; 32];
        };
        let derive = || token_account_address(&wallet, &self.mint);
        self.by_wallet.entry(wallet).or_insert_with(derive).to_bytes()
    }
}
