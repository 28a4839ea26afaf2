//! `stk-oracle ingest`: reads on in every source that is asked, and puts what was pushed into the log.
//!
//! Sources are read beside each other, and what stops one stops no other. A signal lets the page in
//! work end; a second one, or half a minute, ends everything, and nothing is lost: what is not in the
//! log yet is read again.

mod meter;
mod progress;
mod reconcile;
mod rounds;
mod sources;

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use futures::future::join_all;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use self::progress::Progress;
use self::rounds::{Outcome, Stop, follow, follow_housekeeping, keep_house, read_to_end};
use self::sources::Pulls;
use super::{Opened, OutputFormat, logs};
use crate::ingest::pull::PullError;

/// How long the page in work may take after a signal.
const GRACE: Duration = Duration::from_secs(30);

/// What is read, and for how long.
#[derive(Args, Debug)]
#[group(skip)]
pub(super) struct IngestArguments {
    /// Reads every source to its end, and stops.
    #[arg(long, required_unless_present = "follow", conflicts_with = "follow")]
    once: bool,
    /// Reads on for ever, until SIGINT or SIGTERM.
    #[arg(long)]
    follow: bool,
    /// Only this source; may be given several times.
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
    /// How long to wait after a source's end, `90`, `90s` or `5m`.
    #[arg(long, default_value = "60s", value_parser = parse_interval, conflicts_with = "once")]
    interval: Duration,
    /// Where to serve metrics for Prometheus, at /metrics.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "once")]
    metrics_listen: Option<SocketAddr>,
}

/// Reads the sources until the end, or until a signal.
pub(super) async fn run(opened: &Opened, arguments: &IngestArguments) -> anyhow::Result<()> {
    logs::start(if arguments.follow { "info" } else { "warn" }, opened.output);
    let sources = sources::chosen(opened, &arguments.source)?;
    let stop = stop_on_signal()?;
    if arguments.follow {
        if let Some(address) = arguments.metrics_listen {
            meter::serve(address).await?;
        }
        let each = sources.iter().map(|source| follow(source, opened, arguments.interval, &stop));
        let housekeeping = follow_housekeeping(&opened.log, arguments.interval, &stop);
        let all = async { tokio::join!(join_all(each), housekeeping) };
        tokio::select! {
            _ = all => {}
            () = stop.and_grace(GRACE) => tracing::warn!("stopped in the middle of a page"),
        }
        return Ok(());
    }
    let progress = Progress::new();
    let each = sources.iter().map(|source| read_to_end(source, opened, &stop, &progress));
    let outcomes = tokio::select! {
        outcomes = join_all(each) => outcomes,
        () = stop.and_grace(GRACE) => anyhow::bail!("stopped in the middle of a page"),
    };
    progress.finish();
    let drained = keep_house(&opened.log, &stop).await?;
    print(opened.output, &sources, &outcomes, drained)?;
    verdict(&sources, outcomes)
}

/// Prints what became of each source.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(
    output: OutputFormat,
    sources: &[Pulls],
    outcomes: &[Outcome],
    drained: u64,
) -> anyhow::Result<()> {
    for (source, outcome) in sources.iter().zip(outcomes) {
        let receipt = outcome.receipt;
        let problem = outcome.failure.as_ref().map(ToString::to_string);
        if output == OutputFormat::Json {
            let line = json!({
                "source": source.name,
                "read": receipt.read,
                "appended": receipt.appended,
                "repeated": receipt.repeated,
                "rejected": receipt.rejected,
                "caught_up": outcome.caught_up,
                "problem": problem,
            });
            println!("{}", serde_json::to_string(&line)?);
            continue;
        }
        let end = match (&problem, outcome.caught_up) {
            (Some(_), _) => "failed",
            (None, true) => "up to date",
            (None, false) => "stopped",
        };
        println!(
            "{}: {} read, {} new, {} repeated, {} rejected, {end}",
            source.name, receipt.read, receipt.appended, receipt.repeated, receipt.rejected
        );
    }
    if output == OutputFormat::Text && drained > 0 {
        println!("{drained} pushed events put into the log");
    }
    Ok(())
}

/// Whether all went well, and if not, why.
fn verdict(sources: &[Pulls], outcomes: Vec<Outcome>) -> anyhow::Result<()> {
    let failures = sources.iter().zip(outcomes);
    let mut failures: Vec<_> =
        failures.filter_map(|(source, outcome)| Some((&source.name, outcome.failure?))).collect();
    // What must be fixed comes last, and decides.
    failures.sort_by_key(|(_, failure)| !matches!(failure, PullError::Later { .. }));
    let Some((name, last)) = failures.pop() else {
        return Ok(());
    };
    for (name, failure) in failures {
        eprintln!("{name}: {failure}");
    }
    Err(anyhow::Error::new(last).context(format!("failed to read {name}")))
}

/// Listens for SIGINT and SIGTERM.
fn stop_on_signal() -> anyhow::Result<Stop> {
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (stop, stopper) = Stop::new();
    tokio::spawn(async move {
        for times in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if times > 0 {
                // Nothing is lost by it, and the system's own answer to a signal is to end.
                std::process::exit(130);
            }
            tracing::info!("stopping after the page in work");
            stopper.stop();
        }
    });
    Ok(stop)
}

/// A span of time: seconds, or a number with its unit.
fn parse_interval(text: &str) -> Result<Duration, String> {
    let span = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => text
            .parse::<jiff::SignedDuration>()
            .map_err(|error| error.to_string())
            .and_then(|span| Duration::try_from(span).map_err(|error| error.to_string()))?,
    };
    if span < Duration::from_secs(1) {
        return Err("an interval is one second or more".to_owned());
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_seconds_or_have_a_unit() {
        assert_eq!(parse_interval("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_interval("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_interval("1h 30m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["", "0", "-5s", "500ms", "soon"] {
            assert!(parse_interval(wrong).is_err(), "{wrong}");
        }
    }
}
