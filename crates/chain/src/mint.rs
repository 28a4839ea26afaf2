//! Reads mints of either token program.

use solana_address::{Address, address};
use solana_program_pack::Pack;
use spl_token_interface::state::Mint as MintState;

use crate::{Chain, ChainError};

/// The Token-2022 program.
pub const TOKEN_2022_PROGRAM_ID: Address = address!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// Where an extended account says what it is.
const ACCOUNT_TYPE_OFFSET: usize = 165;
/// What it says when it is a mint.
const ACCOUNT_TYPE_MINT: u8 = 1;

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
    let data = mint_data(&account.owner, &account.data);
    let state = data.and_then(|data| MintState::unpack(data).ok());
    let state = state.ok_or(ChainError::NotMint(*address))?;
    Ok(Mint {
        token_program: account.owner,
        decimals: state.decimals,
        supply: state.supply,
        mint_authority: state.mint_authority.into(),
        freeze_authority: state.freeze_authority.into(),
    })
}

/// The part of a mint's data that both token programs share.
fn mint_data<'a>(owner: &Address, data: &'a [u8]) -> Option<&'a [u8]> {
    let extended = data.get(ACCOUNT_TYPE_OFFSET) == Some(&ACCOUNT_TYPE_MINT);
    match *owner {
        spl_token_interface::ID => Some(data),
        TOKEN_2022_PROGRAM_ID if extended || data.len() == MintState::LEN => {
            data.get(..MintState::LEN)
        }
        _ => None,
    }
}
