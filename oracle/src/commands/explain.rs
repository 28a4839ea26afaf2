//! `stk-oracle explain MEMBER --epoch N`: every number from a member's contributions to its payment.

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::{Opened, OutputFormat, policy, replay};
use crate::explain::{Explainer, Tone};
use crate::language::Language;

/// Who and when, by which rules, and in which language.
#[derive(Args, Debug)]
pub(super) struct ExplainArguments {
    /// The member: an index, or SOURCE:ID.
    member: String,
    /// The epoch, counted from 1.
    #[arg(long, value_name = "N")]
    epoch: u64,
    /// The rule books that held, each from its epoch on; without them the configured one.
    #[arg(long = "policy", value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// The language: en or ru.
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    lang: Language,
    /// Print the numbers as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Closes the epochs up to the one that is asked for, in memory, and prints the member's part.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ExplainArguments) -> anyhow::Result<()> {
    let timeline = policy::named_or_configured(&arguments.policies, &opened.config)?;
    let history = replay::History::read(opened).await?;
    let (members, events) = (history.known_members(), history.events());
    let explainer = Explainer::new(&timeline, members, events, arguments.epoch, history.now_us())?;
    let personal_data = opened.config.personal_data()?;
    let member = explainer.members().named(&arguments.member, &personal_data)?;
    let explanation = explainer.explain(member)?;
    explanation.check().context("the explanation does not add up")?;
    if arguments.json || opened.output == OutputFormat::Json {
        println!("{}", serde_json::to_string_pretty(&explanation).context("failed to print")?);
    } else {
        let coloured = stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let tone = if coloured { Tone::Coloured } else { Tone::Plain };
        print!("{}", explanation.to_text(arguments.lang, tone)?);
    }
    Ok(())
}
