//! `stk assess`, `stk qualify` and `stk withdraw`: what the keypair's wallet states, and an oracle keeps.
//!
//! The text is made here, so the oracle has no say in what is signed. It is verified before it is sent,
//! whoever signed it: what the oracle cannot read is not signed.

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use solana_address::Address;
use solana_signer::Signer as _;
use system_token_chain::Chain;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::statement::{Assertion, SignedStatement, Statement, StatementError};

use crate::digest::Digest;
use crate::failure::Refusal;
use crate::oracle_client::Oracle;
use crate::report::{Cell, Report};
use crate::session::Session;
use crate::time::UtcTime;

#[derive(Args, Debug)]
pub(crate) struct AssessArguments {
    /// The work, as its events name it.
    #[arg(long, value_name = "ARTIFACT")]
    artifact: String,
    /// Its score, on the scale of the community's rule book.
    #[arg(long, value_name = "NUMBER")]
    score: u32,
    /// The SHA-256 of a note about it that is kept elsewhere.
    #[arg(long, value_name = "HEX")]
    note_hash: Option<Digest>,
    #[command(flatten)]
    options: StatementOptions,
}

#[derive(Args, Debug)]
pub(crate) struct QualifyArguments {
    /// The member's index.
    #[arg(long, value_name = "INDEX")]
    member: u32,
    /// The stage that the member holds from now on; 0 for none any more.
    #[arg(long, value_name = "NUMBER")]
    stage: u8,
    /// When it ends, three years from now at the latest; not with --stage 0.
    #[arg(long, value_name = "TIME")]
    expires: Option<UtcTime>,
    #[command(flatten)]
    options: StatementOptions,
}

#[derive(Args, Debug)]
pub(crate) struct WithdrawArguments {
    /// The work, as its events name it.
    #[arg(long, value_name = "ARTIFACT")]
    artifact: String,
    #[command(flatten)]
    options: StatementOptions,
}

/// Who keeps a statement, and who signs it.
#[derive(Args, Debug)]
struct StatementOptions {
    /// The oracle that keeps it: its https address.
    #[arg(long, env = "STK_ORACLE", value_name = "URL")]
    oracle: String,
    /// The oracle's domain, where it is not its host alone: its host with its port.
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// Sign and send nothing: print the text, for a wallet elsewhere to sign.
    #[arg(long)]
    print: bool,
    /// Send what was signed elsewhere: the signature over the printed text, base58.
    #[arg(long, value_name = "BASE58", conflicts_with = "print", requires = "issued_at")]
    signature: Option<String>,
    /// Who signs elsewhere; with --print or --signature [default: the keypair's wallet].
    #[arg(long, value_name = "ADDRESS")]
    wallet: Option<Address>,
    /// When it was issued, as the printed text says [default: now].
    #[arg(long, value_name = "TIME")]
    issued_at: Option<UtcTime>,
}

/// What the oracle says that it keeps.
#[derive(Debug, Deserialize)]
struct Kept {
    id: String,
    member: u32,
}

/// A command, and what it states.
struct Stating<'a> {
    action: &'static str,
    assertion: Assertion,
    options: &'a StatementOptions,
    /// What is stated, for the report.
    details: Report,
}

/// States that a work has a score.
///
/// # Errors
/// When it cannot be stated so, or the oracle refuses.
pub(crate) async fn assess<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &AssessArguments,
) -> anyhow::Result<()> {
    let AssessArguments { artifact, score, note_hash, options } = arguments;
    let mut details = Report::new();
    details.text("artifact", "Artifact", artifact);
    details.field("score", "Score", Cell::number(*score));
    if let Some(note_hash) = note_hash {
        details.text("note_hash", "Note hash", note_hash);
    }
    let (artifact, note_hash) = (artifact.clone(), note_hash.map(|Digest(bytes)| bytes));
    let assertion = Assertion::Assessment { artifact, score: *score, note_hash };
    state(session, Stating { action: "assess", assertion, options, details }).await
}

/// States that a member holds a stage.
///
/// # Errors
/// When it cannot be stated so, or the oracle refuses.
pub(crate) async fn qualify<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &QualifyArguments,
) -> anyhow::Result<()> {
    let QualifyArguments { member, stage, expires, options } = arguments;
    let mut details = Report::new();
    details.field("member", "Member", Cell::number(*member));
    details.field("stage", "Stage", Cell::number(*stage));
    if let Some(UtcTime(expires)) = expires {
        details.time("expires_at", "Expires", *expires);
    }
    let expires_at = expires.map(time).transpose()?;
    let assertion = Assertion::Qualification { member: *member, stage: *stage, expires_at };
    state(session, Stating { action: "qualify", assertion, options, details }).await
}

/// States that a work is withdrawn.
///
/// # Errors
/// When it cannot be stated so, or the oracle refuses.
pub(crate) async fn withdraw<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &WithdrawArguments,
) -> anyhow::Result<()> {
    let WithdrawArguments { artifact, options } = arguments;
    let mut details = Report::new();
    details.text("artifact", "Artifact", artifact);
    let assertion = Assertion::Withdrawal { artifact: artifact.clone() };
    state(session, Stating { action: "withdraw", assertion, options, details }).await
}

/// Makes the text, then prints it, or signs and sends it, or sends it as it was signed elsewhere.
async fn state<C: Chain>(
    session: &mut Session<'_, '_, C>,
    stating: Stating<'_>,
) -> anyhow::Result<()> {
    let options = stating.options;
    let oracle = Oracle::new(&options.oracle)?;
    let elsewhere = options.print || options.signature.is_some();
    if options.wallet.is_some() && !elsewhere {
        return Err(Refusal::new(
            "--wallet names who signs elsewhere, and this would sign with the keypair",
            "Add --print to have the wallet sign, or name its keypair with --keypair.",
        )
        .into());
    }
    let wallet = match options.wallet {
        Some(wallet) => wallet,
        None => session.keypair()?.address(),
    };
    let issued_at = match options.issued_at {
        Some(issued_at) => time(issued_at)?,
        None => time(UtcTime(SystemClock.now_us().div_euclid(1_000_000)))?,
    };
    let domain = domain(&oracle, options)?;
    let statement = Statement::new(domain, wallet, stating.assertion.clone(), issued_at);
    let text = statement.map_err(|error| refused_statement(&error))?.to_string();
    if options.print {
        return print(session, &stating, &oracle, wallet, issued_at, &text);
    }
    let signed = match &options.signature {
        Some(signature) => SignedStatement::verify(&text, signature),
        None => {
            session.console.note(&format!("This is signed:\n\n{text}\n"));
            let signer = session.keypair()?;
            let keypair = signer.keypair().context("a signer that was read from a file")?;
            SignedStatement::verify(&text, &keypair.sign_message(text.as_bytes()).to_string())
        }
    };
    let signed = signed.map_err(|error| refused_statement(&error))?;
    let signature = signed.signature().to_string();
    let body = json!({ "text": text, "signature": signature });
    let kept: Kept = oracle.post("v1/statements", &body, hint).await?;
    if kept.id != signed.id() {
        return Err(Refusal::new(
            "the oracle says that it keeps something else",
            "Tell who runs it: the text and its signature are good for a day.",
        )
        .into());
    }
    let mut report = report(&stating, "kept", &oracle, wallet);
    report.field("signed_by", "Signed as member", Cell::number(kept.member));
    report.text("id", "Event", &kept.id);
    report.hidden("message", text.into());
    report.hidden("signature", signature.into());
    session.console.print(&report)
}

/// Prints the text, and how to go on.
fn print<C: Chain>(
    session: &mut Session<'_, '_, C>,
    stating: &Stating<'_>,
    oracle: &Oracle,
    wallet: Address,
    issued_at: Timestamp,
    text: &str,
) -> anyhow::Result<()> {
    let mut report = report(stating, "unsigned", oracle, wallet);
    report.text("issued_at", "Issued at", issued_at);
    report.hidden("message", text.into());
    let how = format!(
        "Let the wallet sign the text that follows, with no line feed after it. Then, within a day, the \
         same command with this in the place of --print:\n  --wallet {wallet} --issued-at {issued_at} \
         --signature <BASE58>\n"
    );
    session.console.print_exactly(text, &how, &report)
}

fn report(stating: &Stating<'_>, status: &str, oracle: &Oracle, wallet: Address) -> Report {
    let mut report = Report::new();
    report.text("action", "Action", stating.action);
    report.text("status", "Status", status);
    report.text("oracle", "Oracle", oracle.address());
    report.extend(stating.details.clone());
    report.text("wallet", "Wallet", wallet);
    report
}

/// The domain that the text names: the oracle's host, or its host and port.
fn domain(oracle: &Oracle, options: &StatementOptions) -> anyhow::Result<String> {
    match &options.domain {
        None => Ok(oracle.host().to_owned()),
        Some(domain) if oracle.is_domain(domain) => Ok(domain.clone()),
        Some(domain) => Err(Refusal::new(
            format!("the statement would be for {domain}, and the oracle is {}", oracle.domain()),
            "Leave --domain out, or name the oracle's host and port.",
        )
        .into()),
    }
}

fn time(UtcTime(second): UtcTime) -> anyhow::Result<Timestamp> {
    Timestamp::from_second(second).map_err(|_| {
        Refusal::new(format!("second {second} is no time"), "Name one before the year 9999.").into()
    })
}

/// What to do when the oracle refuses.
fn hint(status: StatusCode) -> Option<&'static str> {
    Some(match status {
        StatusCode::FORBIDDEN => {
            "The community gives roles, and stk link links a wallet. --keypair names another wallet."
        }
        StatusCode::NOT_FOUND => "Is it the index of a member of this community?",
        StatusCode::CONFLICT => "Link a wallet that is yours alone: stk link.",
        StatusCode::GONE => "Print and sign it again: a signature is good for a day.",
        StatusCode::MISDIRECTED_REQUEST => {
            "If its domain has a port, name it with --domain; else it is another community's oracle."
        }
        StatusCode::TOO_MANY_REQUESTS => "Wait a few seconds, and send it again.",
        _ => return None,
    })
}

fn refused_statement(error: &StatementError) -> Refusal {
    let hint = match error {
        StatementError::WrongSignature(_) | StatementError::NotASignature => {
            "Give the options and the --issued-at of the text that was signed, and its --wallet; the \
             wallet signs the text's bytes as they were printed."
        }
        _ => "Nothing was signed or sent.",
    };
    Refusal::new(format!("this cannot be stated: {error}"), hint)
}
