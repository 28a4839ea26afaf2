//! What PostHog's SDKs post to.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, response::IntoResponse};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use metrics::counter;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::intake::Checking;
use super::refusal::Refusal;
use super::{Service, body};
use crate::config::Secret;
use crate::ingest::capture::{Captured, Encoding, MAX_BODY_BYTES, decode, max_decoded_bytes, read};
use crate::segments::RawForm;

/// Requests of one project a second, and at once.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(199);
const REQUESTS_AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// Where the SDKs post to; each with and without a slash at its end.
const PATHS: [&str; 8] =
    ["/batch", "/batch/", "/e", "/e/", "/i/v0/e", "/i/v0/e/", "/capture", "/capture/"];

/// A project whose events are captured.
#[derive(Debug)]
pub(super) struct Project {
    source: String,
    token: Secret,
    limiter: DefaultDirectRateLimiter,
}

impl Project {
    pub(super) fn new(source: &str, token: Secret) -> Self {
        let quota = Quota::per_second(REQUESTS_PER_SECOND).allow_burst(REQUESTS_AT_ONCE);
        Self { source: source.to_owned(), token, limiter: RateLimiter::direct(quota) }
    }

    /// The token is public, and compared in constant time all the same.
    fn has_token(&self, token: &str) -> bool {
        self.token.reveal().as_bytes().ct_eq(token.as_bytes()).into()
    }

    fn limit(&self) -> Result<(), Refusal> {
        self.limiter.check().map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Refusal::TooMany(wait.as_secs() + 1)
        })
    }
}

pub(super) fn router() -> Router<Arc<Service>> {
    PATHS.iter().fold(Router::new(), |router, path| router.route(path, post(take)))
}

async fn take(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (source, taken) = match take_events(&service, request).await {
        Ok(source) => (source, Ok(())),
        Err(refusal) => ("(none)", Err(refusal)),
    };
    let result = taken.as_ref().map_or_else(Refusal::label, |()| "accepted");
    let labels = [("source", source.to_owned()), ("result", result.to_owned())];
    counter!("stk_deliveries_total", &labels).increment(1);
    match taken {
        Ok(()) => Json(json!({"status": "Ok"})).into_response(),
        Err(refusal) => {
            tracing::warn!(?refusal, "captured events were refused");
            refusal.into_response()
        }
    }
}

/// Keeps the events of a request, and tells whose they are.
async fn take_events(service: &Service, request: Request) -> Result<&str, Refusal> {
    let (parts, content) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = Encoding::new(parts.uri.query().unwrap_or_default(), content_type);
    let held =
        body::read(content, &parts.headers, MAX_BODY_BYTES, &service.budget, max_decoded_bytes);
    let held = held.await?;
    let decoded = decode(&held.bytes, &encoding)?;
    let captured = read(&decoded, &encoding)?;
    let mut checking = None;
    for raw in &captured.events {
        // The first event's token is the request's, where the request has none.
        let checking = match &mut checking {
            Some(checking) => checking,
            None => checking.insert(begin(service, &captured, raw)?),
        };
        let (project, checking) = checking;
        if let Err(reason) = take_event(project, checking, &captured, raw) {
            let (form, kept) = kept(&captured, raw, checking.received_at_us());
            checking.reject("a captured event", reason, form, &kept);
        }
    }
    let Some((project, checking)) = checking else {
        return Err(Refusal::Unreadable("there is no event in it".to_owned()));
    };
    service.intake.keep(checking).await?;
    Ok(&project.source)
}

/// Finds out whose request it is.
fn begin<'a>(
    service: &'a Service,
    captured: &Captured<'_>,
    first: &RawValue,
) -> Result<(&'a Project, Checking<'a>), Refusal> {
    let now_us = service.intake.log.clock().now_us();
    let token = match &captured.token {
        Some(token) => token.clone(),
        None => {
            captured.event(first, now_us).ok().and_then(|event| event.token).unwrap_or_default()
        }
    };
    let mut projects = service.captures.iter();
    let project = projects.find(|project| project.has_token(&token)).ok_or_else(|| {
        Refusal::Unauthorized("the project's token is missing or wrong: api_key".to_owned())
    })?;
    project.limit()?;
    Ok((project, service.intake.check(&project.source, now_us)))
}

fn take_event(
    project: &Project,
    checking: &mut Checking<'_>,
    captured: &Captured<'_>,
    raw: &RawValue,
) -> Result<(), String> {
    let event = captured.event(raw, checking.received_at_us())?;
    match event.token.as_deref() {
        Some(token) if !project.has_token(token) => {
            Err("its token is another project's".to_owned())
        }
        _ => checking.admit(event.row()),
    }
}

/// What is kept of an event that is turned away: itself, or its size where nobody can read it alike.
fn kept(captured: &Captured<'_>, raw: &RawValue, received_at_us: i64) -> (RawForm, Value) {
    match captured.to_kept(raw, received_at_us) {
        Some(kept) => (RawForm::Captured, kept),
        None => (RawForm::Shape, format!("({} bytes)", raw.get().len()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_that_floods_is_told_how_long_to_wait() {
        let project = Project::new("app", Secret::new("phc_x"));
        let answers: Vec<_> = (0..100_000).map(|_| project.limit()).collect();
        assert!(answers[..1_000].iter().all(Result::is_ok));
        let refused = answers.iter().find_map(|answer| answer.as_ref().err());
        assert!(matches!(refused, Some(Refusal::TooMany(1))), "{refused:?}");
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let project = Project::new("app", Secret::new("phc_x"));
        assert!(
            !project.has_token("") && !project.has_token("phc_") && !project.has_token("phc_xx")
        );
        assert!(project.has_token("phc_x"));
    }
}
