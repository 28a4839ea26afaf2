//! Reads supplies and balances of classic SPL Token mints.

use solana_address::Address;
use solana_program_pack::Pack;
use spl_token_interface::state::{Account as TokenAccount, Mint};

use crate::{Chain, ChainError};

/// A mint's supply, base units.
///
/// # Errors
/// [`ChainError::NoAccount`] and [`ChainError::NotToken`] when there is no mint.
pub async fn get_supply(chain: &impl Chain, mint: &Address) -> Result<u64, ChainError> {
    Ok(unpack::<Mint>(chain, mint).await?.supply)
}

/// A token account's balance, base units.
///
/// # Errors
/// [`ChainError::NoAccount`] and [`ChainError::NotToken`] when there is no token account.
pub async fn get_balance(chain: &impl Chain, token_account: &Address) -> Result<u64, ChainError> {
    Ok(unpack::<TokenAccount>(chain, token_account).await?.amount)
}

async fn unpack<T: Pack + solana_program_pack::IsInitialized>(
    chain: &impl Chain,
    address: &Address,
) -> Result<T, ChainError> {
    let account = chain.get_account(address).await?.ok_or(ChainError::NoAccount(*address))?;
    if account.owner != spl_token_interface::ID {
        return Err(ChainError::NotToken(*address));
    }
    T::unpack(&account.data).map_err(|_| ChainError::NotToken(*address))
}
