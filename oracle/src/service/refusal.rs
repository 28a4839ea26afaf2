//! Why a request is not answered with 200: one list, and what each is called over HTTP, in the shape
//! that PostHog's SDKs know.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::ingest::capture::CaptureError;
use crate::ingest::webhook::Distrust;
use crate::store::StoreError;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No source of this name takes webhooks.
    UnknownSource,
    /// It is not authentic.
    Unauthorized(String),
    /// It cannot be read.
    Unreadable(String),
    /// It is larger than this limit says.
    TooLarge(String),
    /// It comes too soon after others; wait this many seconds.
    TooMany(u64),
    /// The database does not answer.
    Unavailable,
}

impl Refusal {
    /// What it is called in metrics.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::UnknownSource => "unknown_source",
            Self::Unauthorized(_) => "unauthorized",
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge(_) => "too_large",
            Self::TooMany(_) => "too_many",
            Self::Unavailable => "unavailable",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownSource => StatusCode::NOT_FOUND,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let (code, wait_seconds) = (self.label(), self.wait_seconds());
        let detail = match self {
            Self::UnknownSource => "no source of this name takes webhooks".to_owned(),
            Self::Unauthorized(detail) | Self::Unreadable(detail) | Self::TooLarge(detail) => {
                detail
            }
            Self::TooMany(_) => "too many requests: send more at once, less often".to_owned(),
            Self::Unavailable => "nothing was kept: send it again later".to_owned(),
        };
        let body = json!({"type": "refused", "code": code, "detail": detail, "attr": null});
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = wait_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl Refusal {
    fn wait_seconds(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable => Some(10),
            _ => None,
        }
    }
}

impl From<Distrust> for Refusal {
    fn from(distrust: Distrust) -> Self {
        Self::Unauthorized(distrust.to_string())
    }
}

impl From<CaptureError> for Refusal {
    fn from(error: CaptureError) -> Self {
        match error {
            CaptureError::Unreadable(_) => Self::Unreadable(error.to_string()),
            CaptureError::TooLarge(_) => Self::TooLarge(error.to_string()),
        }
    }
}

/// What the database says stays here: it may name hosts.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a delivery could not be kept");
        Self::Unavailable
    }
}
