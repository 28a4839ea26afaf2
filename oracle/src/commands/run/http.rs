//! How the daemon is, and what it gives out, by HTTP.
//!
//! ```text
//! GET /healthz            this process runs
//! GET /readyz             its last turn went well, or what is wrong
//! GET /metrics            Prometheus
//! GET /status             where the epochs stand, JSON
//! GET /bundles/…          bundles and signatures, as the folder has them
//! ```

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use tower_http::services::ServeDir;

use super::phase::Phase;

/// What the daemon says of itself.
#[derive(Debug)]
pub(super) struct Board {
    /// The last turn's phase; `None` before the first one.
    phase: Mutex<Option<Phase>>,
    metrics: PrometheusHandle,
}

impl Board {
    pub(super) fn new(metrics: PrometheusHandle) -> Self {
        Self { phase: Mutex::new(None), metrics }
    }

    /// Shows a turn's phase.
    pub(super) fn show(&self, phase: &Phase) {
        for name in Phase::NAMES {
            let is_this = if name == phase.name() { 1.0 } else { 0.0 };
            metrics::gauge!("stk_run_phase", "phase" => name).set(is_this);
        }
        metrics::gauge!("stk_run_ready").set(if phase.is_ready() { 1.0 } else { 0.0 });
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = Some(phase.clone());
    }

    fn phase(&self) -> Option<Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The routes; bundles are given out from their folder.
pub(super) fn router(board: Arc<Board>, bundles: &Path) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(|State(board): State<Arc<Board>>| async move { board.metrics.render() }),
        )
        .route("/status", get(status))
        .nest_service("/bundles", ServeDir::new(bundles))
        .with_state(board)
}

async fn ready(State(board): State<Arc<Board>>) -> (StatusCode, String) {
    match board.phase() {
        None => (StatusCode::SERVICE_UNAVAILABLE, "the first turn is not over\n".to_owned()),
        Some(phase) if phase.is_ready() => (StatusCode::OK, format!("{phase}\n")),
        Some(phase) => (StatusCode::SERVICE_UNAVAILABLE, format!("{phase}\n")),
    }
}

async fn status(State(board): State<Arc<Board>>) -> Json<Value> {
    let phase = board.phase();
    Json(json!({
        "phase": phase.as_ref().map(Phase::name),
        "ready": phase.as_ref().is_some_and(Phase::is_ready),
        "text": phase.as_ref().map(ToString::to_string),
    }))
}
