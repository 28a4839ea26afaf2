//! Whether this process runs, whether its database answers, and what it has counted.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics::gauge;

use super::Service;

pub(super) fn router() -> Router<Arc<Service>> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn ready(State(service): State<Arc<Service>>) -> (StatusCode, &'static str) {
    match service.intake.log.store().get_inbox_count().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

async fn metrics(State(service): State<Arc<Service>>) -> String {
    if let Ok(waiting) = service.intake.log.store().get_inbox_count().await {
        gauge!("stk_inbox_events").set(u32::try_from(waiting).unwrap_or(u32::MAX));
    }
    service.metrics.render()
}
