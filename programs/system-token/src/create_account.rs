//! Creates this program's accounts, in one place instead of one for each instruction.
//!
//! The framework's `init` writes the whole creation into every instruction that has it, 4 KB of
//! program each time; here it is compiled once.

use anchor_lang::prelude::*;
use anchor_lang::{AnchorAccount, Discriminator, Owner, Space};
use bytemuck::Pod;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_system::create_account_with_minimum_balance_signed;

/// The most seeds that an address of this program has, with its bump.
const MAX_SEEDS: usize = 4;

/// Creates the account at a program-derived address, paid by `payer`, its data zero.
///
/// The address must be that of the seeds, which end with its bump; lamports that somebody sent
/// there before are used for the rent.
///
/// # Errors
/// When the payer cannot pay, or the account exists already.
pub fn create_account<T>(
    payer: &AccountView,
    account: &AccountView,
    seeds: &[&[u8]],
) -> Result<Account<T>>
where
    T: Owner + Discriminator + Pod,
{
    let space = <Account<T> as Space>::INIT_SPACE;
    allocate(&Allocation { payer, account, space, seeds })?;
    let mut view = *account;
    let mut data = view.try_borrow_mut()?;
    data[..T::DISCRIMINATOR.len()].copy_from_slice(T::DISCRIMINATOR);
    drop(data);
    // SAFETY: the account has just been created, so nothing else refers to its data.
    unsafe { Account::<T>::load_mut_after_init(*account) }
}

/// What the chain's calling convention, five registers at most, would not take one by one.
struct Allocation<'a> {
    payer: &'a AccountView,
    account: &'a AccountView,
    space: usize,
    seeds: &'a [&'a [u8]],
}

#[inline(never)]
fn allocate(allocation: &Allocation) -> Result<()> {
    let Allocation { payer, account, space, seeds } = allocation;
    let mut parts: [Seed; MAX_SEEDS] = core::array::from_fn(|_| Seed::from(&[] as &[u8]));
    for (part, seed) in parts.iter_mut().zip(*seeds) {
        *part = Seed::from(*seed);
    }
    let signer = CpiSigner::from(&parts[..seeds.len().min(MAX_SEEDS)]);
    let mut account = **account;
    create_account_with_minimum_balance_signed(
        &mut account,
        *space,
        &crate::ID,
        payer,
        None,
        &[signer],
    )
}
