//! `stk init`: creates a mint's distribution, which takes over the mint authority.

mod arguments;
mod mint;
mod new_mint;

use anyhow::Context;
use solana_address::Address;
use system_token_chain::Chain;
use system_token_interface::instructions::{self, InitializeArgs};
use system_token_interface::{Distribution, distribution_address};

use super::change::{decay, oracles_table};
use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::Session;
use crate::signer::Signer;
use crate::transaction::{Plan, Role};

pub(crate) use arguments::InitArguments;
use mint::MintToTake;

/// Creates the distribution, and the mint if that was asked for.
///
/// # Errors
/// When the mint has a distribution already, or cannot be taken over by the signer.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &InitArguments,
) -> anyhow::Result<()> {
    let mint = session.mint_to_take(arguments).await?;
    let address = distribution_address(&mint.address).0;
    if session.distribution(address).await?.is_some() {
        return Err(Refusal::new(
            format!("the mint {} has a distribution already, at {address}", mint.address),
            "stk status shows it.",
        )
        .into());
    }
    let args = arguments.to_initialize_args(mint.decimals)?;
    let authority = session.mint_authority(arguments, &mint)?;
    let payer = session.payer(&arguments.options, Some(&authority))?;
    let rent =
        session.chain.rent(Distribution::ACCOUNT_LEN).await.context("failed to read rents")?;
    let details = describe(&mint, address, &authority, &args, rent);
    if !arguments.options.dry_run && !arguments.options.print_unsigned {
        session.console.note(&format!(
            "Handing the mint authority of {} over to the distribution {address}, for good.",
            mint.address
        ));
    }
    let plan = plan(mint, address, authority, payer, &args, details);
    session.execute(plan, &arguments.options).await
}

fn plan(
    mint: MintToTake,
    address: Address,
    authority: Signer,
    payer: Signer,
    args: &InitializeArgs,
    details: Report,
) -> Plan {
    let (payer_address, authority_address) = (payer.address(), authority.address());
    let mut instructions = mint.create_instructions(&payer_address, &authority_address);
    instructions.push(instructions::initialize(
        &payer_address,
        &authority_address,
        &mint.address,
        &mint.token_program,
        args,
    ));
    Plan {
        action: "init",
        what: format!("create the distribution of the mint {}", mint.address),
        instructions,
        payer,
        roles: vec![
            Role::new("mint authority until now", authority_address),
            Role::new("mint", mint.address),
            Role::new("distribution", address),
        ],
        signers: [Some(authority), mint.new.map(|new| new.keypair)].into_iter().flatten().collect(),
        details,
    }
}

/// What will be created, for people to check before they send it.
fn describe(
    mint: &MintToTake,
    address: Address,
    authority: &Signer,
    args: &InitializeArgs,
    rent_lamports: u64,
) -> Report {
    let decimals = mint.decimals;
    let mut report = Report::new();
    report.text("mint", "Mint", mint.address);
    let created = mint.new.is_some();
    let shown = if created { "yes, by this transaction" } else { "no, it is there" };
    report.field("mint_created", "Mint is created", Cell::new(shown, created));
    report.field("decimals", "Decimals", Cell::number(decimals));
    report.text("token_program", "Token program", mint.token_program);
    report.text("mint_authority", "Mint authority until now", authority.address());
    report.text("distribution", "Distribution", address);
    report.text("admin", "Admin", Address::from(args.admin));
    report.text("guardian", "Guardian", Address::from(args.guardian));
    let count = args.oracles.len();
    let shown = format!("{} of {count} oracles", args.threshold);
    report.field("threshold", "Threshold", Cell::new(shown, args.threshold));
    oracles_table(&mut report, args.oracles.iter().copied().map(Address::from));
    report.duration("challenge", "Challenge window", args.challenge_seconds);
    report.duration("timelock", "Timelock", args.timelock_seconds);
    report.time("start_at", "Epoch 1 begins", args.start_at);
    report.duration("epoch", "Length of an epoch", args.epoch_seconds);
    report.amount("budget", "Budget of epoch 1", args.budget, decimals);
    decay(&mut report, args.decay_epochs, args.decay_basis_points);
    report.amount("growth_limit", "Growth limit of an epoch", args.growth_limit, decimals);
    report.amount("supply_cap", "Supply cap", args.supply_cap, decimals);
    report.sol("rent", "Rent", rent_lamports.saturating_add(mint.rent_lamports()));
    report
}
