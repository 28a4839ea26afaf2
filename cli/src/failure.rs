//! What went wrong, said so that the reader knows what to do next.

use anyhow::Error;
use serde::Serialize;
use solana_instruction::error::InstructionError;
use system_token_chain::{ChainError, program_error};
use system_token_interface::SystemTokenError;

/// Why a command does not even try: the chain would refuse, or the command line leaves no choice.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    message: String,
    hint: String,
}

impl Refusal {
    /// What is the matter, and what to do about it.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// An error as `--output json` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program_error: Option<ProgramError>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<String>,
}

/// The on-chain program's own error.
#[derive(Debug, Serialize)]
struct ProgramError {
    code: u32,
    name: String,
    message: String,
}

impl Failure {
    /// Everything there is to say about an error.
    pub(crate) fn of(error: &Error) -> Self {
        let refusal = error.downcast_ref::<Refusal>();
        let chain = error.chain().find_map(|cause| cause.downcast_ref::<ChainError>());
        let program = chain.and_then(ChainError::program_error);
        let hint = refusal.map(|refusal| refusal.hint.clone());
        Self {
            message: format!("{error:#}"),
            hint: hint.or_else(|| program.and_then(advice).map(str::to_owned)).or_else(|| {
                let other = chain.and_then(chain_advice);
                other.map(str::to_owned)
            }),
            program_error: program.map(|error| ProgramError {
                code: error.code(),
                name: format!("{error:?}"),
                message: error.to_string(),
            }),
            logs: match chain {
                Some(ChainError::Rejected { logs, .. }) => logs.clone(),
                _ => Vec::new(),
            },
        }
    }

    /// The error for people.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("stk: {}\n", self.message);
        if let Some(hint) = &self.hint {
            text += &format!("hint: {hint}\n");
        }
        if !self.logs.is_empty() {
            text += "logs:\n";
        }
        for log in &self.logs {
            text += &format!("  {log}\n");
        }
        text
    }
}

/// What to do about the program's errors that a command can run into.
pub(crate) fn advice(error: SystemTokenError) -> Option<&'static str> {
    use SystemTokenError as E;
    Some(match error {
        E::Paused => "Wait until the admin lets it go on: stk unpause.",
        E::MintHasFreezeAuthority => {
            "Give the freeze authority up first: spl-token authorize <MINT> freeze --disable."
        }
        E::MintAuthorityMismatch => "Name the mint's authority with --mint-authority.",
        E::InvalidOracleSet => "Name 1 to 16 different oracles.",
        E::InvalidThreshold => "Choose a threshold between 1 and the number of oracles.",
        E::InvalidEmission => {
            "Budget and growth limit are above 0, the supply cap is at least the mint's supply, the \
             start is after 1970, and an epoch lasts at least a second."
        }
        E::InvalidWindow => "Choose a challenge window and a timelock of at most 30d.",
        E::StaleOracleSet => "The oracles must sign the epoch again with the present oracle set.",
        E::EpochNotEnded | E::ChallengeWindowOpen | E::TimelockNotOver => {
            "Wait, and try again: stk status and stk epoch show say until when."
        }
        E::EpochNotNext => "Epochs are finalized one after the other: stk epoch show lists them.",
        E::BelowThreshold => "More oracles must sign it first: stk epoch show says who did.",
        E::Vetoed => "The oracles must agree on another result for the epoch.",
        E::GrowthLimitExceeded | E::EmissionExceeded | E::SupplyCapExceeded => {
            "If the epoch is right, the admin must widen the emission first: stk emission queue."
        }
        E::NotAdmin | E::NotGuardian | E::NotGuardianOrAdmin | E::NotPendingAdmin => {
            "stk status says who may; let that address sign with --authority."
        }
        E::ChallengeWindowClosed => {
            "It can no longer be vetoed. The guardian can still stop everything: stk pause."
        }
        E::ChangeQueued => "stk change execute or stk change cancel comes first.",
        E::NoChangeQueued => "stk change list shows what is queued.",
        E::UnsupportedMint | E::UnsupportedExtension => {
            "Take a mint of SPL Token, or of Token-2022 with no other extension than metadata, \
             metadata pointer and non-transferable."
        }
        _ => return None,
    })
}

/// What to do when it is not the program that refused.
fn chain_advice(error: &ChainError) -> Option<&'static str> {
    match error {
        ChainError::Rpc { .. } => {
            Some("Is the cluster reachable? stk config shows its URL; --url names another.")
        }
        ChainError::Unconfirmed { .. } => Some(
            "It may still succeed. Look at it with solana confirm <SIGNATURE> before trying again.",
        ),
        ChainError::Rejected { error, .. } if program_error(error).is_none() => {
            use solana_transaction_error::TransactionError as T;
            match error {
                T::AccountNotFound | T::InsufficientFundsForFee => Some(
                    "The fee payer has no SOL on this cluster: fund it, or name another with \
                     --fee-payer.",
                ),
                T::InsufficientFundsForRent { .. } => Some("The fee payer has too little SOL."),
                // So the framework says of an instruction that the program does not know.
                T::InstructionError(_, InstructionError::InvalidInstructionData) => {
                    Some("The SystemToken program on this cluster may be older than this stk.")
                }
                T::ProgramAccountNotFound => Some(
                    "The SystemToken program is not deployed on this cluster: --url names another.",
                ),
                _ => None,
            }
        }
        _ => None,
    }
}
