//! `stk page`: ledger pages, which hold what 256 members each earned in their lifetimes.

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::Value;
use system_token_chain::{Chain, ChainError};
use system_token_interface::{
    LedgerPage, MEMBERS_PER_PAGE, PROGRAM_ID, instructions, page_address,
};

use crate::failure::Refusal;
use crate::report::{Cell, Report};
use crate::session::{Community, Session};
use crate::transaction::{Plan, Role, SendOptions};

/// Ledger pages: what 256 members each earned in their lifetimes.
#[derive(Debug, Subcommand)]
pub(crate) enum PageCommand {
    /// Create a page. Anyone may, and pays its rent.
    Open(OpenArguments),
    /// Show what the members of a page were paid.
    Show(ShowArguments),
}

#[derive(Args, Debug)]
pub(crate) struct OpenArguments {
    /// The page: that of the members from index 256 × INDEX.
    index: u32,
    #[command(flatten)]
    options: SendOptions,
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The page: that of the members from index 256 × INDEX.
    index: u32,
}

/// Runs a command about a ledger page.
///
/// # Errors
/// What the chain or the command line makes impossible.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    command: &PageCommand,
) -> anyhow::Result<()> {
    match command {
        PageCommand::Open(arguments) => open(session, arguments).await,
        PageCommand::Show(arguments) => show(session, arguments.index).await,
    }
}

/// Reads a page; `None` before it is opened.
async fn page<C: Chain>(
    session: &Session<'_, '_, C>,
    community: &Community,
    index: u32,
) -> anyhow::Result<Option<LedgerPage>> {
    let address = page_address(&community.address, index).0;
    let account = session.chain.get_account(&address).await.context("failed to read the page")?;
    let Some(account) = account.filter(|account| account.owner == PROGRAM_ID) else {
        return Ok(None);
    };
    let page = LedgerPage::from_account_data(&account.data);
    let page = page.map_err(|source| ChainError::Account { address, source });
    Ok(Some(*page.context("failed to read the page")?))
}

async fn open<C: Chain>(
    session: &mut Session<'_, '_, C>,
    OpenArguments { index, options }: &OpenArguments,
) -> anyhow::Result<()> {
    let community = session.community().await?;
    let address = page_address(&community.address, *index).0;
    if page(session, &community, *index).await?.is_some() {
        let message = format!("page {index} is open already, at {address}");
        return Err(Refusal::new(message, "stk page show shows it.").into());
    }
    let payer = session.payer(options, None)?;
    let rent = session.chain.rent(LedgerPage::ACCOUNT_LEN).await.context("failed to read rents")?;
    let mut details = Report::new();
    details.text("page", "Page", address);
    details.sol("rent", "Rent", rent);
    let plan = Plan {
        action: "page_open",
        what: format!("open page {index}"),
        instructions: vec![instructions::open_page(&payer.address(), &community.address, *index)],
        payer,
        signers: Vec::new(),
        roles: vec![
            Role::new("distribution", community.address),
            Role::new("ledger page", address),
        ],
        details,
    };
    session.execute(plan, options).await
}

async fn show<C: Chain>(session: &mut Session<'_, '_, C>, index: u32) -> anyhow::Result<()> {
    let community = session.community().await?;
    let address = page_address(&community.address, index).0;
    let page = page(session, &community, index).await?.ok_or_else(|| {
        Refusal::new(
            format!("page {index} is not open"),
            format!("Anyone can open it: stk page open {index}."),
        )
    })?;
    let first = u64::from(index) * u64::from(MEMBERS_PER_PAGE);
    let claimed = page.claimed.iter().map(|claimed| claimed.get());
    let total = claimed.clone().try_fold(0u64, u64::checked_add);
    let rows =
        (first..).zip(claimed).filter(|(_, claimed)| *claimed > 0).map(|(member, claimed)| {
            vec![Cell::number(member), Cell::amount(claimed, community.decimals)]
        });
    let rows: Vec<_> = rows.collect();
    let mut report = Report::new();
    report.hidden("mint", Value::from(community.mint.to_string()));
    report.hidden("distribution", Value::from(community.address.to_string()));
    report.hidden("decimals", Value::from(community.decimals));
    report.text("page", "Page", address);
    let last = first + u64::from(MEMBERS_PER_PAGE) - 1;
    report.field("first_member", "Members", Cell::new(format!("{first} to {last}"), first));
    report.field("members_paid", "Paid", Cell::number(rows.len() as u64));
    report.amount("claimed", "Minted to them", total.unwrap_or(u64::MAX), community.decimals);
    let columns = ["member", "claimed_base_units"];
    report.table("members", "Members and what each was paid", &columns, rows);
    session.console.print(&report)
}
