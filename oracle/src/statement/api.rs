//! The HTTP API of statements, JSON in and out.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /v1/statements` | `{text, signature}` | `{id, event, member}` |
//!
//! The signature is base58. An error is `{error}` with a status that fits.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use metrics::counter;
use serde::{Deserialize, Serialize};

use super::{ReceiptError, ReceiveError, Reception, SOURCE, StatementError};
use crate::identity::MemberIndex;
use crate::identity::api::Refused;

/// The longest body that is read, bytes: a text takes more room in JSON.
const MAX_BODY_BYTES: usize = 8_192;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementRequest {
    text: String,
    signature: String,
}

#[derive(Serialize)]
struct StatementAnswer {
    id: String,
    event: &'static str,
    member: MemberIndex,
}

/// The API's routes.
pub fn router(reception: Arc<Reception>) -> Router {
    Router::new()
        .route("/v1/statements", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(reception)
}

async fn receive(
    State(reception): State<Arc<Reception>>,
    body: Result<Json<StatementRequest>, JsonRejection>,
) -> Response {
    let received = match body {
        Ok(Json(request)) => reception.receive(&request.text, &request.signature).await,
        Err(rejection) => {
            count("unreadable");
            return Refused::from(rejection).into_response();
        }
    };
    match received {
        Ok(received) => {
            count("accepted");
            tracing::info!(member = received.member, event = received.event, "a statement");
            let (id, event, member) = (received.id, received.event, received.member);
            Json(StatementAnswer { id, event, member }).into_response()
        }
        Err(error) => {
            count("refused");
            refuse(&error)
        }
    }
}

fn count(result: &'static str) {
    counter!("stk_deliveries_total", "source" => SOURCE, "result" => result).increment(1);
}

fn refuse(error: &ReceiveError) -> Response {
    use ReceiveError as E;
    let status = match error {
        E::Statement(StatementError::WrongSignature(_)) => StatusCode::FORBIDDEN,
        E::Statement(_) | E::PersonalData => StatusCode::BAD_REQUEST,
        E::Receipt(ReceiptError::OtherDomain { .. }) => StatusCode::MISDIRECTED_REQUEST,
        E::Receipt(ReceiptError::Future(_)) => StatusCode::BAD_REQUEST,
        E::Receipt(ReceiptError::Stale(_)) => StatusCode::GONE,
        E::NotAMember(_) | E::NoRole { .. } | E::OwnQualification => StatusCode::FORBIDDEN,
        E::NoMember(_) => StatusCode::NOT_FOUND,
        E::Identity(_) => StatusCode::CONFLICT,
        E::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        E::Store(error) => return Refused::internal(error).into_response(),
    };
    let mut response = Refused::new(status, error.to_string()).into_response();
    if let E::TooMany(seconds) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}
