//! Calls the program's entry as the runtime does: accounts and instruction data in one buffer.
//!
//! Calls of other programs do nothing here, and succeed.

use anchor_lang::Address;

/// What the runtime lets an account grow by, bytes; that much room follows its data.
const GROWTH: usize = 10_240;
/// Bytes of an account before its data.
const HEADER: usize = 88;
const NOT_BORROWED: u8 = 255;

/// An account as an instruction finds it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Where it is.
    pub address: Address,
    /// The program that owns it.
    pub owner: Address,
    /// Whether the transaction may write it.
    pub writable: bool,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// Runs one instruction; returns 0 or the program's error, and writes the accounts' data back.
///
/// Accounts have distinct addresses: the runtime hands a repeated one over in another form.
pub fn dispatch(accounts: &mut [Account], data: &[u8]) -> u64 {
    let sizes = accounts.iter().map(|account| record_len(account.data.len()));
    let mut input = vec![0u64; 1 + sizes.sum::<usize>() / 8];
    input[0] = accounts.len() as u64;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut input);
    let mut at = 8;
    for account in &*accounts {
        bytes[at..at + 3].copy_from_slice(&[NOT_BORROWED, 0, account.writable.into()]);
        bytes[at + 8..at + 40].copy_from_slice(account.address.as_ref());
        bytes[at + 40..at + 72].copy_from_slice(account.owner.as_ref());
        bytes[at + 72..at + 80].copy_from_slice(&1_000_000_000u64.to_le_bytes());
        bytes[at + 80..at + 88].copy_from_slice(&(account.data.len() as u64).to_le_bytes());
        bytes[at + HEADER..][..account.data.len()].copy_from_slice(&account.data);
        at += record_len(account.data.len());
    }
    let length = (data.len() as u64).to_le_bytes();
    let instruction = [&length, data, system_token::ID.as_ref()].concat();
    // SAFETY: both buffers are laid out as the runtime lays them out, and outlive the call; the
    // first is aligned to 8 bytes.
    let status = unsafe {
        system_token::__anchor_dispatch(
            input.as_mut_ptr().cast(),
            instruction.as_ptr().add(length.len()),
        )
    };
    let bytes: &[u8] = bytemuck::cast_slice(&input);
    let mut at = 8;
    for account in accounts {
        let len = account.data.len();
        account.data.copy_from_slice(&bytes[at + HEADER..][..len]);
        at += record_len(len);
    }
    status
}

/// An account's bytes in the buffer, rounded up to 8, with the rent epoch at their end.
const fn record_len(data_len: usize) -> usize {
    HEADER + (data_len + GROWTH).next_multiple_of(8) + 8
}
