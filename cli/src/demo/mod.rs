//! `stk demo`: a community's whole history on an embedded chain, from its events to its balances.

mod community;
mod report;
mod run;
mod table;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use system_token_oracle::clock::SystemClock;
use system_token_oracle::epoch::Schedule;
use system_token_oracle::ingest::file::{FileImport, Imported};
use system_token_oracle::ingest::{Event, Integrity, PersonalData};
use system_token_oracle::policy::Policy;
use system_token_oracle::segments::{EventLog, Range};
use system_token_oracle::store::Store;

use crate::arguments::{DemoArguments, OutputFormat};
use crate::stopwatch::Stopwatch;
use report::Report;
use run::Run;

/// Runs the demo and prints what came of it.
///
/// # Errors
/// One message that says which file, line or key is wrong, or what the chain refused.
pub(crate) async fn run(arguments: &DemoArguments, output: OutputFormat) -> anyhow::Result<()> {
    let policy = read_policy(&arguments.policy)?;
    let mut ingest = Stopwatch::default();
    let store = Store::open("sqlite::memory:").await.context("failed to open the store")?;
    let reading = read_events(&store, &arguments.events);
    let (imported, events) = ingest.time_async(reading).await?;
    let schedule = Schedule::new(&policy);
    let newest = events.last().map_or(0, |event| event.at_us);
    let last_ended = schedule.last_ended(newest);
    if last_ended == 0 {
        bail!(
            "no epoch of {} has ended by the newest event of {}",
            arguments.policy.display(),
            arguments.events.display()
        );
    }
    let bar = progress_bar(last_ended);
    let mut run = Run::start(&policy, store).await?;
    for epoch in 1..=last_ended {
        bar.set_message(format!("{} members", run.member_count()));
        run.epoch(&schedule, &events, epoch).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    // The epoch that is still open pays nobody yet, but its people are members already.
    run.observe(schedule.events_of(&events, last_ended + 1))?;
    let report = Report::collect(&run, &imported.receipt, &ingest).await?;
    report.print(arguments.json || output == OutputFormat::Json)
}

fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read the policy {}", path.display()))?;
    Policy::parse(&text).with_context(|| format!("failed to read the policy {}", path.display()))
}

/// Reads the events into a log, and back by time; names the lines that are none.
async fn read_events(store: &Store, path: &Path) -> anyhow::Result<(Imported, Vec<Event>)> {
    let context = || format!("failed to read the events {}", path.display());
    let folder = tempfile::tempdir().context("failed to make a folder for the event log")?;
    let log = EventLog::open(store.clone(), folder.path(), Arc::new(SystemClock))?;
    let import = FileImport::new("posthog", Integrity::default(), PersonalData::default());
    let imported = import.read(&log, path).await.with_context(context)?;
    for rejection in &imported.rejections {
        eprintln!("{}: rejected: {}", rejection.place, rejection.reason);
    }
    let events = log.get_events(Range::ALL).await.with_context(context)?;
    if events.is_empty() {
        bail!("failed to read the events {}: there is no event in it", path.display());
    }
    Ok((imported, events))
}

/// Shows on standard error how far the run is, when that is a terminal.
fn progress_bar(epochs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} epoch {pos}/{len}, {msg}, {eta} left")
        .expect("the template is valid");
    ProgressBar::new(epochs).with_style(style)
}
