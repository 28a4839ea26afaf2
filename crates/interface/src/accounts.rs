//! The accounts' bytes: an 8-byte discriminator, then the struct, little-endian, alignment 1.

use solana_address::Address;
use zerocopy::little_endian::{I64, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::MAX_ORACLES;

/// Why bytes are not the account that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The account has another length.
    #[error("a {account} account has {expected} bytes, this one has {found}")]
    Length {
        /// Name of the account type.
        account: &'static str,
        /// Bytes it has.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// The first eight bytes are of another account type.
    #[error("the account's discriminator is not that of a {account}")]
    Discriminator {
        /// Name of the account type.
        account: &'static str,
    },
}

/// Declares a struct as it lies in an account and lists its fields for the IDL test.
macro_rules! layout {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
        )]
        #[repr(C)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $name {
            /// Name, offset and size of every field, bytes.
            pub const FIELDS: &[(&str, usize, usize)] = &[$((
                stringify!($field),
                core::mem::offset_of!($name, $field),
                core::mem::size_of::<$type>(),
            ),)*];
        }
    };
}
pub(crate) use layout;

/// Reads accounts of a type that has a discriminator.
macro_rules! account {
    ($name:ident, $discriminator:expr) => {
        impl $name {
            /// The first eight bytes of such an account.
            pub const DISCRIMINATOR: [u8; 8] = $discriminator;

            /// Length of such an account, bytes.
            pub const ACCOUNT_LEN: usize = 8 + core::mem::size_of::<Self>();

            /// Reads an account's data.
            ///
            /// The caller checks that the program owns the account.
            ///
            /// # Errors
            /// [`AccountError`] when the length or the discriminator is another.
            pub fn from_account_data(data: &[u8]) -> Result<&Self, AccountError> {
                let account = stringify!($name);
                let (discriminator, body) = data.split_at_checked(8).unwrap_or((&[], &[]));
                if data.len() != Self::ACCOUNT_LEN {
                    return Err(AccountError::Length {
                        account,
                        expected: Self::ACCOUNT_LEN,
                        found: data.len(),
                    });
                }
                if discriminator != Self::DISCRIMINATOR {
                    return Err(AccountError::Discriminator { account });
                }
                Self::ref_from_bytes(body).map_err(|_| AccountError::Discriminator { account })
            }
        }
    };
}

layout! {
    /// How much a distribution may mint, and when.
    Emission {
        /// When epoch 1 begins, UTC seconds.
        start_at: I64,
        /// Length of an epoch, seconds.
        epoch_seconds: U32,
        /// Epochs between two decays of the budget; 0: it never decays.
        decay_epochs: U32,
        /// What a decay leaves of the budget, in 1/10000.
        decay_basis_points: U16,
        /// Budget of the next epoch to be finalized, base units.
        budget: U64,
        /// Sum of the budgets of all finalized epochs, base units.
        allowance: U64,
        /// The most one epoch may add to the cumulative total, base units.
        growth_limit: U64,
        /// The most the mint's supply may ever be, base units.
        supply_cap: U64,
    }
}

layout! {
    /// The root of everything: one for each mint, whose mint authority it is.
    Distribution {
        /// The mint of STK.
        mint: [u8; 32],
        /// The mint's token program.
        token_program: [u8; 32],
        /// May queue changes.
        admin: [u8; 32],
        /// Proposed as the next admin; zero: none.
        pending_admin: [u8; 32],
        /// May veto a proposal and pause.
        guardian: [u8; 32],
        /// Keys whose signatures count; only the first `oracle_count`.
        oracles: [[u8; 32]; MAX_ORACLES],
        /// How much may be minted, and when.
        emission: Emission,
        /// The last finalized epoch; 0: none yet.
        epoch: U64,
        /// Root of the last finalized epoch's tree.
        root: [u8; 32],
        /// Sum of the last finalized epoch's cumulative totals, base units.
        cumulative_total: U64,
        /// Everything minted by the program, base units.
        minted_total: U64,
        /// The mint's supply when the distribution was created, base units.
        initial_supply: U64,
        /// Leaves of the last finalized epoch's tree.
        leaf_count: U32,
        /// Grows with every change of the oracle set.
        oracle_set_version: U32,
        /// How long an attested proposal can be vetoed, seconds.
        challenge_seconds: U32,
        /// How long a queued change waits, seconds.
        timelock_seconds: U32,
        /// When the queued change may be executed, UTC seconds; 0: none is queued.
        change_eta: I64,
        /// What kind of change is queued.
        change_kind: u8,
        /// Whether attest, finalize and claim are stopped: 0 or 1.
        paused: u8,
        /// How many of `oracles` are in use.
        oracle_count: u8,
        /// Signatures that make an attestation valid.
        threshold: u8,
        /// Bump of the account's address.
        bump: u8,
        /// The queued change's bytes.
        change: [u8; 528],
        /// Room for later fields; zero.
        reserved: [u8; 123],
    }
}
account!(Distribution, [176, 85, 17, 11, 13, 194, 18, 1]);

impl Distribution {
    /// The keys whose signatures count.
    pub fn oracle_set(&self) -> impl Iterator<Item = Address> + '_ {
        self.oracles.iter().take(self.oracle_count.into()).copied().map(Address::from)
    }
}

layout! {
    /// One candidate epoch: what the oracles signed, and which of them did.
    Proposal {
        /// The distribution it is for.
        distribution: [u8; 32],
        /// Who paid the rent, and gets it back.
        rent_payer: [u8; 32],
        /// SHA-256 of the attestation.
        digest: [u8; 32],
        /// Root of the tree of cumulative totals.
        root: [u8; 32],
        /// Commits to the inputs: events, identity snapshot and policy.
        bundle_hash: [u8; 32],
        /// The epoch, counted from 1.
        epoch: U64,
        /// Sum of all leaves' cumulative totals, base units.
        cumulative_total: U64,
        /// When the threshold was reached, UTC seconds; 0: not yet.
        attested_at: I64,
        /// Leaves of the tree.
        leaf_count: U32,
        /// The version of the oracle set that signs.
        oracle_set_version: U32,
        /// Bit i: oracle i of the set signed.
        signatures: U16,
        /// Whether the guardian vetoed it: 0 or 1.
        vetoed: u8,
        /// Bump of the account's address.
        bump: u8,
        /// Room for later fields; zero.
        reserved: [u8; 32],
    }
}
account!(Proposal, [26, 94, 189, 187, 116, 136, 53, 33]);

layout! {
    /// Lifetime STK of 256 members.
    LedgerPage {
        /// The distribution it belongs to.
        distribution: [u8; 32],
        /// The page's number; member index i is on page i / 256.
        page_index: U32,
        /// Keeps `claimed` on a multiple of 8 bytes; zero.
        reserved: [u8; 4],
        /// Lifetime STK minted to each member, base units; position = member index mod 256.
        claimed: [U64; 256],
    }
}
account!(LedgerPage, [66, 54, 29, 101, 10, 93, 241, 133]);
