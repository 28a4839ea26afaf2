//! What indexers must not miss: events that the program sends to itself.
//!
//! A log may be cut off; the data of an inner instruction never is. So each event is a call of
//! this program by itself, signed by its event authority, as `emit_cpi!` of the framework makes it;
//! the framework's dispatch lets nobody else make such a call. A claim needs no event: the token
//! program's `MintTo`s are inner instructions already, one for each member who was paid.

use anchor_lang::event::EVENT_IX_TAG_LE;
use anchor_lang::prelude::*;
use anchor_lang::{AnchorAccount, Event};
use pinocchio::cpi::{invoke_signed_unchecked, CpiAccount, Seed, Signer as CpiSigner};
use pinocchio::instruction::{InstructionAccount, InstructionView};

extern crate alloc;

use alloc::vec::Vec;

/// A mint has a distribution now.
#[event(bytemuck)]
pub struct DistributionInitialized {
    /// The distribution.
    pub distribution: Address,
    /// Its mint.
    pub mint: Address,
    /// The mint's supply at that time, base units.
    pub initial_supply: u64,
}

/// An epoch's attestation has reached the threshold: its challenge window is open.
#[event(bytemuck)]
pub struct ProposalAttested {
    /// The distribution.
    pub distribution: Address,
    /// SHA-256 of the attestation.
    pub digest: [u8; 32],
    /// The epoch.
    pub epoch: u64,
    /// When the window opened, UTC seconds.
    pub attested_at: i64,
}

/// The guardian has stopped a proposal.
#[event(bytemuck)]
pub struct ProposalVetoed {
    /// The distribution.
    pub distribution: Address,
    /// SHA-256 of the attestation.
    pub digest: [u8; 32],
    /// The epoch.
    pub epoch: u64,
}

/// An epoch is installed: its members can claim.
#[event(bytemuck)]
pub struct EpochFinalized {
    /// The distribution.
    pub distribution: Address,
    /// Root of the tree of cumulative totals.
    pub root: [u8; 32],
    /// The epoch.
    pub epoch: u64,
    /// Sum of all cumulative totals, base units.
    pub cumulative_total: u64,
    /// Leaves of the tree.
    pub leaf_count: u64,
}

/// A change waits for its timelock.
#[event(bytemuck)]
pub struct ChangeQueued {
    /// The distribution.
    pub distribution: Address,
    /// From when on anyone may execute it, UTC seconds.
    pub eta: i64,
    /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
    pub kind: u64,
}

/// A change is in force.
#[event(bytemuck)]
pub struct ChangeExecuted {
    /// The distribution.
    pub distribution: Address,
    /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
    pub kind: u64,
}

/// A change was dropped before it came into force.
#[event(bytemuck)]
pub struct ChangeCancelled {
    /// The distribution.
    pub distribution: Address,
    /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
    pub kind: u64,
}

/// Attest, finalize and claim have stopped, or go on.
#[event(bytemuck)]
pub struct PauseChanged {
    /// The distribution.
    pub distribution: Address,
    /// Who did it.
    pub authority: Address,
    /// Whether they are stopped now: 0 or 1.
    pub paused: u64,
}

/// Somebody may take over as the admin.
#[event(bytemuck)]
pub struct AdminProposed {
    /// The distribution.
    pub distribution: Address,
    /// Who may accept; zero: nobody any more.
    pub pending_admin: Address,
}

/// Another admin has taken over.
#[event(bytemuck)]
pub struct AdminChanged {
    /// The distribution.
    pub distribution: Address,
    /// The admin from now on.
    pub admin: Address,
}

/// Sends an event; `authority` is the event authority, whose address and bump were checked.
pub fn emit(authority: &UncheckedAccount, bump: u8, event: &impl Event) {
    send(authority.account(), bump, &event.data());
}

#[inline(never)]
fn send(authority: &AccountView, bump: u8, event: &[u8]) {
    let mut data = Vec::with_capacity(EVENT_IX_TAG_LE.len() + event.len());
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(event);
    let bump = [bump];
    let seeds = [Seed::from(b"__event_authority".as_slice()), Seed::from(bump.as_slice())];
    let accounts = [InstructionAccount::readonly_signer(authority.address())];
    let instruction = InstructionView { program_id: &crate::ID, accounts: &accounts, data: &data };
    // SAFETY: the called instruction reads and writes no account's data.
    unsafe {
        invoke_signed_unchecked(
            &instruction,
            &[CpiAccount::from(authority)],
            &[CpiSigner::from(&seeds)],
        );
    }
}
