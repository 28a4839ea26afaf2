//! What was spent on what.

use std::collections::BTreeMap;

use system_token_chain::Receipt;

/// What a transaction was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Mint and distribution, once.
    Setup,
    /// Ledger pages and lookup tables, once each.
    Accounts,
    /// Members' token accounts, once each.
    TokenAccounts,
    /// Oracles' signatures.
    Attest,
    /// Installing an epoch.
    Finalize,
    /// Paying members.
    Claim,
}

impl Purpose {
    /// Its name, in tables, metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Accounts => "accounts",
            Self::TokenAccounts => "token_accounts",
            Self::Attest => "attest",
            Self::Finalize => "finalize",
            Self::Claim => "claim",
        }
    }
}

/// Totals of one purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Transactions sent.
    pub transactions: u64,
    /// Compute units consumed.
    pub compute_units: u64,
    /// Fees, lamports.
    pub fee_lamports: u64,
    /// All transactions, bytes.
    pub bytes: u64,
    /// The longest transaction, bytes.
    pub bytes_max: usize,
}

/// Totals by purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    by_purpose: BTreeMap<Purpose, Spent>,
}

impl Spending {
    /// Totals of one purpose.
    pub fn of(&self, purpose: Purpose) -> Spent {
        self.by_purpose.get(&purpose).copied().unwrap_or_default()
    }

    /// All fees, lamports.
    pub fn fee_lamports(&self) -> u64 {
        self.by_purpose.values().map(|spent| spent.fee_lamports).sum()
    }

    pub(super) fn add(&mut self, purpose: Purpose, receipt: &Receipt) {
        let spent = self.by_purpose.entry(purpose).or_default();
        spent.transactions += 1;
        spent.compute_units += receipt.compute_units;
        spent.fee_lamports += receipt.fee_lamports;
        spent.bytes += receipt.bytes as u64;
        spent.bytes_max = spent.bytes_max.max(receipt.bytes);
    }
}
