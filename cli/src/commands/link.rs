//! `stk link`: links the keypair's wallet to a member, whose code the community has handed out.
//!
//! What is signed is a text, and only one that reads as a sign-in message of this oracle, for this
//! wallet, that has not expired: another site's message cannot be passed on through it.

use anyhow::Context;
use clap::Args;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer as _;
use system_token_chain::Chain;
use system_token_oracle::clock::{Clock, SystemClock};
use system_token_oracle::identity::SignInMessage;

use crate::failure::Refusal;
use crate::oracle_client::{Oracle, printable};
use crate::report::Report;
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct LinkArguments {
    /// The oracle that keeps the members: its https address.
    #[arg(long, env = "STK_ORACLE", value_name = "URL")]
    oracle: String,
    /// The code that the community handed out to you; it is good once.
    #[arg(long, env = "STK_CODE", value_name = "CODE", hide_env_values = true)]
    code: String,
}

/// What the oracle asks to sign.
#[derive(Debug, Deserialize)]
struct Challenge {
    message: String,
    nonce: String,
}

/// What the oracle says that it linked.
#[derive(Debug, Deserialize)]
struct Linked {
    member: u32,
    wallet: String,
}

/// Asks for the message, checks and shows it, signs it, and hands the signature in.
///
/// # Errors
/// When the message is not what it must be, or the oracle refuses.
pub(crate) async fn run<C: Chain>(
    session: &mut Session<'_, '_, C>,
    arguments: &LinkArguments,
) -> anyhow::Result<()> {
    let signer = session.keypair()?;
    let keypair = signer.keypair().context("a signer that was read from a file")?;
    let wallet = keypair.pubkey();
    let oracle = Oracle::new(&arguments.oracle)?;
    let body = json!({ "code": arguments.code, "wallet": wallet.to_string() });
    let challenge: Challenge = oracle.post("v1/link/challenge", &body, hint).await?;
    let now_us = SystemClock.now_us();
    check(&challenge, &oracle, &wallet, now_us)?;
    session.console.note(&format!("This is signed:\n\n{}\n", challenge.message));
    let signature = sign(keypair, &challenge.message);
    let body = json!({ "nonce": challenge.nonce, "signature": signature });
    let linked: Linked = oracle.post("v1/link", &body, hint).await?;
    if linked.wallet != wallet.to_string() {
        return Err(Refusal::new(
            format!("the oracle says that it linked another wallet, {}", linked.wallet),
            "Tell who runs it, and ask for a new code.",
        )
        .into());
    }
    let mut report = Report::new();
    report.text("action", "Action", "link");
    report.text("status", "Status", "linked");
    report.text("oracle", "Oracle", oracle.address());
    report.field("member", "Member", crate::report::Cell::number(linked.member));
    report.text("wallet", "Wallet", wallet);
    report.hidden("message", challenge.message.into());
    report.hidden("signature", signature.into());
    session.console.print(&report)
}

fn sign(keypair: &Keypair, message: &str) -> String {
    keypair.sign_message(message.as_bytes()).to_string()
}

/// What to do when the oracle refuses.
fn hint(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::GONE => {
            Some("A code is good once and not for long: ask the community for a new one.")
        }
        StatusCode::CONFLICT => Some("Link a wallet that is yours alone: --keypair names another."),
        _ => None,
    }
}

/// Checks that a message may be signed.
fn check(
    challenge: &Challenge,
    oracle: &Oracle,
    wallet: &Address,
    now_us: i64,
) -> anyhow::Result<()> {
    let refuse = |problem: String| {
        let hint = "Nothing was signed. Check --oracle, tell who runs it, and ask for a new code.";
        Err(Refusal::new(problem, hint).into())
    };
    let message = match SignInMessage::parse(&challenge.message) {
        Ok(message) => message,
        Err(error) => {
            return refuse(format!("the oracle asks to sign what is no sign-in message: {error}"));
        }
    };
    if !oracle.is_domain(&message.domain) {
        return refuse(format!(
            "the message is for {}, and the oracle is {}",
            printable(&message.domain),
            oracle.domain()
        ));
    }
    if message.address != *wallet {
        return refuse(format!(
            "the message is for the wallet {}, and this is {wallet}",
            message.address
        ));
    }
    if message.nonce != challenge.nonce {
        return refuse("the message has another nonce than the oracle says".to_owned());
    }
    if message.expires_at.as_microsecond() <= now_us {
        return refuse(format!(
            "the message expired at {}: is this machine's clock right?",
            message.expires_at
        ));
    }
    match challenge.message.chars().find(|c| c.is_control() && *c != '\n') {
        Some(control) => refuse(format!("the message has {control:?} in it, which does not show")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const NOW_US: i64 = 1_800_000_000_000_000;

    fn message() -> SignInMessage {
        SignInMessage {
            domain: "club.example".to_owned(),
            address: [7; 32].into(),
            statement: "Pay what member 7 earns to this wallet from now on.".to_owned(),
            uri: "https://club.example".to_owned(),
            chain: "mainnet".to_owned(),
            nonce: "0123456789abcdef".to_owned(),
            issued_at: Timestamp::from_microsecond(NOW_US).unwrap(),
            expires_at: Timestamp::from_microsecond(NOW_US + 1).unwrap(),
            request: "member-7".to_owned(),
        }
    }

    fn checked(oracle: &str, message: &impl ToString) -> Result<(), String> {
        let nonce = "0123456789abcdef".to_owned();
        let challenge = Challenge { message: message.to_string(), nonce };
        let oracle = Oracle::new(oracle).unwrap();
        check(&challenge, &oracle, &[7; 32].into(), NOW_US).map_err(|error| error.to_string())
    }

    #[test]
    fn a_message_is_signed_only_as_it_must_be() {
        let oracle = "https://club.example";
        let refused = |message: SignInMessage| checked(oracle, &message).unwrap_err();
        let domain = |domain: &str| SignInMessage { domain: domain.to_owned(), ..message() };
        for other in ["evil.example", "club.example.evil.example", "evil.example@club.example", ""]
        {
            let error = refused(domain(other));
            assert_eq!(
                error,
                format!("the message is for {other}, and the oracle is club.example")
            );
        }
        let other = SignInMessage { address: [8; 32].into(), ..message() };
        assert!(refused(other).starts_with("the message is for the wallet "));
        let other = SignInMessage { nonce: "fedcba9876543210".to_owned(), ..message() };
        assert!(refused(other).contains("another nonce"));
        let other = SignInMessage { expires_at: message().issued_at, ..message() };
        assert!(refused(other).contains("expired at 2027-01-15T08:00:00Z"));
        let other = SignInMessage { statement: "\u{1b}[2J".to_owned(), ..message() };
        assert!(refused(other).contains("does not show"));
        let error = checked(oracle, &"a transaction").unwrap_err();
        assert!(error.starts_with("the oracle asks to sign what is no sign-in message: line 1"));
        checked(oracle, &message()).unwrap();
    }

    #[test]
    fn a_port_may_be_named_in_the_domain_or_not() {
        let domain = |domain: &str| SignInMessage { domain: domain.to_owned(), ..message() };
        checked("https://club.example:8443/oracle", &domain("club.example:8443")).unwrap();
        checked("https://club.example:8443", &domain("club.example")).unwrap();
        assert!(checked("https://club.example", &domain("club.example:8443")).is_err());
        assert!(checked("https://club.example:1", &domain("club.example:8443")).is_err());
    }
}
