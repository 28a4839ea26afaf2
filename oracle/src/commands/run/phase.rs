//! Where a distribution's epochs stand, as the daemon sees it.

use std::fmt;

use jiff::Timestamp;

use crate::submit::Standing;

/// What the daemon waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Another process acts.
    Standby {
        /// Which.
        holder: String,
    },
    /// Every epoch that has ended is paid.
    Idle {
        /// The last one.
        epoch: u64,
    },
    /// An epoch has ended and cannot be closed yet.
    Closing {
        /// Why not.
        why: String,
    },
    /// An epoch is closed, and the chain goes no further for now.
    OnChain {
        /// The epoch.
        epoch: u64,
        /// How it stands there.
        standing: Standing,
    },
    /// Members were paid, and the ledger is read once more.
    Paying {
        /// The epoch.
        epoch: u64,
    },
    /// Members of an installed epoch are due who cannot be paid now.
    Unpayable {
        /// The epoch.
        epoch: u64,
        /// How many.
        members: u64,
    },
    /// Something failed that may go by itself.
    Later {
        /// What.
        why: String,
    },
    /// Something is wrong that somebody has to mend.
    Stuck {
        /// What.
        why: String,
    },
}

impl Phase {
    /// Every phase's name.
    pub(super) const NAMES: [&str; 8] =
        ["standby", "idle", "closing", "on_chain", "paying", "unpayable", "later", "stuck"];

    /// Its name, for metrics and programs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Standby { .. } => "standby",
            Self::Idle { .. } => "idle",
            Self::Closing { .. } => "closing",
            Self::OnChain { .. } => "on_chain",
            Self::Paying { .. } => "paying",
            Self::Unpayable { .. } => "unpayable",
            Self::Later { .. } => "later",
            Self::Stuck { .. } => "stuck",
        }
    }

    /// Whether all is as it should be, so far.
    pub(super) fn is_ready(&self) -> bool {
        match self {
            Self::Stuck { .. } | Self::Later { .. } => false,
            Self::OnChain { standing, .. } => standing.is_waiting(),
            _ => true,
        }
    }

    /// Whether it may go on sooner than new work comes.
    pub(super) fn is_waiting(&self) -> bool {
        !matches!(self, Self::Idle { .. })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standby { holder } => write!(formatter, "standing by: {holder} acts"),
            Self::Idle { epoch } => write!(formatter, "every epoch up to {epoch} is paid"),
            Self::Closing { why } | Self::Later { why } => formatter.write_str(why),
            Self::OnChain { epoch, standing: Standing::Challenge { until } } => {
                let until = Timestamp::from_second(*until).unwrap_or(Timestamp::MAX);
                write!(formatter, "epoch {epoch} can be vetoed until {until}")
            }
            Self::OnChain { epoch, standing } => write!(formatter, "epoch {epoch}: {standing}"),
            Self::Paying { epoch } => write!(formatter, "the members of epoch {epoch} are paid"),
            Self::Unpayable { epoch, members } => write!(
                formatter,
                "epoch {epoch} is paid, but for {members} members without a token account that can take it"
            ),
            Self::Stuck { why } => write!(formatter, "stuck: {why}"),
        }
    }
}
