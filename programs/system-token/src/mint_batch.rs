//! Mints to many: one call of the classic token program, p-token's `Batch` of `MintTo`s; of
//! Token-2022, which has no batch, one `MintTo` for each.
//!
//! data = 255 ‖ for each `MintTo`: number of its accounts 3 ‖ length of its data 9 ‖ 7 ‖ amount u64
//!
//! Every `MintTo` names mint, token account and authority, but the runtime needs to be told about
//! each account only once: mint and authority are handed over once for the whole batch.
//! `pinocchio-token`'s own `Batch` hands them over for every mint: measured with 32 members, that
//! takes 63 compute units a member more.

extern crate alloc;

use alloc::boxed::Box;
use core::mem::{size_of_val, MaybeUninit};
use core::slice::from_raw_parts;

use anchor_lang::address_eq;
use anchor_lang::prelude::*;
use pinocchio::cpi::{invoke_signed_unchecked, CpiAccount, Signer as CpiSigner};
use pinocchio::instruction::{InstructionAccount, InstructionView};
use system_token_attestation::MAX_RUN_LEAVES;

use crate::error::SystemTokenError;
use crate::token::TOKEN_2022_PROGRAM;

const BATCH: u8 = 255;
const MINT_TO: u8 = 7;
const MINT_TO_ACCOUNTS: u8 = 3;
const MINT_TO_DATA_LEN: u8 = 9;
/// Accounts handed over once: the mint and its authority.
const SHARED_ACCOUNTS: usize = 2;

/// The bytes of one `MintTo` in a batch, with its header.
type MintToBytes = [u8; 2 + MINT_TO_DATA_LEN as usize];

/// The batch's data, as it is sent: no field has an alignment, so there is no padding.
#[repr(C)]
struct BatchData {
    discriminator: u8,
    mints: [MaybeUninit<MintToBytes>; MAX_RUN_LEAVES],
}

/// Too large for a stack frame of 4,096 bytes, so on the heap.
struct Buffers<'a> {
    data: BatchData,
    named: [[MaybeUninit<InstructionAccount<'a>>; MINT_TO_ACCOUNTS as usize]; MAX_RUN_LEAVES],
    accounts: [MaybeUninit<CpiAccount<'a>>; SHARED_ACCOUNTS + MAX_RUN_LEAVES],
}

/// Collects mints of one mint by one authority, then sends them in one call.
pub struct MintBatch<'a> {
    buffers: Box<Buffers<'a>>,
    mint: &'a AccountView,
    authority: &'a AccountView,
    len: usize,
}

impl<'a> MintBatch<'a> {
    /// An empty batch for a mint and its authority.
    #[inline(always)]
    pub fn new(mint: &'a AccountView, authority: &'a AccountView) -> Self {
        let mut buffers = Box::<Buffers<'a>>::new_uninit();
        // SAFETY: the one field that is not `MaybeUninit` is written here.
        let mut buffers = unsafe {
            (&raw mut (*buffers.as_mut_ptr()).data.discriminator).write(BATCH);
            buffers.assume_init()
        };
        CpiAccount::init_from_account_view(mint, &mut buffers.accounts[0]);
        CpiAccount::init_from_account_view(authority, &mut buffers.accounts[1]);
        Self { buffers, mint, authority, len: 0 }
    }

    /// Adds a mint of `amount` base units to a token account.
    ///
    /// # Errors
    /// `InvalidRun` past 32 mints; there is no run so long.
    #[inline(always)]
    pub fn push(&mut self, token_account: &'a AccountView, amount: u64) -> Result<()> {
        let i = self.len;
        if i >= MAX_RUN_LEAVES {
            return Err(SystemTokenError::InvalidRun.into());
        }
        let mut bytes: MintToBytes = [0; 2 + MINT_TO_DATA_LEN as usize];
        bytes[..3].copy_from_slice(&[MINT_TO_ACCOUNTS, MINT_TO_DATA_LEN, MINT_TO]);
        bytes[3..].copy_from_slice(&amount.to_le_bytes());
        self.buffers.data.mints[i].write(bytes);
        let named = &mut self.buffers.named[i];
        named[0].write(InstructionAccount::writable(self.mint.address()));
        named[1].write(InstructionAccount::writable(token_account.address()));
        named[2].write(InstructionAccount::readonly_signer(self.authority.address()));
        let account = &mut self.buffers.accounts[SHARED_ACCOUNTS + i];
        CpiAccount::init_from_account_view(token_account, account);
        self.len = i + 1;
        Ok(())
    }

    /// Whether nothing is to be minted.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sends the mints, signed for the authority; a refused one fails the transaction.
    #[inline(always)]
    pub fn invoke_signed(&mut self, token_program: &Address, authority_seeds: &CpiSigner) {
        if address_eq(token_program, &TOKEN_2022_PROGRAM) {
            self.invoke_one_by_one(token_program, authority_seeds);
        } else {
            self.invoke_batch(token_program, authority_seeds);
        }
    }

    /// All mints in one call, as p-token understands it.
    #[inline(always)]
    fn invoke_batch(&self, token_program: &Address, authority_seeds: &CpiSigner) {
        let data_len = 1 + size_of_val(&self.buffers.data.mints[..self.len]);
        let named_len = self.buffers.named[..self.len].as_flattened().len();
        // SAFETY: `push` has written the first `len` entries of each array, which lie one after
        // the other; no account is borrowed here: the declared ones are not written by this call,
        // and of the token accounts every borrow has ended.
        unsafe {
            let instruction = InstructionView {
                program_id: token_program,
                data: from_raw_parts((&raw const self.buffers.data).cast(), data_len),
                accounts: from_raw_parts(self.buffers.named.as_ptr().cast(), named_len),
            };
            let accounts =
                from_raw_parts(self.buffers.accounts.as_ptr().cast(), SHARED_ACCOUNTS + self.len);
            invoke_signed_unchecked(&instruction, accounts, core::slice::from_ref(authority_seeds));
        }
    }

    /// A call for each mint: Token-2022 knows no batch.
    #[inline(never)]
    fn invoke_one_by_one(&mut self, token_program: &Address, authority_seeds: &CpiSigner) {
        for i in 0..self.len {
            self.buffers.accounts.swap(SHARED_ACCOUNTS, SHARED_ACCOUNTS + i);
            // SAFETY: as for the batch; mint, authority and this mint's token account are the
            // first three accounts now.
            unsafe {
                let mint_to = self.buffers.data.mints[i].assume_init_ref();
                let instruction = InstructionView {
                    program_id: token_program,
                    data: &mint_to[2..],
                    accounts: from_raw_parts(
                        self.buffers.named[i].as_ptr().cast(),
                        usize::from(MINT_TO_ACCOUNTS),
                    ),
                };
                let accounts =
                    from_raw_parts(self.buffers.accounts.as_ptr().cast(), SHARED_ACCOUNTS + 1);
                let signers = core::slice::from_ref(authority_seeds);
                invoke_signed_unchecked(&instruction, accounts, signers);
            }
        }
    }
}
