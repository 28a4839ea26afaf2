//! One transaction of a command: who signs it, and whether it is sent, tried or printed.

mod accounts;
mod authority;
mod options;

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use solana_transaction::versioned::VersionedTransaction;
use system_token_chain::{
    Chain, ChainError, MAX_COMPUTE_UNITS, Receipt, Simulation, compute_unit_limit, program_error,
    to_wire, unsigned_transaction,
};

use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::Session;
use crate::signer::Signer;

pub(crate) use authority::{Role, admin_of, guardian_or_admin_of};
pub(crate) use options::{AuthorityOptions, SendOptions};

/// A transaction that is ready to be sent, and what to say about it.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The command, for programs.
    pub(crate) action: &'static str,
    /// What it does, for people: `pause the distribution`.
    pub(crate) what: String,
    pub(crate) instructions: Vec<Instruction>,
    /// Pays the fee and any rent.
    pub(crate) payer: Signer,
    /// Signs beside the payer; may be the same key.
    pub(crate) signers: Vec<Signer>,
    /// What the accounts are to this command; others are known by themselves.
    pub(crate) roles: Vec<Role>,
    /// What there is to say beside the transaction.
    pub(crate) details: Report,
}

impl<C: Chain> Session<'_, '_, C> {
    /// Sends a transaction, or tries or prints it if that was asked for.
    ///
    /// # Errors
    /// What the chain says against it, or that a key is missing.
    pub(crate) async fn execute(
        &mut self,
        plan: Plan,
        options: &SendOptions,
    ) -> anyhow::Result<()> {
        let transaction = self.build(&plan, options).await?;
        if options.print_unsigned {
            return self.print_unsigned(&plan, &transaction).await;
        }
        if options.dry_run {
            return self.dry_run(&plan, &transaction).await;
        }
        let transaction = sign(&plan, transaction)?;
        let (signature, receipt) = match self.chain.send(&transaction).await {
            Ok(receipt) => (receipt.signature, Some(receipt)),
            // It succeeded; only what it cost is unknown.
            Err(ChainError::Unrecorded(signature)) => (signature, None),
            Err(error) => return Err(error).with_context(|| format!("failed to {}", plan.what)),
        };
        let mut report = plan.report("sent", format!("Done: {}.", plan.what));
        report.text("signature", "Signature", signature);
        add_costs(&mut report, receipt.as_ref());
        self.console.print(&report)
    }

    /// Compiles the transaction, with what the compute budget is asked for.
    async fn build(
        &self,
        plan: &Plan,
        options: &SendOptions,
    ) -> anyhow::Result<VersionedTransaction> {
        let payer = plan.payer.address();
        let blockhash = self.chain.latest_blockhash().await.context("failed to begin")?;
        let compile = |instructions: &[Instruction]| {
            let compiled = unsigned_transaction(&payer, instructions, blockhash);
            compiled.with_context(|| format!("failed to {}", plan.what))
        };
        let mut instructions = Vec::new();
        if let Some(price) = options.with_compute_unit_price {
            instructions.push(ComputeBudgetInstruction::set_compute_unit_price(price));
        }
        let mut limit = options.with_compute_unit_limit;
        if limit.is_none() && !instructions.is_empty() && !options.print_unsigned {
            // The price is paid for every unit that may be used: ask for few more than are needed.
            let most = ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS);
            let whole = [&[most], instructions.as_slice(), &plan.instructions].concat();
            let simulation = self.chain.simulate(&compile(&whole)?).await?;
            limit = Some(compute_unit_limit(simulation.compute_units));
        }
        if let Some(limit) = limit {
            instructions.push(ComputeBudgetInstruction::set_compute_unit_limit(limit));
        }
        compile(&[instructions.as_slice(), &plan.instructions].concat())
    }

    /// Simulates the transaction and shows what it would touch and cost.
    async fn dry_run(
        &mut self,
        plan: &Plan,
        transaction: &VersionedTransaction,
    ) -> anyhow::Result<()> {
        let simulation = self.chain.simulate(transaction).await;
        let Simulation { error, logs, compute_units, fee_lamports } =
            simulation.with_context(|| format!("failed to try to {}", plan.what))?;
        let title = format!("Dry run, nothing is sent: {}.", plan.what);
        let mut report = plan.report("simulated", title);
        report.field("would_succeed", "Succeeds", yes_or_no(error.is_none()));
        report.sol("fee", "Fee", fee_lamports);
        report.field("compute_units", "Compute units", Cell::number(compute_units));
        report.extend(accounts::report(plan, &transaction.message));
        self.console.print(&report)?;
        match error {
            None => Ok(()),
            Some(error) => Err(ChainError::Rejected { error, logs })
                .with_context(|| format!("it would fail to {}", plan.what)),
        }
    }

    /// Prints the transaction for others to sign.
    async fn print_unsigned(
        &mut self,
        plan: &Plan,
        transaction: &VersionedTransaction,
    ) -> anyhow::Result<()> {
        // It is signed and sent later, when things may stand differently: a warning is enough.
        let error = self.chain.simulate(transaction).await.ok().and_then(|result| result.error);
        let refusal = error.as_ref().and_then(program_error);
        if let Some(refusal) = refusal {
            self.console
                .note(&format!("warning: as things stand the chain would refuse: {refusal}"));
        }
        let wire = to_wire(transaction);
        let encoded = BASE64_STANDARD.encode(&wire);
        let message = BASE64_STANDARD.encode(transaction.message.serialize());
        let title = format!("Unsigned transaction, nothing is sent: {}.", plan.what);
        let mut report = plan.report("unsigned", title);
        report.extend(accounts::report(plan, &transaction.message));
        let shown = report.clone();
        if let Some(refusal) = refusal {
            report.text("warning", "Warning", refusal);
        }
        report.text("transaction", "Transaction", &encoded);
        report.text("message", "Message", message);
        // What some wallets and multisigs take instead.
        let base58 = bs58::encode(&wire).into_string();
        report.text("transaction_base58", "Transaction in base58", base58);
        self.console.print_only(&encoded, &shown, &report)
    }
}

impl Plan {
    /// What there is to say about the command, before what became of the transaction.
    fn report(&self, status: &str, title: String) -> Report {
        let mut report = Report::titled(title);
        report.hidden("action", Value::from(self.action));
        report.hidden("status", Value::from(status));
        report.extend(self.details.clone());
        report
    }
}

/// Signs with the keys that are at hand.
fn sign(plan: &Plan, unsigned: VersionedTransaction) -> anyhow::Result<VersionedTransaction> {
    let mut keypairs: Vec<&Keypair> = Vec::new();
    for signer in [&plan.payer].into_iter().chain(&plan.signers) {
        let address = signer.address();
        let keypair = signer.keypair().ok_or_else(|| missing_key(&address))?;
        if keypairs.iter().all(|other| other.pubkey() != address) {
            keypairs.push(keypair);
        }
    }
    VersionedTransaction::try_new(unsigned.message, &keypairs).context("failed to sign")
}

fn missing_key(address: &Address) -> Refusal {
    Refusal::new(
        format!("the key of {address} is needed to sign, and only its address was given"),
        "Name its keypair file, or add --print-unsigned and let its holder sign, or --dry-run.",
    )
}

fn add_costs(report: &mut Report, receipt: Option<&Receipt>) {
    match receipt {
        Some(receipt) => {
            report.sol("fee", "Fee", receipt.fee_lamports);
            report.field("compute_units", "Compute units", Cell::number(receipt.compute_units));
        }
        None => {
            report.field("fee_lamports", "Fee", Cell::new("not recorded by the node", Value::Null));
            report.hidden("compute_units", Value::Null);
        }
    }
}

fn yes_or_no(value: bool) -> Cell {
    Cell::new(if value { "yes" } else { "no" }, value)
}
