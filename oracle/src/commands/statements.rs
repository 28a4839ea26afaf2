//! `stk-oracle statements`: what members signed, verified once more.

use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Opened, OutputFormat, time};
use crate::identity::{MemberIndex, Members};
use crate::ingest::Event;
use crate::segments::Range;
use crate::statement::{Assertion, SOURCE, Statement, verify_event};

/// What is done with statements.
#[derive(Debug, Subcommand)]
pub(super) enum StatementsCommand {
    /// Lists every statement of the log, the earliest first; fails when one is not what was signed.
    List,
}

/// An event of the source of statements.
struct Listed<'a> {
    event: &'a Event,
    /// What was signed; or why it is not believed.
    statement: Result<Statement, String>,
    /// Who signed it, where that is a member.
    member: Option<MemberIndex>,
}

/// Verifies and prints every statement.
pub(super) async fn run(opened: &Opened, command: &StatementsCommand) -> anyhow::Result<()> {
    let StatementsCommand::List = command;
    let log = &opened.log;
    let members = log.store().get_members().await.context("failed to read the members")?;
    let events = log.get_events_of(SOURCE, Range::ALL).await.context("failed to read the log")?;
    let domain = &opened.config.linking.domain;
    let listed: Vec<_> = events.iter().map(|event| list(event, &members, domain)).collect();
    print(opened.output, &listed);
    match listed.iter().filter(|listed| listed.statement.is_err()).count() {
        0 => Ok(()),
        wrong => bail!("{wrong} of {} are not what was signed for {domain}", listed.len()),
    }
}

fn list<'a>(event: &'a Event, members: &Members, domain: &str) -> Listed<'a> {
    let statement = verify_event(event).map_err(|error| error.to_string());
    let statement = statement.and_then(|statement| match statement.domain() == domain {
        true => Ok(statement),
        false => Err(format!("it is for {}", statement.domain())),
    });
    Listed { event, statement, member: members.find(&event.source, &event.actor) }
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(output: OutputFormat, listed: &[Listed<'_>]) {
    match output {
        OutputFormat::Json => println!("{}", listed.iter().map(object).collect::<Value>()),
        OutputFormat::Text if listed.is_empty() => println!("Nobody has stated anything yet."),
        OutputFormat::Text => {
            for Listed { event, statement, member } in listed {
                let signer = match member {
                    Some(member) => format!("member {member}"),
                    None => event.actor.clone(),
                };
                let what = match statement {
                    Ok(statement) => sentence(statement.assertion()),
                    Err(problem) => format!("is not believed: {problem} ({})", event.external_id),
                };
                println!("{}  {signer} {what}", time(event.at_us));
            }
        }
    }
}

fn sentence(assertion: &Assertion) -> String {
    match assertion {
        Assertion::Assessment { artifact, score, .. } => format!("assesses {artifact} at {score}"),
        Assertion::Qualification { member, stage, expires_at: Some(until) } => {
            format!("qualifies member {member} at stage {stage} until {until}")
        }
        Assertion::Qualification { member, expires_at: None, .. } => {
            format!("ends the stage of member {member}")
        }
        Assertion::Withdrawal { artifact } => format!("withdraws {artifact}"),
    }
}

fn object(Listed { event, statement, member }: &Listed<'_>) -> Value {
    json!({
        "id": event.external_id,
        "event": event.name,
        "issued_at": time(event.at_us),
        "wallet": event.actor,
        "signed_by": member,
        "properties": event.properties,
        "problem": statement.as_ref().err(),
    })
}
