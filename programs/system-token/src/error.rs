//! Every way this program refuses, in plain English.

use anchor_lang::prelude::*;

/// The program's own errors; codes count from 6000 in this order, so new ones go to the end.
#[error_code]
pub enum SystemTokenError {
    /// The distribution is paused.
    #[msg("The distribution is paused")]
    Paused,
    /// The mint has a freeze authority.
    #[msg("The mint has a freeze authority, which could lock members' tokens")]
    MintHasFreezeAuthority,
    /// The signer is not the mint's authority.
    #[msg("The signer is not the mint's current mint authority")]
    MintAuthorityMismatch,
    /// Oracle keys empty, too many, zero or repeated.
    #[msg("An oracle set has 1 to 16 distinct keys, none of them zero")]
    InvalidOracleSet,
    /// Threshold zero or above the number of oracles.
    #[msg("The threshold lies between 1 and the number of oracles")]
    InvalidThreshold,
    /// Emission schedule that can never pay or that overflows.
    #[msg("The emission schedule has a zero or out-of-range field")]
    InvalidEmission,
    /// Challenge window or timelock out of range.
    #[msg("The challenge window and the timelock last at most 30 days")]
    InvalidWindow,
    /// The instruction before this one is not the Ed25519 precompile.
    #[msg("The instruction right before this one is not the Ed25519 precompile")]
    MissingPrecompile,
    /// Precompile data too short or without signatures.
    #[msg("The Ed25519 precompile instruction has no readable signatures")]
    MalformedPrecompile,
    /// A precompile offset points to another instruction.
    #[msg("An Ed25519 offset points outside its own instruction")]
    ForeignOffset,
    /// The signed bytes hash to another digest.
    #[msg("The signed message does not hash to the given digest")]
    DigestMismatch,
    /// The signed bytes are no attestation.
    #[msg("The signed message is not an attestation")]
    InvalidAttestation,
    /// Attestation for another program or distribution.
    #[msg("The attestation is for another program or distribution")]
    ForeignAttestation,
    /// Attestation of an earlier or later oracle set.
    #[msg("The attestation belongs to another version of the oracle set")]
    StaleOracleSet,
    /// The epoch is not the one after the last finalized.
    #[msg("The epoch is not the one after the last finalized epoch")]
    EpochNotNext,
    /// The epoch has not ended by the chain's clock.
    #[msg("The epoch has not ended yet")]
    EpochNotEnded,
    /// A signature by a key outside the oracle set.
    #[msg("A signature is by a key outside the oracle set")]
    UnknownOracle,
    /// One oracle signs twice in one instruction.
    #[msg("One oracle's signature is given twice")]
    RepeatedOracle,
    /// The guardian vetoed the proposal.
    #[msg("The proposal was vetoed")]
    Vetoed,
    /// The proposal belongs to another distribution.
    #[msg("The proposal belongs to another distribution")]
    ForeignProposal,
    /// Too few signatures.
    #[msg("The proposal has too few oracle signatures")]
    BelowThreshold,
    /// The challenge window is still open.
    #[msg("The proposal's challenge window is still open")]
    ChallengeWindowOpen,
    /// The cumulative total shrank.
    #[msg("The cumulative total is below the last finalized one")]
    TotalDecreased,
    /// More in one epoch than the circuit breaker lets pass.
    #[msg("The epoch adds more than the growth limit")]
    GrowthLimitExceeded,
    /// Above the emission schedule.
    #[msg("The cumulative total exceeds what the emission schedule allows")]
    EmissionExceeded,
    /// Above the supply cap.
    #[msg("The cumulative total would exceed the supply cap")]
    SupplyCapExceeded,
    /// The mint is not the distribution's.
    #[msg("The mint or token program is not the distribution's")]
    MintMismatch,
    /// The page belongs to another distribution.
    #[msg("The ledger page belongs to another distribution")]
    ForeignPage,
    /// The members lie on another page.
    #[msg("The members' indices lie on another ledger page")]
    PageOutOfRange,
    /// Totals and token accounts differ in number.
    #[msg("Each total needs exactly one token account")]
    AccountCountMismatch,
    /// The leaves are no subtree of the tree.
    #[msg("The leaves are not an aligned run of the tree, or the proof has a wrong length")]
    InvalidRun,
    /// The proof does not lead to the root.
    #[msg("The proof does not lead to the finalized root")]
    InvalidProof,
    /// Minting would exceed the finalized total.
    #[msg("Minting would exceed the finalized cumulative total")]
    MintedExceedsTotal,
    /// Arithmetic left 64 bits.
    #[msg("An amount or time leaves its 64 bits")]
    Overflow,
    /// A ledger page past the last possible member.
    #[msg("A ledger page lies past the last possible member index")]
    InvalidPageIndex,
    /// The signer is not the admin.
    #[msg("The signer is not the distribution's admin")]
    NotAdmin,
    /// The signer is not the guardian.
    #[msg("The signer is not the distribution's guardian")]
    NotGuardian,
    /// The signer is neither the guardian nor the admin.
    #[msg("The signer is neither the distribution's guardian nor its admin")]
    NotGuardianOrAdmin,
    /// The signer is not the proposed admin.
    #[msg("The signer is not the proposed next admin")]
    NotPendingAdmin,
    /// The challenge window is over.
    #[msg("The proposal's challenge window is over")]
    ChallengeWindowClosed,
    /// The rent would go to another account.
    #[msg("The rent goes back to the account that paid it, and to no other")]
    RentPayerMismatch,
    /// The proposal can still be attested.
    #[msg("The proposal could be attested again, so it stays")]
    ProposalOpen,
    /// A change is queued already.
    #[msg("A change is queued already: execute or cancel it first")]
    ChangeQueued,
    /// No change is queued.
    #[msg("No change is queued")]
    NoChangeQueued,
    /// The queued change must wait longer.
    #[msg("The queued change's timelock is not over yet")]
    TimelockNotOver,
    /// Not a mint of a supported token program.
    #[msg("The mint is not one of SPL Token or Token-2022")]
    UnsupportedMint,
    /// A Token-2022 extension that could break the distribution's promises.
    #[msg("The mint has a Token-2022 extension other than metadata, metadata pointer and non-transferable")]
    UnsupportedExtension,
}
