//! `stk-oracle serve`: takes what tools push, until it is told to stop.

use std::io::Write;

use anyhow::Context;
use clap::Args;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;

use super::{Opened, logs, stop};
use crate::service::Service;

/// Where to listen.
#[derive(Args, Debug)]
pub(super) struct ServeArguments {
    /// The address to listen at, instead of the configuration's; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

/// Serves until SIGINT or SIGTERM; prints the address once it listens.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) async fn run(opened: &Opened, arguments: &ServeArguments) -> anyhow::Result<()> {
    logs::start("info", opened.output);
    let metrics = PrometheusBuilder::new().install_recorder().context("failed to start metrics")?;
    let service = Service::new(&opened.config, opened.log.clone(), metrics, opened.linking()?)?;
    for source in service.sources() {
        tracing::info!(source, "takes deliveries");
    }
    let address = arguments.listen.as_ref().unwrap_or(&opened.config.listen);
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("failed to listen at {address}"))?;
    let stopped = stop::signalled()?;
    println!("listening at http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    service.run(listener, stopped).await.context("failed to serve")
}
