//! Takes a signed epoch as far as the chain lets it go: signatures sent, then installed.
//!
//! Every step is read from the chain first, so it is sound to repeat, and for several oracles at once.

use std::fmt;

use jiff::Timestamp;
use system_token_attestation::Attestation;
use system_token_chain::{Chain, ChainError};
use system_token_interface::instructions::OracleSignature;
use system_token_interface::{Distribution, Proposal, proposal_address};

use super::Submitter;

/// Signatures in one transaction: so many fit its bytes.
const SIGNATURES_PER_TRANSACTION: usize = 4;

/// How far an epoch has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
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
    /// Too few of the set's oracles have signed.
    Collecting {
        /// How many have.
        signatures: u32,
        /// How many have to.
        threshold: u8,
    },
    /// The guardian can veto it until then, UTC seconds.
    Challenge {
        /// The end of the window.
        until: i64,
    },
    /// The guardian vetoed it.
    Vetoed,
    /// The distribution is paused.
    Paused,
}

impl Settled {
    /// Whether it goes on by itself, with time or when others have done their part.
    pub fn is_waiting(&self) -> bool {
        matches!(
            self,
            Self::NotNext { .. } | Self::Collecting { .. } | Self::Challenge { .. } | Self::Paused
        )
    }
}

impl fmt::Display for Settled {
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
            Self::Collecting { signatures, threshold } => {
                write!(formatter, "{signatures} of the set's oracles have signed, of {threshold}")
            }
            Self::Challenge { until } => {
                let until = Timestamp::from_second(*until).unwrap_or(Timestamp::MAX);
                write!(formatter, "the guardian can veto it until {until}")
            }
            Self::Vetoed => formatter.write_str("the guardian vetoed it"),
            Self::Paused => formatter.write_str("the distribution is paused"),
        }
    }
}

impl<C: Chain> Submitter<C> {
    /// Sends the signatures that are missing, as far as the threshold needs them, and installs the epoch
    /// when its window is over. Each signature is one over the attestation.
    ///
    /// # Errors
    /// [`ChainError`] when the chain cannot be read or refuses a transaction.
    pub async fn settle(
        &mut self,
        attestation: &Attestation,
        signatures: &[OracleSignature],
    ) -> Result<Settled, ChainError> {
        let distribution = self.distribution().await?;
        if let Some(settled) = before_signatures(&distribution, attestation) {
            return Ok(settled);
        }
        let mut proposal = self.proposal(attestation).await?;
        if !is_attested(proposal.as_ref()) {
            let signed = proposal.map_or(0, |proposal| proposal.signatures.get());
            let missing = missing(&distribution, signed, signatures);
            for part in missing.chunks(SIGNATURES_PER_TRANSACTION) {
                self.attest(attestation, part).await?;
            }
            proposal = self.proposal(attestation).await?;
        }
        let threshold = distribution.threshold;
        let Some(proposal) = proposal else {
            return Ok(Settled::Collecting { signatures: 0, threshold });
        };
        if proposal.vetoed != 0 {
            return Ok(Settled::Vetoed);
        }
        if proposal.attested_at.get() == 0 {
            let signatures = proposal.signatures.get().count_ones();
            return Ok(Settled::Collecting { signatures, threshold });
        }
        let challenge = i64::from(distribution.challenge_seconds.get());
        let until = proposal.attested_at.get().saturating_add(challenge);
        if self.chain.time().await?.unix_timestamp < until {
            return Ok(Settled::Challenge { until });
        }
        self.finalize(&attestation.digest()).await?;
        Ok(Settled::Finalized)
    }

    async fn proposal(&self, attestation: &Attestation) -> Result<Option<Proposal>, ChainError> {
        let address = proposal_address(&self.distribution, &attestation.digest()).0;
        let Some(account) = self.chain.get_account(&address).await? else {
            return Ok(None);
        };
        let proposal = Proposal::from_account_data(&account.data);
        proposal
            .map(|proposal| Some(*proposal))
            .map_err(|source| ChainError::Account { address, source })
    }
}

/// What stands in the way, whoever has signed.
fn before_signatures(distribution: &Distribution, attestation: &Attestation) -> Option<Settled> {
    let (finalized, epoch) = (distribution.epoch.get(), attestation.epoch);
    let version = distribution.oracle_set_version.get();
    if epoch == finalized && distribution.root != attestation.root {
        return Some(Settled::OtherResult);
    }
    if epoch <= finalized {
        return Some(Settled::Finalized);
    }
    if epoch > finalized + 1 {
        return Some(Settled::NotNext { finalized });
    }
    if version != attestation.oracle_set_version {
        return Some(Settled::OtherOracleSet { version });
    }
    (distribution.paused != 0).then_some(Settled::Paused)
}

fn is_attested(proposal: Option<&Proposal>) -> bool {
    proposal.is_some_and(|proposal| proposal.vetoed != 0 || proposal.attested_at.get() != 0)
}

/// Signatures of oracles of the set who have not signed on chain, as many as the threshold needs.
fn missing(
    distribution: &Distribution,
    signed: u16,
    signatures: &[OracleSignature],
) -> Vec<OracleSignature> {
    let needed = u32::from(distribution.threshold).saturating_sub(signed.count_ones());
    let set = distribution.oracle_set().enumerate();
    let unsigned = set.filter(|(place, _)| signed & (1 << place) == 0);
    let found = unsigned.filter_map(|(_, oracle)| {
        signatures.iter().find(|signature| signature.oracle == oracle).copied()
    });
    found.take(needed as usize).collect()
}
