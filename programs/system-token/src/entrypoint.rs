//! Where the runtime enters the program.
//!
//! Claims, which a community pays for by the thousand, take a short way past the framework's
//! dispatch: all accounts are walked at once and handed to the handler as a slice, where the
//! framework would collect the members' accounts in a vector and copy that, 60 compute units an
//! account. The checks are the framework's own, of the same `Accounts` struct. Every other
//! instruction goes to the framework's dispatch.

use core::mem::MaybeUninit;
use core::slice::from_raw_parts;

use anchor_lang::prelude::*;
use anchor_lang::{check_program_id, AccountCursor, Discriminator, ErrorCode, TryAccounts};

use crate::instruction::ClaimBatch as ClaimBatchData;
use crate::instructions::{Claim, ClaimBatch};

anchor_lang::pinocchio::default_allocator!();
anchor_lang::pinocchio::default_panic_handler!();

/// More accounts than an instruction can have.
const MAX_ACCOUNTS: usize = 256;

/// The runtime calls this with its input and the address of the instruction's data.
///
/// # Safety
/// As the runtime lays it out: `input` starts with the number of accounts, eight bytes before
/// `data` stands its length, and behind it the program's own address.
#[cfg_attr(target_os = "solana", no_mangle)]
pub unsafe extern "C" fn entrypoint(input: *mut u8, data: *const u8) -> u64 {
    // SAFETY: the runtime's layout.
    unsafe {
        let len = data.sub(size_of::<u64>()).cast::<u64>().read() as usize;
        let program_id = &*data.add(len).cast::<Address>();
        let Some(arguments) = from_raw_parts(data, len).strip_prefix(ClaimBatchData::DISCRIMINATOR)
        else {
            return crate::__anchor_dispatch(input, data);
        };
        match claim_batch(input, program_id, arguments) {
            Ok(()) => 0,
            Err(error) => error.into(),
        }
    }
}

/// What the framework does for an instruction, with the trailing accounts as a slice.
///
/// # Safety
/// `input` is the runtime's.
#[inline(never)]
unsafe fn claim_batch(input: *mut u8, program_id: &Address, arguments: &[u8]) -> Result<()> {
    check_program_id(program_id, &crate::ID)?;
    let mut lookup = [const { MaybeUninit::<AccountView>::uninit() }; MAX_ACCOUNTS];
    // SAFETY: the runtime's input, walked over exactly its number of accounts.
    let (views, duplicates) = unsafe {
        let count = input.cast::<u64>().read() as usize;
        let mut cursor = AccountCursor::new(input, lookup.as_mut_ptr().cast());
        let (views, duplicates) = cursor.walk_n(count);
        (from_raw_parts(views.as_ptr(), count), duplicates.cloned())
    };
    let Some((declared, token_accounts)) = views.split_at_checked(ClaimBatch::HEADER_SIZE) else {
        return Err(ErrorCode::AccountNotEnoughKeys.into());
    };
    // None of the declared accounts is exclusive: `ClaimBatch` says why.
    const { assert!(matches!(ClaimBatch::MUT_MASK, [0, 0, 0, 0])) };
    let (mut accounts, ..) =
        ClaimBatch::validate_accounts(program_id, declared, duplicates.as_ref(), 0, arguments)?;
    let ClaimArguments { start_index, totals, proof } =
        anchor_lang::wincode::config::deserialize(arguments, anchor_lang::BORSH_CONFIG)
            .map_err(|_| ErrorCode::InstructionDidNotDeserialize)?;
    accounts.handler(&Claim { start_index, totals, proof, token_accounts })?;
    accounts.exit_accounts(arguments)
}

/// The arguments of `claim_batch`, read in place.
#[derive(AnchorDeserialize)]
struct ClaimArguments<'a> {
    start_index: u32,
    totals: &'a [u64],
    proof: &'a [[u8; 32]],
}
