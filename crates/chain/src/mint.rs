//! Reads mints of either token program.

use solana_account::Account;
use solana_address::Address;
use solana_program_pack::Pack;
pub use spl_token_2022_interface::ID as TOKEN_2022_PROGRAM_ID;
use spl_token_2022_interface::extension::StateWithExtensions;
use spl_token_2022_interface::state::Mint as MintState;

use crate::{Chain, ChainError};

/// A mint as both token programs keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mint {
    /// SPL Token or Token-2022: the account's owner.
    pub token_program: Address,
    /// Decimals of an amount as people read it.
    pub decimals: u8,
    /// Everything minted and not burnt, base units.
    pub supply: u64,
    /// May mint; `None`: nobody, ever.
    pub mint_authority: Option<Address>,
    /// May freeze token accounts; `None`: nobody.
    pub freeze_authority: Option<Address>,
}

/// Reads a mint of SPL Token or Token-2022.
///
/// # Errors
/// [`ChainError::NoAccount`] and [`ChainError::NotMint`] when there is no mint.
pub async fn get_mint(chain: &impl Chain, address: &Address) -> Result<Mint, ChainError> {
    let account = chain.get_account(address).await?.ok_or(ChainError::NoAccount(*address))?;
    let state = mint_state(&account).ok_or(ChainError::NotMint(*address))?;
    Ok(Mint {
        token_program: account.owner,
        decimals: state.decimals,
        supply: state.supply,
        mint_authority: state.mint_authority.into(),
        freeze_authority: state.freeze_authority.into(),
    })
}

/// The part of a mint that both token programs share.
fn mint_state(account: &Account) -> Option<MintState> {
    match account.owner {
        spl_token_interface::ID => MintState::unpack(&account.data).ok(),
        TOKEN_2022_PROGRAM_ID => {
            StateWithExtensions::<MintState>::unpack(&account.data).ok().map(|mint| mint.base)
        }
        _ => None,
    }
}
