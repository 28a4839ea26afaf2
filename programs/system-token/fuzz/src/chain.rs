//! Calls the program's entry as the runtime does: accounts and instruction data in one buffer.
//!
//! Calls of other programs do nothing here, and succeed.

use anchor_lang::Address;
use system_token::entrypoint::entrypoint;

/// What the runtime lets an account grow by, bytes; that much room follows its data.
const GROWTH: usize = 10_240;
/// Bytes of an account before its data.
const HEADER: usize = 88;
const NOT_BORROWED: u8 = 255;
/// Bytes of an account that was there before: its place, and padding.
const REPEATED: usize = 8;

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
/// An account whose address stands before it already is handed over as that one again, as the
/// runtime does; its own data is not looked at.
pub fn dispatch(accounts: &mut [Account], data: &[u8]) -> u64 {
    let first_of: Vec<_> = accounts
        .iter()
        .map(|account| accounts.iter().position(|other| other.address == account.address))
        .map(|first| first.expect("itself at the latest"))
        .collect();
    let record_len = |index: usize, account: &Account| {
        if first_of[index] == index {
            record_len(account.data.len())
        } else {
            REPEATED
        }
    };
    let sizes = accounts.iter().enumerate().map(|(index, account)| record_len(index, account));
    let mut input = vec![0u64; 1 + sizes.sum::<usize>() / 8];
    input[0] = accounts.len() as u64;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut input);
    let mut at = 8;
    for (index, account) in accounts.iter().enumerate() {
        let this = at;
        at += record_len(index, account);
        if first_of[index] != index {
            bytes[this] = u8::try_from(first_of[index]).expect("few accounts");
            continue;
        }
        let at = this;
        bytes[at..at + 3].copy_from_slice(&[NOT_BORROWED, 0, account.writable.into()]);
        bytes[at + 8..at + 40].copy_from_slice(account.address.as_ref());
        bytes[at + 40..at + 72].copy_from_slice(account.owner.as_ref());
        bytes[at + 72..at + 80].copy_from_slice(&1_000_000_000u64.to_le_bytes());
        bytes[at + 80..at + 88].copy_from_slice(&(account.data.len() as u64).to_le_bytes());
        bytes[at + HEADER..][..account.data.len()].copy_from_slice(&account.data);
    }
    let mut instruction = vec![0u64; 1 + (data.len() + size_of::<Address>()).div_ceil(8)];
    instruction[0] = data.len() as u64;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut instruction[1..]);
    bytes[..data.len()].copy_from_slice(data);
    bytes[data.len()..][..size_of::<Address>()].copy_from_slice(system_token::ID.as_ref());
    // SAFETY: both buffers are laid out and aligned as the runtime's are, and outlive the call.
    let status =
        unsafe { entrypoint(input.as_mut_ptr().cast(), instruction.as_ptr().add(1).cast()) };
    let bytes: &[u8] = bytemuck::cast_slice(&input);
    let mut at = 8;
    for (index, account) in accounts.iter_mut().enumerate() {
        if first_of[index] == index {
            let len = account.data.len();
            account.data.copy_from_slice(&bytes[at + HEADER..][..len]);
        }
        at += record_len(index, account);
    }
    status
}

/// An account's bytes in the buffer, rounded up to 8, with the rent epoch at their end.
const fn record_len(data_len: usize) -> usize {
    HEADER + (data_len + GROWTH).next_multiple_of(8) + 8
}
