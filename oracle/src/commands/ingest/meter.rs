//! Metrics of the sources, for Prometheus.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::ingest::pull::PullError;
use crate::segments::Receipt;

/// Counts what a pull brought.
pub(super) fn pulled(source: &str, receipt: &Receipt) {
    let counts = [
        ("appended", receipt.appended),
        ("repeated", receipt.repeated),
        ("rejected", receipt.rejected),
    ];
    for (result, count) in counts {
        let labels = [("source", source.to_owned()), ("result", result.to_owned())];
        metrics::counter!("stk_oracle_events_total", &labels).increment(count);
    }
}

/// Counts a pull that failed.
pub(super) fn failed(source: &str, failure: &PullError) {
    let kind = match failure {
        PullError::Later { .. } => "later",
        PullError::Fix(_) => "fix",
        PullError::Log(_) => "log",
    };
    let labels = [("source", source.to_owned()), ("kind", kind.to_owned())];
    metrics::counter!("stk_oracle_source_failures_total", &labels).increment(1);
}

/// Says how far a source is behind.
pub(super) fn synced(source: &str, synced_until_us: i64, now_us: i64) {
    let seconds = (now_us - synced_until_us).div_euclid(1_000_000);
    let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
    metrics::gauge!("stk_oracle_source_lag_seconds", "source" => source.to_owned())
        .set(f64::from(seconds));
}

/// Serves the metrics at an address, under /metrics, until the process ends.
pub(super) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("failed to start the metrics")?;
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}"))?;
    tracing::info!("metrics at http://{}/metrics", listener.local_addr()?);
    let routes = Router::new().route("/metrics", get(move || std::future::ready(handle.render())));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(())
}
