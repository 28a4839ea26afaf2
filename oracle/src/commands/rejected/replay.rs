//! `stk-oracle rejected replay`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::{Value, json};

use super::super::{Opened, OutputFormat};
use super::{ReplayArguments, find};
use crate::ingest::replay::ReplaySource;
use crate::segments::Replayed;
use crate::store::StoredRejection;

/// What became of a source's rejections.
#[derive(Default)]
struct Outcome {
    appended: u64,
    repeated: u64,
    /// How many are refused still, by reason.
    refused: BTreeMap<String, u64>,
}

impl Outcome {
    fn add(&mut self, replayed: Replayed) {
        self.appended += replayed.appended;
        self.repeated += replayed.repeated;
        for (_, reason) in replayed.refused {
            *self.refused.entry(reason).or_default() += 1;
        }
    }
}

/// Replays source by source, and prints what became of each.
pub(super) async fn run(opened: &Opened, arguments: &ReplayArguments) -> anyhow::Result<()> {
    let mut outcomes = BTreeMap::new();
    if arguments.ids.is_empty() {
        for source in sources(opened, arguments).await? {
            let outcome = replay_source(opened, arguments, &source).await;
            let outcome = outcome.with_context(|| format!("failed to replay {source}"))?;
            outcomes.insert(source, outcome);
        }
    } else {
        for (source, rejections) in named(opened, arguments).await? {
            let mut outcome = Outcome::default();
            let adapter = ReplaySource::new(&source, &opened.config)?;
            for rejections in rejections.chunks(batch_rows(arguments) as usize) {
                let replayed = adapter.replay(&opened.log, rejections, arguments.dry_run).await;
                let replayed = replayed.with_context(|| format!("failed to replay {source}"))?;
                outcome.add(replayed);
            }
            outcomes.insert(source, outcome);
        }
    }
    print(opened.output, arguments.dry_run, &outcomes);
    Ok(())
}

fn batch_rows(arguments: &ReplayArguments) -> u32 {
    arguments.batch_rows.max(1)
}

async fn sources(opened: &Opened, arguments: &ReplayArguments) -> anyhow::Result<Vec<String>> {
    let mut sources = opened.log.store().get_rejected_sources().await?;
    sources.retain(|source| arguments.source.as_ref().is_none_or(|wanted| wanted == source));
    Ok(sources)
}

/// Replays all of a source that are meant, the oldest first.
async fn replay_source(
    opened: &Opened,
    arguments: &ReplayArguments,
    source: &str,
) -> anyhow::Result<Outcome> {
    let adapter = ReplaySource::new(source, &opened.config)?;
    let (store, reason) = (opened.log.store(), arguments.reason.as_deref());
    let mut outcome = Outcome::default();
    let mut after = (i64::MIN, String::new());
    loop {
        let (time_us, id) = (after.0, after.1.as_str());
        let limit = batch_rows(arguments);
        let found = store.get_rejections_after(source, reason, (time_us, id), limit).await?;
        let Some(last) = found.last() else {
            return Ok(outcome);
        };
        after = (last.rejected_at_us, last.rejection_id.clone());
        outcome.add(adapter.replay(&opened.log, &found, arguments.dry_run).await?);
    }
}

/// The rejections that are named by their ids, by source; those that were replayed before are told.
async fn named(
    opened: &Opened,
    arguments: &ReplayArguments,
) -> anyhow::Result<BTreeMap<String, Vec<StoredRejection>>> {
    let mut named: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for id in &arguments.ids {
        let rejection = find(opened, id).await?;
        let is_of =
            |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        let is_meant = is_of(&arguments.source, &|source| source == rejection.source)
            && is_of(&arguments.reason, &|reason| rejection.reason.contains(reason));
        if rejection.replayed_at_us.is_some() {
            eprintln!("{id}: it is replayed already");
        } else if !is_meant {
            eprintln!("{id}: it is left out by --source or --reason");
        } else if seen.insert(rejection.rejection_id.clone()) {
            named.entry(rejection.source.clone()).or_default().push(rejection);
        }
    }
    Ok(named)
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(output: OutputFormat, dry_run: bool, outcomes: &BTreeMap<String, Outcome>) {
    if output == OutputFormat::Json {
        println!("{}", json!({ "dry_run": dry_run, "sources": objects(outcomes) }));
        return;
    }
    if outcomes.is_empty() {
        println!("Nothing is rejected that could be replayed.");
    }
    let would = if dry_run { " (dry run: nothing was changed)" } else { "" };
    for (source, Outcome { appended, repeated, refused }) in outcomes {
        let count: u64 = refused.values().sum();
        println!(
            "{source}: {appended} replayed, {repeated} repeated, {count} still refused{would}"
        );
        for (reason, count) in refused {
            println!("  {count} still refused: {reason}");
        }
    }
}

fn objects(outcomes: &BTreeMap<String, Outcome>) -> Value {
    let object = |(source, outcome): (&String, &Outcome)| {
        let refused = outcome.refused.iter();
        let refused = refused.map(|(reason, count)| json!({ "reason": reason, "count": count }));
        json!({
            "source": source,
            "replayed": outcome.appended,
            "repeated": outcome.repeated,
            "refused": outcome.refused.values().sum::<u64>(),
            "reasons": refused.collect::<Value>(),
        })
    };
    outcomes.iter().map(object).collect()
}
