//! Events, as the program sends them to itself: the data of an inner instruction, which no log
//! limit cuts off.
//!
//! ```text
//! tag 8 ‖ discriminator 8 ‖ fields, little-endian, alignment 1
//! ```
//!
//! Bytes alone prove nothing: an indexer takes them from an inner instruction of this program
//! whose one account is the event authority, of a transaction that succeeded. A claim sends no
//! event; the token program's `MintTo`s are inner instructions already.

use zerocopy::little_endian::{I64, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::accounts::layout;

/// The first eight bytes of an instruction that carries an event, whatever event it is.
pub const EVENT_TAG: [u8; 8] = 0x1d9a_cb51_2ea5_45e4_u64.to_le_bytes();

/// Declares the events, each with its discriminator, and the enum of all of them.
macro_rules! events {
    ($(
        $(#[$meta:meta])*
        $name:ident $discriminator:tt { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }
    )*) => {
        $(
            layout! {
                $(#[$meta])*
                $name { $($(#[$field_meta])* $field: $type,)* }
            }

            impl $name {
                /// The eight bytes behind the tag: the first of SHA-256 of `event:<Name>`.
                pub const DISCRIMINATOR: [u8; 8] = $discriminator;
            }
        )*

        /// Any of the program's events.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$meta])* $name($name),)*
        }

        impl Event {
            /// Reads the data of an inner instruction, tag and all; `None` when it is no event, or
            /// one that only a later program sends.
            pub fn decode(data: &[u8]) -> Option<Self> {
                let data = data.strip_prefix(&EVENT_TAG)?;
                let (discriminator, fields) = data.split_first_chunk()?;
                match *discriminator {
                    $($name::DISCRIMINATOR => {
                        $name::read_from_bytes(fields).ok().map(Self::$name)
                    })*
                    _ => None,
                }
            }
        }
    };
}

events! {
    /// A mint has a distribution now.
    DistributionInitialized [236, 35, 72, 215, 13, 96, 68, 100] {
        /// The distribution.
        distribution: [u8; 32],
        /// Its mint.
        mint: [u8; 32],
        /// The mint's supply at that time, base units.
        initial_supply: U64,
    }

    /// An epoch's attestation has reached the threshold: its challenge window is open.
    ProposalAttested [177, 69, 182, 108, 164, 41, 87, 13] {
        /// The distribution.
        distribution: [u8; 32],
        /// SHA-256 of the attestation.
        digest: [u8; 32],
        /// The epoch.
        epoch: U64,
        /// When the window opened, UTC seconds.
        attested_at: I64,
    }

    /// The guardian has stopped a proposal.
    ProposalVetoed [185, 29, 77, 23, 134, 251, 155, 27] {
        /// The distribution.
        distribution: [u8; 32],
        /// SHA-256 of the attestation.
        digest: [u8; 32],
        /// The epoch.
        epoch: U64,
    }

    /// An epoch is installed: its members can claim.
    EpochFinalized [109, 54, 231, 81, 101, 249, 145, 107] {
        /// The distribution.
        distribution: [u8; 32],
        /// Root of the tree of cumulative totals.
        root: [u8; 32],
        /// The epoch.
        epoch: U64,
        /// Sum of all cumulative totals, base units.
        cumulative_total: U64,
        /// Leaves of the tree.
        leaf_count: U64,
    }

    /// A change waits for its timelock.
    ChangeQueued [232, 143, 80, 230, 125, 117, 169, 213] {
        /// The distribution.
        distribution: [u8; 32],
        /// From when on anyone may execute it, UTC seconds.
        eta: I64,
        /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
        kind: U64,
    }

    /// A change is in force.
    ChangeExecuted [50, 115, 8, 12, 139, 8, 191, 26] {
        /// The distribution.
        distribution: [u8; 32],
        /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
        kind: U64,
    }

    /// A change was dropped before it came into force.
    ChangeCancelled [139, 179, 97, 81, 214, 21, 119, 93] {
        /// The distribution.
        distribution: [u8; 32],
        /// Its kind: 0 oracle set, 1 emission, 2 windows, 3 guardian.
        kind: U64,
    }

    /// Attest, finalize and claim have stopped, or go on.
    PauseChanged [238, 188, 213, 78, 134, 209, 178, 218] {
        /// The distribution.
        distribution: [u8; 32],
        /// Who did it.
        authority: [u8; 32],
        /// Whether they are stopped now: 0 or 1.
        paused: U64,
    }

    /// Somebody may take over as the admin.
    AdminProposed [129, 249, 226, 227, 199, 82, 110, 243] {
        /// The distribution.
        distribution: [u8; 32],
        /// Who may accept; zero: nobody any more.
        pending_admin: [u8; 32],
    }

    /// Another admin has taken over.
    AdminChanged [232, 34, 31, 226, 62, 18, 19, 114] {
        /// The distribution.
        distribution: [u8; 32],
        /// The admin from now on.
        admin: [u8; 32],
    }
}
