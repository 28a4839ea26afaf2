//! What a refusal is: the expected error, and nothing changed.

use std::collections::BTreeMap;

use solana_address::Address;
use solana_instruction::Instruction;
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_transaction_error::TransactionError;
use system_token_chain::ChainError;
use system_token_interface::{PROGRAM_ID, SystemTokenError};

use crate::{TOKEN_2022_PROGRAM, World};

/// Why a transaction is expected to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The program refuses.
    Program(SystemTokenError),
    /// The runtime, the framework or another program refuses.
    Runtime(TransactionError),
}

impl From<SystemTokenError> for Refusal {
    fn from(error: SystemTokenError) -> Self {
        Self::Program(error)
    }
}

impl From<TransactionError> for Refusal {
    fn from(error: TransactionError) -> Self {
        Self::Runtime(error)
    }
}

/// The System program's refusal to create an account that is there already.
pub const ACCOUNT_IN_USE: InstructionError = InstructionError::Custom(0);

/// The failure of the instruction at an index.
pub fn failed(instruction: u8, error: InstructionError) -> TransactionError {
    TransactionError::InstructionError(instruction, error)
}

/// Every account of the program and of both token programs: distributions, proposals, pages, mints
/// and token accounts, with their bytes and lamports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<Address, (Address, u64, Vec<u8>)>);

impl World {
    /// Everything that must not change on a refusal.
    pub fn snapshot(&self) -> Snapshot {
        let svm = self.chain.svm();
        let accounts = [PROGRAM_ID, spl_token_interface::ID, TOKEN_2022_PROGRAM]
            .iter()
            .flat_map(|owner| svm.get_program_accounts(owner))
            .map(|(address, account)| (address, (account.owner, account.lamports, account.data)));
        Snapshot(accounts.collect())
    }

    /// Asserts that a transaction fails for the given reason and changes nothing.
    #[track_caller]
    pub fn assert_refused(&self, refusal: impl Into<Refusal>, instructions: &[Instruction]) {
        self.assert_refused_with(&[], refusal, instructions);
    }

    /// Asserts the same of a transaction with more signers.
    #[track_caller]
    pub fn assert_refused_with(
        &self,
        cosigners: &[&Keypair],
        refusal: impl Into<Refusal>,
        instructions: &[Instruction],
    ) {
        let before = self.snapshot();
        let error = self.send_with(cosigners, instructions, &[]).expect_err("a refusal");
        match refusal.into() {
            Refusal::Program(expected) => {
                assert_eq!(error.program_error(), Some(expected), "{error}");
            }
            Refusal::Runtime(expected) => match &error {
                ChainError::Rejected { error: found, .. } => {
                    assert_eq!(*found, expected, "{error}");
                }
                _ => panic!("the transaction never reached the chain: {error}"),
            },
        }
        assert!(before == self.snapshot(), "a refused transaction changed an account");
    }
}
