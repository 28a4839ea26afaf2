//! `stk explain MEMBER --epoch N`: every number from a member's contributions to its payment, out of an
//! export and its rule book, so that anybody can check it. It needs no chain.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use system_token_oracle::explain::{Explainer, Tone};
use system_token_oracle::identity::Members;
use system_token_oracle::ingest::PersonalData;
use system_token_oracle::language::Language;
use system_token_oracle::policy::Timeline;
use system_token_oracle::store::Store;

use crate::arguments::OutputFormat;
use crate::console::Console;
use crate::export::{read_events, read_policy};

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The member: an index, or SOURCE:ID; in an export the source is posthog.
    #[arg(value_name = "MEMBER")]
    member: String,
    /// The epoch, counted from 1.
    #[arg(long, value_name = "N")]
    epoch: u64,
    /// The community's events: a PostHog export in JSONLines, plain or gzip.
    #[arg(long, value_name = "FILE", default_value = "examples/community-2018.events.jsonl.gz")]
    events: PathBuf,
    /// The rule book; when there were several, each holds from its epoch on.
    #[arg(
        long = "policy",
        value_name = "FILE",
        default_value = "examples/policies/contribution.toml"
    )]
    policies: Vec<PathBuf>,
    /// The language: en or ru.
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    lang: Language,
    /// Print the numbers as one JSON object.
    #[arg(long)]
    json: bool,
}

/// Closes the export's epochs up to the one that is asked for, and prints the member's part of it.
///
/// # Errors
/// What is wrong with the files, the member or the epoch.
pub(crate) async fn run(
    arguments: &ExplainArguments,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let policies = arguments.policies.iter().map(|path| read_policy(path));
    let timeline = Timeline::new(policies.collect::<anyhow::Result<_>>()?)?;
    let store = Store::open("sqlite::memory:").await.context("failed to open the store")?;
    let events = read_events(&store, &arguments.events).await?.events;
    // What was not recorded yet cannot be explained: the newest event is the export's now.
    let newest = events.last().map_or(0, |event| event.at_us);
    let explainer = Explainer::new(&timeline, Members::default(), &events, arguments.epoch, newest)
        .context("failed to close the epochs")?;
    let member =
        explainer.members().named(&arguments.member, &PersonalData::default()).with_context(
            || format!("failed to find the member by the end of epoch {}", arguments.epoch),
        )?;
    let explanation = explainer.explain(member).context("failed to explain")?;
    explanation.check().context("failed to check the explanation")?;
    let json = arguments.json || console.format() == OutputFormat::Json;
    let text = if json {
        serde_json::to_string_pretty(&explanation).context("failed to print")? + "\n"
    } else {
        let tone = if console.is_coloured() { Tone::Coloured } else { Tone::Plain };
        explanation.to_text(arguments.lang, tone)?
    };
    console.print_raw(text.as_bytes())
}
