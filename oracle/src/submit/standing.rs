//! How far an epoch has come on chain: read, never believed from elsewhere.

use std::fmt;

use jiff::Timestamp;
use solana_address::Address;
use system_token_attestation::Attestation;
use system_token_chain::{Chain, ChainError};
use system_token_interface::{Distribution, Proposal, proposal_address};

/// How far an epoch has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is installed: its members can be paid.
    Finalized,
    /// Another result of the epoch is installed.
    OtherResult,
    /// An earlier epoch is to be installed first.
    NotNext {
        /// The last one that is.
        finalized: u64,
    },
    /// Another oracle set is in force, for which oracles have to sign anew.
    OtherOracleSet {
        /// Its version.
        version: u32,
    },
    /// Too few of the set's oracles have signed on chain.
    Collecting {
        /// Who of the set has: bit i for oracle i.
        signed: u16,
        /// How many have to.
        threshold: u8,
    },
    /// The guardian can veto it until then, UTC seconds.
    Challenge {
        /// The end of the window.
        until: i64,
    },
    /// It can be installed.
    Ready,
    /// The guardian vetoed it.
    Vetoed,
    /// The distribution is paused.
    Paused,
}

impl Standing {
    /// Reads how far an epoch has come.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be read, or has no distribution.
    pub async fn read(chain: &impl Chain, attestation: &Attestation) -> Result<Self, ChainError> {
        let distribution = read_distribution(chain, &attestation.distribution.into()).await?;
        Self::read_for(chain, &distribution, attestation).await
    }

    /// Reads how far an epoch of a distribution has come.
    pub(super) async fn read_for(
        chain: &impl Chain,
        distribution: &Distribution,
        attestation: &Attestation,
    ) -> Result<Self, ChainError> {
        if let Some(standing) = Self::whoever_signed(distribution, attestation) {
            return Ok(standing);
        }
        let threshold = distribution.threshold;
        let Some(proposal) = read_proposal(chain, attestation).await? else {
            return Ok(Self::Collecting { signed: 0, threshold });
        };
        if proposal.vetoed != 0 {
            return Ok(Self::Vetoed);
        }
        if proposal.attested_at.get() == 0 {
            return Ok(Self::Collecting { signed: proposal.signatures.get(), threshold });
        }
        let challenge = i64::from(distribution.challenge_seconds.get());
        let until = proposal.attested_at.get().saturating_add(challenge);
        let now = chain.time().await?.unix_timestamp;
        Ok(if now < until { Self::Challenge { until } } else { Self::Ready })
    }

    /// What the distribution alone says.
    fn whoever_signed(distribution: &Distribution, attestation: &Attestation) -> Option<Self> {
        let (finalized, epoch) = (distribution.epoch.get(), attestation.epoch);
        let version = distribution.oracle_set_version.get();
        if epoch == finalized && distribution.root != attestation.root {
            return Some(Self::OtherResult);
        }
        if epoch <= finalized {
            return Some(Self::Finalized);
        }
        if epoch > finalized + 1 {
            return Some(Self::NotNext { finalized });
        }
        if version != attestation.oracle_set_version {
            return Some(Self::OtherOracleSet { version });
        }
        (distribution.paused != 0).then_some(Self::Paused)
    }

    /// Its name, for programs.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Finalized => "finalized",
            Self::OtherResult => "other_result",
            Self::NotNext { .. } => "not_next",
            Self::OtherOracleSet { .. } => "other_oracle_set",
            Self::Collecting { .. } => "collecting",
            Self::Challenge { .. } => "challenge",
            Self::Ready => "ready",
            Self::Vetoed => "vetoed",
            Self::Paused => "paused",
        }
    }

    /// Whether it goes on with time, or when others have done their part.
    pub fn is_waiting(&self) -> bool {
        matches!(
            self,
            Self::NotNext { .. } | Self::Collecting { .. } | Self::Challenge { .. } | Self::Paused
        )
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finalized => formatter.write_str("it is installed, and its members can be paid"),
            Self::OtherResult => formatter.write_str("another result of this epoch is installed"),
            Self::NotNext { finalized } => {
                write!(formatter, "epoch {} is to be installed first", finalized + 1)
            }
            Self::OtherOracleSet { version } => write!(
                formatter,
                "oracle set {version} is in force: sign it with --oracle-set-version {version}"
            ),
            Self::Collecting { signed, threshold } => {
                let signed = signed.count_ones();
                write!(formatter, "{signed} of the set's oracles have signed, of {threshold}")
            }
            Self::Challenge { until } => {
                let until = Timestamp::from_second(*until).unwrap_or(Timestamp::MAX);
                write!(formatter, "the guardian can veto it until {until}")
            }
            Self::Ready => formatter.write_str("it can be installed"),
            Self::Vetoed => formatter.write_str("the guardian vetoed it"),
            Self::Paused => formatter.write_str("the distribution is paused"),
        }
    }
}

/// The distribution at an address.
///
/// # Errors
/// [`ChainError::NoAccount`] before it is initialized.
pub async fn read_distribution(
    chain: &impl Chain,
    address: &Address,
) -> Result<Distribution, ChainError> {
    let account = chain.get_account(address).await?.ok_or(ChainError::NoAccount(*address))?;
    let distribution = Distribution::from_account_data(&account.data).copied();
    distribution.map_err(|source| ChainError::Account { address: *address, source })
}

async fn read_proposal(
    chain: &impl Chain,
    attestation: &Attestation,
) -> Result<Option<Proposal>, ChainError> {
    let distribution = attestation.distribution.into();
    let address = proposal_address(&distribution, &attestation.digest()).0;
    let Some(account) = chain.get_account(&address).await? else {
        return Ok(None);
    };
    let proposal = Proposal::from_account_data(&account.data).copied();
    proposal.map(Some).map_err(|source| ChainError::Account { address, source })
}
