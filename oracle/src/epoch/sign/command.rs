//! A key that is elsewhere: a command is asked to sign, and its answer is verified.
//!
//! The attestation's bytes go to its standard input, as hexadecimal digits and a line's end; it answers
//! with a line on standard output, the signature as base58. What it writes to standard error is ours too.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use solana_address::Address;
use solana_signature::Signature;
use system_token_attestation::Attestation;
use system_token_interface::instructions::OracleSignature;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::hex::hex;
use crate::keypair::KeyError;

/// The longest answer, bytes.
const MAX_ANSWER_BYTES: u64 = 1_024;

/// A command that signs for an oracle. It is run as it is, by no shell.
#[derive(Clone)]
pub struct SignerCommand {
    program: String,
    arguments: Vec<String>,
    oracle: Address,
    timeout: Duration,
}

/// Why a command did not sign. Nothing of what it answered is told: it may be a key.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// It cannot be run, or talked to.
    #[error("the signer command `{program}`: {source}. Is it installed, and may it be run?")]
    Run {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// It ended otherwise than well.
    #[error(
        "the signer command `{program}` did not sign ({status}): what it says is above; run it by hand"
    )]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It did not answer in time, and was ended.
    #[error(
        "the signer command `{program}` has not answered within {seconds} s, and was ended. Does it wait \
         for somebody? Give it longer: oracle_key.timeout_seconds"
    )]
    TimedOut {
        /// The program.
        program: String,
        /// How long it had.
        seconds: u64,
    },
    /// It answers more than a signature, and was ended.
    #[error(
        "the signer command `{program}` answers more than {MAX_ANSWER_BYTES} bytes: expected one line, a \
         signature as base58"
    )]
    TooLong {
        /// The program.
        program: String,
    },
    /// What it answers is no signature.
    #[error(
        "the signer command `{program}` answers no signature: expected one line, 64 bytes as base58"
    )]
    NoSignature {
        /// The program.
        program: String,
    },
    /// What it answers is a signature of something else, or of somebody else.
    #[error(
        "the signer command `{program}` answers a signature that is not {oracle}'s over what was asked: \
         is it the key of this address, and does it sign the bytes themselves, without a hash before?"
    )]
    Wrong {
        /// The program.
        program: String,
        /// Who should have signed.
        oracle: Address,
    },
}

impl SignerCommand {
    /// How long a command may take, if nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(30);

    /// A program with its arguments that signs for an oracle.
    ///
    /// # Errors
    /// [`KeyError::NoCommand`] when there is no program.
    pub fn new(command: &[String], oracle: Address) -> Result<Self, KeyError> {
        let [program, arguments @ ..] = command else { return Err(KeyError::NoCommand) };
        if program.is_empty() {
            return Err(KeyError::NoCommand);
        }
        let (program, arguments) = (program.clone(), arguments.to_vec());
        Ok(Self { program, arguments, oracle, timeout: Self::TIMEOUT })
    }

    /// The same, with another time to answer in.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The oracle's public key.
    pub fn address(&self) -> Address {
        self.oracle
    }

    /// Has an epoch's attestation signed. The command is told in its environment what it is about:
    /// `STK_EPOCH`, `STK_ORACLE_SET_VERSION`, and `STK_DIGEST`, the attestation's SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// [`SignError`] when it does not answer with the oracle's signature over the attestation.
    pub async fn sign(&self, attestation: &Attestation) -> Result<OracleSignature, SignError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env("STK_EPOCH", attestation.epoch.to_string())
            .env("STK_ORACLE_SET_VERSION", attestation.oracle_set_version.to_string())
            .env("STK_DIGEST", hex(&attestation.digest()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(self.run_error())?;
        let bytes = attestation.to_bytes();
        let asked = tokio::time::timeout(self.timeout, self.ask(&mut child, &bytes)).await;
        let answer = asked.unwrap_or_else(|_| {
            let (program, seconds) = (self.program.clone(), self.timeout.as_secs());
            Err(SignError::TimedOut { program, seconds })
        });
        if answer.is_err() {
            // It may have ended by itself meanwhile.
            let _ = child.kill().await;
        }
        self.verified(&answer?, &bytes)
    }

    /// What the command answers to a message.
    async fn ask(&self, child: &mut Child, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if let Some(mut input) = child.stdin.take() {
            let line = hex(message) + "\n";
            match input.write_all(line.as_bytes()).await {
                // It may know what it has to sign without reading it.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    return Err(self.run_error()(error));
                }
                _ => {}
            }
        }
        let mut answer = Vec::new();
        if let Some(output) = child.stdout.take() {
            let mut output = output.take(MAX_ANSWER_BYTES + 1);
            output.read_to_end(&mut answer).await.map_err(self.run_error())?;
        }
        if answer.len() as u64 > MAX_ANSWER_BYTES {
            return Err(SignError::TooLong { program: self.program.clone() });
        }
        let status = child.wait().await.map_err(self.run_error())?;
        if !status.success() {
            return Err(SignError::Failed { program: self.program.clone(), status });
        }
        Ok(answer)
    }

    /// The answer as the oracle's signature over a message.
    fn verified(&self, answer: &[u8], message: &[u8]) -> Result<OracleSignature, SignError> {
        let program = || self.program.clone();
        let text = std::str::from_utf8(answer).ok().map(str::trim);
        let signature = text.and_then(|text| text.parse::<Signature>().ok());
        let signature = signature.ok_or_else(|| SignError::NoSignature { program: program() })?;
        if !signature.verify(self.oracle.as_ref(), message) {
            return Err(SignError::Wrong { program: program(), oracle: self.oracle });
        }
        Ok(OracleSignature { oracle: self.oracle, signature: signature.into() })
    }

    fn run_error(&self) -> impl FnOnce(io::Error) -> SignError + '_ {
        |source| SignError::Run { program: self.program.clone(), source }
    }
}

/// Without its arguments, which may say more than others should read.
impl std::fmt::Debug for SignerCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { program, oracle, timeout, .. } = self;
        f.debug_struct("SignerCommand")
            .field("program", program)
            .field("oracle", oracle)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}
