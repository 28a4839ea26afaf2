//! `stk demo`: a community's whole history on an embedded chain, from its events to its balances.

mod community;
mod report;
mod run;
mod table;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use system_token_oracle::epoch::Schedule;
use system_token_oracle::ingest::file::Export;
use system_token_oracle::store::Store;

use crate::arguments::{DemoArguments, OutputFormat};
use crate::export::{read_events, read_policy};
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
    let Export { imported, events } = ingest.time_async(reading).await?;
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

/// Shows on standard error how far the run is, when that is a terminal.
fn progress_bar(epochs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} epoch {pos}/{len}, {msg}, {eta} left")
        .expect("the template is valid");
    ProgressBar::new(epochs).with_style(style)
}
