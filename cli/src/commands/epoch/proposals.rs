//! Candidate epochs as the chain holds them, and what can become of each.

use std::fmt;

use anyhow::Context;
use solana_address::Address;
use system_token_chain::{Chain, ChainError, DataFilter};
use system_token_interface::{PROGRAM_ID, Proposal, proposal_address};

use super::schedule;
use crate::digest::Digest;
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::time::UtcTime;

/// Where an account's data hold the distribution: after the discriminator.
const DISTRIBUTION_OFFSET: usize = 8;

/// A candidate epoch and where it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) address: Address,
    pub(super) proposal: Proposal,
}

/// What can become of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its epoch is finalized, by itself or by another.
    Over,
    /// The guardian vetoed it.
    Vetoed,
    /// Another oracle set is in force.
    Stale,
    /// Too few oracles signed it.
    Collecting,
    /// It can be vetoed until then, UTC seconds.
    Challenge(i64),
    /// An earlier epoch is to be finalized first.
    NotNext,
    /// Its epoch ends then, UTC seconds.
    NotEnded(i64),
    /// It can be finalized.
    Ready,
}

impl State {
    /// The state's name, for programs.
    fn key(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Vetoed => "vetoed",
            Self::Stale => "stale",
            Self::Collecting => "collecting",
            Self::Challenge(_) => "challenge",
            Self::NotNext => "not_next",
            Self::NotEnded(_) => "not_ended",
            Self::Ready => "ready",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over => f.write_str("its epoch is finalized"),
            Self::Vetoed => f.write_str("the guardian vetoed it"),
            Self::Stale => f.write_str("it was signed under an earlier oracle set"),
            Self::Collecting => f.write_str("too few oracles signed it so far"),
            Self::Challenge(end) => write!(f, "it can be vetoed until {}", UtcTime(*end)),
            Self::NotNext => f.write_str("an earlier epoch is to be finalized first"),
            Self::NotEnded(end) => write!(f, "its epoch ends at {}", UtcTime(*end)),
            Self::Ready => f.write_str("it can be finalized"),
        }
    }
}

impl Candidate {
    /// Its attestation's digest.
    pub(super) fn digest(&self) -> Digest {
        Digest(self.proposal.digest)
    }

    /// Whether its epoch is still to be finalized.
    pub(super) fn is_open(&self, community: &Community) -> bool {
        self.proposal.epoch.get() > community.distribution.epoch.get()
    }

    /// When its challenge window ends, UTC seconds; `None` while too few oracles signed.
    fn window_end(&self, community: &Community) -> Option<i64> {
        let attested_at = Some(self.proposal.attested_at.get()).filter(|at| *at != 0)?;
        let challenge = i64::from(community.distribution.challenge_seconds.get());
        Some(attested_at.saturating_add(challenge))
    }

    /// What can become of it now.
    pub(super) fn state(&self, community: &Community) -> State {
        let distribution = &community.distribution;
        let epoch = self.proposal.epoch.get();
        let signed = self.proposal.signatures.get().count_ones();
        if !self.is_open(community) {
            return State::Over;
        }
        if self.proposal.vetoed != 0 {
            return State::Vetoed;
        }
        if self.proposal.oracle_set_version != distribution.oracle_set_version {
            return State::Stale;
        }
        let Some(window_end) = self.window_end(community) else {
            return State::Collecting;
        };
        if signed < u32::from(distribution.threshold) {
            return State::Collecting;
        }
        if community.now < window_end {
            return State::Challenge(window_end);
        }
        if epoch != distribution.epoch.get() + 1 {
            return State::NotNext;
        }
        match schedule::epoch_end(&distribution.emission, epoch) {
            Some(end) if community.now < end => State::NotEnded(end),
            _ => State::Ready,
        }
    }

    /// What there is to say about it.
    pub(super) fn report(&self, community: &Community) -> Report {
        let proposal = &self.proposal;
        let mut report = Report::new();
        report.field("epoch", "Epoch", Cell::number(proposal.epoch.get()));
        report.digest("digest", "Digest", proposal.digest);
        report.text("address", "Proposal", self.address);
        let state = self.state(community);
        report.field("state", "State", Cell::new(state, state.key()));
        let total = proposal.cumulative_total.get();
        report.amount("cumulative_total", "Earned in all", total, community.decimals);
        let growth = total.saturating_sub(community.distribution.cumulative_total.get());
        if self.is_open(community) {
            report.amount("growth", "Earned since", growth, community.decimals);
        }
        report.field("leaf_count", "Members", Cell::number(proposal.leaf_count.get()));
        report.digest("root", "Root", proposal.root);
        report.digest("bundle_hash", "Inputs", proposal.bundle_hash);
        let version = proposal.oracle_set_version.get();
        report.field("oracle_set_version", "Oracle set", Cell::number(version));
        for (key, label, at) in [
            ("attested_at", "Attested", Some(proposal.attested_at.get()).filter(|at| *at != 0)),
            ("window_ends_at", "Window ends", self.window_end(community)),
        ] {
            let cell = match at {
                Some(at) => Cell::text(UtcTime(at)),
                None => Cell::new("not yet", serde_json::Value::Null),
            };
            report.field(key, label, cell);
        }
        self.signatures(&mut report, community);
        report
    }

    /// Adds who signed it; of an earlier oracle set only how many did is known.
    fn signatures(&self, report: &mut Report, community: &Community) {
        let bits = self.proposal.signatures.get();
        let threshold = community.distribution.threshold;
        let shown = format!("{} of {threshold} needed", bits.count_ones());
        report.field("signature_count", "Signatures", Cell::new(shown, bits.count_ones()));
        if self.proposal.oracle_set_version != community.distribution.oracle_set_version {
            return;
        }
        let oracles = community.distribution.oracle_set().enumerate();
        let signed = oracles.map(|(i, oracle)| {
            let signed = bits >> i & 1 == 1;
            let shown = if signed { "signed" } else { "did not sign yet" };
            vec![Cell::text(oracle), Cell::new(shown, signed)]
        });
        report.table("oracles", "Oracles", &["address", "signed"], signed.collect());
    }
}

impl<C: Chain> Session<'_, '_, C> {
    /// All candidates of a community, by epoch and digest.
    ///
    /// # Errors
    /// When the chain cannot be read.
    pub(super) async fn candidates(&self, community: &Community) -> anyhow::Result<Vec<Candidate>> {
        let filters = [
            DataFilter { offset: 0, bytes: Proposal::DISCRIMINATOR.to_vec() },
            DataFilter { offset: DISTRIBUTION_OFFSET, bytes: community.address.to_bytes().into() },
        ];
        let accounts = self.chain.get_program_accounts(&PROGRAM_ID, &filters).await;
        let mut candidates = Vec::new();
        for (address, account) in accounts.context("failed to list the proposals")? {
            let proposal = Proposal::from_account_data(&account.data);
            let proposal = proposal.map_err(|source| ChainError::Account { address, source });
            let proposal = *proposal.context("failed to read a proposal")?;
            candidates.push(Candidate { address, proposal });
        }
        candidates.sort_by_key(|it| (it.proposal.epoch.get(), it.proposal.digest));
        Ok(candidates)
    }

    /// The candidate whose attestation has a digest.
    ///
    /// # Errors
    /// When there is none.
    pub(super) async fn candidate(
        &self,
        community: &Community,
        digest: Digest,
    ) -> anyhow::Result<Candidate> {
        let address = proposal_address(&community.address, &digest.0).0;
        let account = self.chain.get_account(&address).await;
        let account = account.context("failed to read the proposal")?;
        let account = account.filter(|account| account.owner == PROGRAM_ID).ok_or_else(|| {
            Refusal::new(
                format!("the distribution has no proposal with the digest {digest}"),
                "stk epoch show lists the open proposals and their digests.",
            )
        })?;
        let proposal = Proposal::from_account_data(&account.data);
        let proposal = proposal.map_err(|source| ChainError::Account { address, source });
        Ok(Candidate { address, proposal: *proposal.context("failed to read the proposal")? })
    }
}
