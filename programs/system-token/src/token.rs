//! What the program must know of mints and token accounts, of either token program.
//!
//! Both programs lay out the same first bytes. Token-2022 lets a mint go on: an account type at
//! byte 165, then extensions, each `type u16 ‖ length u16 ‖ value`.

use anchor_lang::address_eq;
use anchor_lang::prelude::*;

use crate::error::SystemTokenError;

/// The classic token program.
pub const TOKEN_PROGRAM: Address =
    Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// The Token-2022 program.
pub const TOKEN_2022_PROGRAM: Address =
    Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// Bytes of a mint without extensions.
const MINT_LEN: usize = 82;
/// Bytes of a token account without extensions.
const TOKEN_ACCOUNT_LEN: usize = 165;
/// Bytes of a multisig, which is told from an extended account by this length alone.
const MULTISIG_LEN: usize = 355;
/// Where an extended account says what it is, and what a mint and a token account say.
const ACCOUNT_TYPE: usize = 165;
const ACCOUNT_TYPE_MINT: u8 = 1;
const ACCOUNT_TYPE_ACCOUNT: u8 = 2;
/// A token account's mint, its state, and the state in which it receives.
const TOKEN_ACCOUNT_MINT: core::ops::Range<usize> = 0..32;
const TOKEN_ACCOUNT_STATE: usize = 108;
const TOKEN_ACCOUNT_INITIALIZED: u8 = 1;

/// Extensions that leave the distribution's promises alone: nobody gains power over members'
/// tokens, and every base unit that is minted arrives.
const ALLOWED_EXTENSIONS: [u16; 3] = [NON_TRANSFERABLE, METADATA_POINTER, TOKEN_METADATA];
const NON_TRANSFERABLE: u16 = 9;
const METADATA_POINTER: u16 = 18;
const TOKEN_METADATA: u16 = 19;

/// A mint, as much as `initialize` needs.
pub struct MintState {
    /// Who may mint; `None`: the supply is fixed.
    pub mint_authority: Option<Address>,
    /// Base units in existence.
    pub supply: u64,
    /// Whether somebody may freeze token accounts.
    pub has_freeze_authority: bool,
}

impl MintState {
    /// Reads a mint of the given token program.
    ///
    /// # Errors
    /// `UnsupportedMint` when it is no mint of that program, or that is no token program;
    /// `UnsupportedExtension` when the mint has an extension that is not allowed.
    pub fn read(mint: &AccountView, token_program: &Address) -> Result<Self> {
        let known = address_eq(token_program, &TOKEN_PROGRAM)
            || address_eq(token_program, &TOKEN_2022_PROGRAM);
        if !known || !mint.owned_by(token_program) {
            return Err(SystemTokenError::UnsupportedMint.into());
        }
        let data = mint.try_borrow()?;
        let base: &[u8; MINT_LEN] = data.first_chunk().ok_or(SystemTokenError::UnsupportedMint)?;
        let is_initialized = base[45] == 1;
        let is_mint = data.len() == MINT_LEN
            || data.len() != MULTISIG_LEN && data.get(ACCOUNT_TYPE) == Some(&ACCOUNT_TYPE_MINT);
        if !is_initialized || !is_mint {
            return Err(SystemTokenError::UnsupportedMint.into());
        }
        check_extensions(data.get(ACCOUNT_TYPE + 1..).unwrap_or_default())?;
        let mut authority = [0; 32];
        authority.copy_from_slice(&base[4..36]);
        let mut supply = [0; 8];
        supply.copy_from_slice(&base[36..44]);
        Ok(Self {
            mint_authority: (base[0] == 1).then(|| Address::new_from_array(authority)),
            supply: u64::from_le_bytes(supply),
            has_freeze_authority: base[46] != 0,
        })
    }
}

/// Refuses extensions outside the allowlist, and bytes that are no extensions.
fn check_extensions(mut extensions: &[u8]) -> Result<()> {
    while let Some((header, rest)) = extensions.split_first_chunk::<4>() {
        let kind = u16::from_le_bytes([header[0], header[1]]);
        let len = usize::from(u16::from_le_bytes([header[2], header[3]]));
        // Room that no extension uses yet.
        if kind == 0 {
            return Ok(());
        }
        if !ALLOWED_EXTENSIONS.contains(&kind) {
            return Err(SystemTokenError::UnsupportedExtension.into());
        }
        extensions = rest.get(len..).ok_or(SystemTokenError::UnsupportedMint)?;
    }
    Ok(())
}

/// Whether an account can be minted to: a live token account of this mint, not frozen.
///
/// A member without a wallet has the zero address in the leaf, which is the System program's and
/// so never a token account: such a total waits until a wallet is linked.
#[inline(always)]
pub fn receives(account: &AccountView, token_program: &Address, mint: &Address) -> bool {
    if !account.owned_by(token_program) {
        return false;
    }
    let Ok(data) = account.try_borrow() else {
        return false;
    };
    if data.len() != TOKEN_ACCOUNT_LEN && !is_extended_account(&data, token_program) {
        return false;
    }
    let Ok(account_mint) = <[u8; 32]>::try_from(&data[TOKEN_ACCOUNT_MINT]) else {
        return false;
    };
    address_eq(&Address::new_from_array(account_mint), mint)
        && data[TOKEN_ACCOUNT_STATE] == TOKEN_ACCOUNT_INITIALIZED
}

#[inline(never)]
fn is_extended_account(data: &[u8], token_program: &Address) -> bool {
    address_eq(token_program, &TOKEN_2022_PROGRAM)
        && data.len() != MULTISIG_LEN
        && data.get(ACCOUNT_TYPE) == Some(&ACCOUNT_TYPE_ACCOUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extension(kind: u16, value: &[u8]) -> Vec<u8> {
        let len = value.len() as u16;
        [&kind.to_le_bytes(), &len.to_le_bytes(), value].concat()
    }

    #[test]
    fn extensions_outside_the_allowlist_are_refused() {
        for kind in 1..64 {
            let extensions = extension(kind, &[0; 5]);
            let allowed = ALLOWED_EXTENSIONS.contains(&kind);
            assert_eq!(check_extensions(&extensions).is_ok(), allowed, "{kind}");
            // Behind an allowed one too.
            let second = [extension(METADATA_POINTER, &[0; 64]), extensions].concat();
            assert_eq!(check_extensions(&second).is_ok(), allowed, "{kind}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_extension() {
        let extension = extension(TOKEN_METADATA, &[1; 40]);
        assert!(check_extensions(&extension).is_ok());
        assert!(check_extensions(&extension[..43]).is_err());
        assert!(check_extensions(&[]).is_ok());
        assert!(check_extensions(&[0; 10]).is_ok());
    }
}
