//! The program's errors by their codes.

/// Why the program refused; its code is 6000 plus its place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[repr(u32)]
pub enum SystemTokenError {
    /// The distribution is paused.
    #[error("The distribution is paused")]
    Paused = 6000,
    /// The mint has a freeze authority.
    #[error("The mint has a freeze authority, which could lock members' tokens")]
    MintHasFreezeAuthority,
    /// The signer is not the mint's authority.
    #[error("The signer is not the mint's current mint authority")]
    MintAuthorityMismatch,
    /// Oracle keys empty, too many, zero or repeated.
    #[error("An oracle set has 1 to 16 distinct keys, none of them zero")]
    InvalidOracleSet,
    /// Threshold zero or above the number of oracles.
    #[error("The threshold lies between 1 and the number of oracles")]
    InvalidThreshold,
    /// Emission schedule that can never pay or that overflows.
    #[error("The emission schedule has a zero or out-of-range field")]
    InvalidEmission,
    /// Challenge window or timelock out of range.
    #[error("The challenge window and the timelock last at most 30 days")]
    InvalidWindow,
    /// The instruction before this one is not the Ed25519 precompile.
    #[error("The instruction right before this one is not the Ed25519 precompile")]
    MissingPrecompile,
    /// Precompile data too short or without signatures.
    #[error("The Ed25519 precompile instruction has no readable signatures")]
    MalformedPrecompile,
    /// A precompile offset points to another instruction.
    #[error("An Ed25519 offset points outside its own instruction")]
    ForeignOffset,
    /// The signed bytes hash to another digest.
    #[error("The signed message does not hash to the given digest")]
    DigestMismatch,
    /// The signed bytes are no attestation.
    #[error("The signed message is not an attestation")]
    InvalidAttestation,
    /// Attestation for another program or distribution.
    #[error("The attestation is for another program or distribution")]
    ForeignAttestation,
    /// Attestation of an earlier or later oracle set.
    #[error("The attestation belongs to another version of the oracle set")]
    StaleOracleSet,
    /// The epoch is not the one after the last finalized.
    #[error("The epoch is not the one after the last finalized epoch")]
    EpochNotNext,
    /// The epoch has not ended by the chain's clock.
    #[error("The epoch has not ended yet")]
    EpochNotEnded,
    /// A signature by a key outside the oracle set.
    #[error("A signature is by a key outside the oracle set")]
    UnknownOracle,
    /// One oracle signs twice in one instruction.
    #[error("One oracle's signature is given twice")]
    RepeatedOracle,
    /// The guardian vetoed the proposal.
    #[error("The proposal was vetoed")]
    Vetoed,
    /// The proposal belongs to another distribution.
    #[error("The proposal belongs to another distribution")]
    ForeignProposal,
    /// Too few signatures.
    #[error("The proposal has too few oracle signatures")]
    BelowThreshold,
    /// The challenge window is still open.
    #[error("The proposal's challenge window is still open")]
    ChallengeWindowOpen,
    /// The cumulative total shrank.
    #[error("The cumulative total is below the last finalized one")]
    TotalDecreased,
    /// More in one epoch than the circuit breaker lets pass.
    #[error("The epoch adds more than the growth limit")]
    GrowthLimitExceeded,
    /// Above the emission schedule.
    #[error("The cumulative total exceeds what the emission schedule allows")]
    EmissionExceeded,
    /// Above the supply cap.
    #[error("The cumulative total would exceed the supply cap")]
    SupplyCapExceeded,
    /// The mint is not the distribution's.
    #[error("The mint or token program is not the distribution's")]
    MintMismatch,
    /// The page belongs to another distribution.
    #[error("The ledger page belongs to another distribution")]
    ForeignPage,
    /// The members lie on another page.
    #[error("The members' indices lie on another ledger page")]
    PageOutOfRange,
    /// Totals and token accounts differ in number.
    #[error("Each total needs exactly one token account")]
    AccountCountMismatch,
    /// The leaves are no subtree of the tree.
    #[error("The leaves are not an aligned run of the tree, or the proof has a wrong length")]
    InvalidRun,
    /// The proof does not lead to the root.
    #[error("The proof does not lead to the finalized root")]
    InvalidProof,
    /// Minting would exceed the finalized total.
    #[error("Minting would exceed the finalized cumulative total")]
    MintedExceedsTotal,
    /// Arithmetic left 64 bits.
    #[error("An amount or time leaves its 64 bits")]
    Overflow,
    /// A ledger page past the last possible member.
    #[error("A ledger page lies past the last possible member index")]
    InvalidPageIndex,
    /// The signer is not the admin.
    #[error("The signer is not the distribution's admin")]
    NotAdmin,
    /// The signer is not the guardian.
    #[error("The signer is not the distribution's guardian")]
    NotGuardian,
    /// The signer is neither the guardian nor the admin.
    #[error("The signer is neither the distribution's guardian nor its admin")]
    NotGuardianOrAdmin,
    /// The signer is not the proposed admin.
    #[error("The signer is not the proposed next admin")]
    NotPendingAdmin,
    /// The challenge window is over.
    #[error("The proposal's challenge window is over")]
    ChallengeWindowClosed,
    /// The rent would go to another account.
    #[error("The rent goes back to the account that paid it, and to no other")]
    RentPayerMismatch,
    /// The proposal can still be attested.
    #[error("The proposal could be attested again, so it stays")]
    ProposalOpen,
    /// A change is queued already.
    #[error("A change is queued already: execute or cancel it first")]
    ChangeQueued,
    /// No change is queued.
    #[error("No change is queued")]
    NoChangeQueued,
    /// The queued change must wait longer.
    #[error("The queued change's timelock is not over yet")]
    TimelockNotOver,
    /// Not a mint of a supported token program.
    #[error("The mint is not one of SPL Token or Token-2022")]
    UnsupportedMint,
    /// A Token-2022 extension that could break the distribution's promises.
    #[error(
        "The mint has a Token-2022 extension other than metadata, metadata pointer and non-transferable"
    )]
    UnsupportedExtension,
}

impl SystemTokenError {
    /// Every error, in the order of the codes.
    pub const ALL: &[Self] = &[
        Self::Paused,
        Self::MintHasFreezeAuthority,
        Self::MintAuthorityMismatch,
        Self::InvalidOracleSet,
        Self::InvalidThreshold,
        Self::InvalidEmission,
        Self::InvalidWindow,
        Self::MissingPrecompile,
        Self::MalformedPrecompile,
        Self::ForeignOffset,
        Self::DigestMismatch,
        Self::InvalidAttestation,
        Self::ForeignAttestation,
        Self::StaleOracleSet,
        Self::EpochNotNext,
        Self::EpochNotEnded,
        Self::UnknownOracle,
        Self::RepeatedOracle,
        Self::Vetoed,
        Self::ForeignProposal,
        Self::BelowThreshold,
        Self::ChallengeWindowOpen,
        Self::TotalDecreased,
        Self::GrowthLimitExceeded,
        Self::EmissionExceeded,
        Self::SupplyCapExceeded,
        Self::MintMismatch,
        Self::ForeignPage,
        Self::PageOutOfRange,
        Self::AccountCountMismatch,
        Self::InvalidRun,
        Self::InvalidProof,
        Self::MintedExceedsTotal,
        Self::Overflow,
        Self::InvalidPageIndex,
        Self::NotAdmin,
        Self::NotGuardian,
        Self::NotGuardianOrAdmin,
        Self::NotPendingAdmin,
        Self::ChallengeWindowClosed,
        Self::RentPayerMismatch,
        Self::ProposalOpen,
        Self::ChangeQueued,
        Self::NoChangeQueued,
        Self::TimelockNotOver,
        Self::UnsupportedMint,
        Self::UnsupportedExtension,
    ];

    /// The code that a failed transaction carries.
    pub const fn code(self) -> u32 {
        self as u32
    }

    /// The error of a failed transaction's code; `None` for a code of another program.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|error| error.code() == code)
    }
}
