//! `POST /webhooks/{source}`: a tool's delivery.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, response::IntoResponse};
use metrics::counter;
use serde_json::{Value, json};

use super::intake::shape;
use super::refusal::Refusal;
use super::{Service, body};
use crate::ingest::webhook::Delivery;
use crate::segments::RawForm;

/// The largest delivery, bytes.
const MAX_DELIVERY_BYTES: usize = 1 << 20;

pub(super) fn router() -> Router<Arc<Service>> {
    Router::new().route("/webhooks/{source}", post(take))
}

async fn take(
    State(service): State<Arc<Service>>,
    Path(source): Path<String>,
    request: Request,
) -> Response {
    let taken = take_delivery(&service, &source, request).await;
    let result = taken.as_ref().map_or_else(Refusal::label, |()| "accepted");
    // Whoever asks for sources that are not there gets no metric for each.
    let known = if service.webhooks.contains_key(&source) { source.as_str() } else { "(none)" };
    let labels = [("source", known.to_owned()), ("result", result.to_owned())];
    counter!("stk_deliveries_total", &labels).increment(1);
    match taken {
        Ok(()) => Json(json!({"status": "ok"})).into_response(),
        Err(refusal) => {
            tracing::warn!(source = known, ?refusal, "a delivery was refused");
            refusal.into_response()
        }
    }
}

async fn take_delivery(service: &Service, source: &str, request: Request) -> Result<(), Refusal> {
    let webhook = service.webhooks.get(source).ok_or(Refusal::UnknownSource)?;
    let (parts, content) = request.into_parts();
    // Values take a few times the room of their text.
    let held =
        body::read(content, &parts.headers, MAX_DELIVERY_BYTES, &service.budget, |bytes| 4 * bytes);
    let held = held.await?;
    let mut checking = service.intake.check(source, service.intake.log.clock().now_us());
    let delivery = Delivery {
        headers: &parts.headers,
        body: &held.bytes,
        received_at_us: checking.received_at_us(),
    };
    webhook.verify(&delivery)?;
    let body: Value = match serde_json::from_slice(&held.bytes) {
        Ok(body) => body,
        Err(error) => {
            let reason = format!("the delivery is no JSON that can be read: {error}");
            let size = format!("({} bytes)", held.bytes.len());
            checking.reject("a delivery", reason.clone(), RawForm::Shape, &size.into());
            service.intake.keep(checking).await?;
            return Err(Refusal::Unreadable(format!("{reason}: set its type to application/json")));
        }
    };
    let (mut events, mut problems) = (Vec::new(), Vec::new());
    for read in webhook.read(&delivery, &body) {
        match read {
            Ok(event) => events.push(event),
            Err(problem) => problems.push(problem),
        }
    }
    service.intake.find_authors(source, &mut events).await?;
    events.iter().for_each(|event| checking.push(event));
    let shape = shape(&body);
    for problem in problems {
        checking.reject("a delivery", problem, RawForm::Shape, &shape);
    }
    Ok(service.intake.keep(checking).await?)
}
