//! `stk-oracle run`: takes every epoch from its end to its members' balances, until it is told to stop.

mod http;
mod machine;
mod phase;
mod sharing;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::cluster::{BundleArguments, ClusterArguments, PayerArguments};
use super::{Opened, logs, stop};
use crate::epoch::OracleKey;
use crate::keypair::forbid_core_dumps;
use crate::service::serve_until;
use crate::submit::Standing;
use http::Board;
use machine::{Followed, Machine, Payer};
use phase::Phase;
use sharing::Sharing;

/// How long a turn that was begun may take when the daemon is told to stop. What is on its way then is
/// settled by the next one.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// What the daemon works with, beside its configuration.
#[derive(Args, Debug)]
pub(super) struct RunArguments {
    #[command(flatten)]
    bundles: BundleArguments,
    #[command(flatten)]
    cluster: ClusterArguments,
    #[command(flatten)]
    payer: PayerArguments,
    /// Where it answers for its health, instead of the configuration's address; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// One turn, and its phase printed: for a timer. Exit code 75 while there is something to wait for.
    #[arg(long)]
    once: bool,
}

/// Turns until SIGINT or SIGTERM.
pub(super) async fn run(opened: &Opened, arguments: &RunArguments) -> anyhow::Result<()> {
    logs::start("info", opened.output);
    let settings = &opened.config.run;
    settings.next_after(opened.log.clock().now_us())?;
    let mut machine = machine(opened, arguments)?;
    if arguments.once {
        return once(opened, &mut machine).await;
    }
    let metrics = PrometheusBuilder::new().install_recorder().context("failed to start metrics")?;
    let board = Arc::new(Board::new(metrics));
    let address = arguments.listen.as_ref().unwrap_or(&settings.listen);
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("failed to listen at {address}"))?;
    let stopped = stop::signalled()?;
    announce(&listener)?;
    let router = http::router(board.clone(), machine.folder.root());
    let serving = tokio::spawn(serve_until(listener, router, stopped.clone()));
    turns(&mut machine, &board, stopped).await?;
    machine.stop().await;
    serving.await?.context("failed to serve")
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    println!("listening at http://{}", listener.local_addr()?);
    Ok(std::io::stdout().flush()?)
}

fn machine<'a>(opened: &'a Opened, arguments: &RunArguments) -> anyhow::Result<Machine<'a>> {
    let config = &opened.config;
    let mint = arguments.bundles.mint(config)?;
    forbid_core_dumps();
    let key = config.oracle_key.as_ref().map(OracleKey::open).transpose()?;
    let payer = if config.run.submit {
        let keypair = arguments.payer.read(config)?;
        let (cluster, of_cluster) = (arguments.cluster.clone(), config.clone());
        let connect = Box::new(move || cluster.chain(&of_cluster));
        Some(Payer { keypair, connect })
    } else {
        None
    };
    Ok(Machine {
        opened,
        mint,
        folder: arguments.bundles.folder(config),
        chain: arguments.cluster.chain(config)?,
        payer,
        key,
        sharing: Sharing::open(&config.run)?,
        lease: None,
        operator: None,
        followed: Followed::new(mint),
        installed: 0,
        paid: 0,
        working_on: 0,
    })
}

/// One turn, as a command.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
async fn once(opened: &Opened, machine: &mut Machine<'_>) -> anyhow::Result<()> {
    let mut phase = machine.turn().await;
    while let Phase::Paying { .. } = phase {
        phase = machine.turn().await;
    }
    machine.stop().await;
    match &phase {
        Phase::Idle { .. } | Phase::Unpayable { .. }
            if opened.output == super::OutputFormat::Json =>
        {
            println!("{}", serde_json::json!({ "phase": phase.name(), "text": phase.to_string() }));
        }
        Phase::Idle { .. } | Phase::Unpayable { .. } => println!("{phase}"),
        Phase::OnChain { standing, .. } if !standing.is_waiting() => anyhow::bail!("{phase}"),
        Phase::Stuck { .. } => anyhow::bail!("{phase}"),
        _ => return Err(super::TryLater(phase.to_string()).into()),
    }
    Ok(())
}

/// Turn after turn.
async fn turns(
    machine: &mut Machine<'_>,
    board: &Board,
    mut stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut last = None;
    loop {
        let phase = {
            let turn = machine.turn();
            tokio::pin!(turn);
            tokio::select! {
                phase = &mut turn => Some(phase),
                _ = stopped.wait_for(|stop| *stop) => {
                    tokio::time::timeout(STOP_TIMEOUT, turn).await.ok()
                }
            }
        };
        let Some(phase) = phase else { return Ok(()) };
        if last.as_ref() != Some(&phase) {
            log(&phase);
        }
        board.show(&phase);
        measure(machine).await;
        let pause = pause(machine, &phase)?;
        last = Some(phase);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.wait_for(|stop| *stop) => return Ok(()),
        }
    }
}

fn log(phase: &Phase) {
    match phase {
        Phase::Stuck { .. } => tracing::error!(phase = phase.name(), "{phase}"),
        phase if phase.is_ready() => tracing::info!(phase = phase.name(), "{phase}"),
        phase => tracing::warn!(phase = phase.name(), "{phase}"),
    }
}

/// How long until the next turn: until the schedule says so, or sooner where something is waited for.
fn pause(machine: &Machine<'_>, phase: &Phase) -> anyhow::Result<Duration> {
    let (settings, submit) = (&machine.opened.config.run, &machine.opened.config.submit);
    let now_us = machine.opened.log.clock().now_us();
    let scheduled = settings.next_after(now_us)?.saturating_sub(now_us);
    let scheduled = Duration::from_micros(u64::try_from(scheduled).unwrap_or(0));
    let soon = Duration::from_secs(settings.every_seconds.max(1));
    Ok(match phase {
        Phase::Paying { .. } => Duration::ZERO,
        // Whoever acts may end at any time.
        Phase::Standby { .. } => scheduled.min(submit.lease()),
        Phase::OnChain { standing: Standing::Challenge { until }, .. } => {
            let left = until.saturating_mul(1_000_000).saturating_sub(now_us);
            let left = Duration::from_micros(u64::try_from(left).unwrap_or(0));
            scheduled.min(soon).min(left.max(Duration::from_secs(1)))
        }
        phase if phase.is_waiting() => scheduled.min(soon),
        _ => scheduled,
    })
}

/// What Prometheus is told after each turn.
async fn measure(machine: &Machine<'_>) {
    #[expect(clippy::cast_precision_loss, reason = "what is drawn needs no last digit")]
    let set = |name: &'static str, value: u64| gauge!(name).set(value as f64);
    let closed = machine.folder.last_epoch();
    set("stk_run_epoch_closed", closed);
    set("stk_run_epoch_installed", machine.installed);
    set("stk_run_epoch_paid", machine.paid);
    set("stk_run_leader", machine.lease.as_ref().is_some_and(|lease| lease.is_held()).into());
    set("stk_run_budget_lamports", machine.opened.config.submit.epoch_lamports);
    let now_us = machine.opened.log.clock().now_us();
    set("stk_run_last_turn_seconds", u64::try_from(now_us / 1_000_000).unwrap_or(0));
    let store = machine.opened.log.store();
    if let Ok(sums) = store.get_outbox_sums(&machine.mint.to_string(), machine.working_on).await {
        set("stk_run_spent_lamports", sums.lamports);
        set("stk_run_transactions_landed", sums.landed);
        set("stk_run_transactions_open", sums.open);
        set("stk_run_transactions_expired", sums.expired);
    }
    if let Some(operator) = &machine.operator
        && let Ok(lamports) = operator.submitter.payer_lamports().await
    {
        set("stk_run_payer_lamports", lamports);
    }
}
