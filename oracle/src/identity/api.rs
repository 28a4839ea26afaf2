//! The HTTP API of identities, JSON in and out.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /v1/link/challenge` | `{code, wallet}` | `{message, nonce, expires_at}` |
//! | `POST /v1/link` | `{nonce, signature}` | `{member, wallet}` |
//! | `GET /v1/members/{index}` | | `{member, wallet, roles, merged_into}` |
//!
//! Addresses and signatures are base58, times RFC 3339. An error is `{error}` with a status that
//! fits. What members are called elsewhere is never told.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use super::{LinkError, Linking, MemberIndex, Role};
use crate::store::StoreError;

/// The longest body that is read, bytes.
const MAX_BODY_BYTES: usize = 4_096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChallengeRequest {
    code: String,
    wallet: String,
}

#[derive(Serialize)]
struct ChallengeAnswer {
    message: String,
    nonce: String,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkRequest {
    nonce: String,
    signature: String,
}

#[derive(Serialize)]
struct LinkAnswer {
    member: MemberIndex,
    wallet: String,
}

#[derive(Serialize)]
struct MemberAnswer {
    member: MemberIndex,
    wallet: Option<String>,
    roles: Vec<Role>,
    merged_into: Option<MemberIndex>,
}

/// An error as it is answered.
pub(crate) struct Refused {
    status: StatusCode,
    error: String,
}

/// The API's routes.
pub fn router(linking: Arc<Linking>) -> Router {
    Router::new()
        .route("/v1/link/challenge", post(challenge))
        .route("/v1/link", post(link))
        .route("/v1/members/{index}", get(member))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(linking)
}

async fn challenge(
    State(linking): State<Arc<Linking>>,
    body: Result<Json<ChallengeRequest>, JsonRejection>,
) -> Result<Json<ChallengeAnswer>, Refused> {
    let Json(request) = body?;
    let challenge = linking.challenge(&request.code, &request.wallet).await?;
    Ok(Json(ChallengeAnswer {
        message: challenge.message,
        nonce: challenge.nonce,
        expires_at: challenge.expires_at.to_string(),
    }))
}

async fn link(
    State(linking): State<Arc<Linking>>,
    body: Result<Json<LinkRequest>, JsonRejection>,
) -> Result<Json<LinkAnswer>, Refused> {
    let Json(request) = body?;
    let linked = linking.link(&request.nonce, &request.signature).await?;
    tracing::info!(member = linked.member, wallet = %linked.wallet, "linked a wallet");
    Ok(Json(LinkAnswer { member: linked.member, wallet: linked.wallet.to_string() }))
}

async fn member(
    State(linking): State<Arc<Linking>>,
    index: Result<Path<MemberIndex>, PathRejection>,
) -> Result<Json<MemberAnswer>, Refused> {
    let Path(member) = index?;
    let profile = linking.profile(member).await.map_err(LinkError::from)?;
    let profile = profile.ok_or_else(|| Refused {
        status: StatusCode::NOT_FOUND,
        error: format!("there is no member {member}"),
    })?;
    Ok(Json(MemberAnswer {
        member,
        wallet: profile.wallet.map(|wallet| wallet.to_string()),
        roles: profile.roles,
        merged_into: profile.merged_into,
    }))
}

impl From<LinkError> for Refused {
    fn from(error: LinkError) -> Self {
        use LinkError as E;
        let status = match &error {
            E::NotAWallet | E::NotASignature => StatusCode::BAD_REQUEST,
            E::UnknownCode | E::UsedCode | E::ExpiredCode => StatusCode::UNAUTHORIZED,
            E::WrongSignature(_) => StatusCode::FORBIDDEN,
            E::UnknownNonce => StatusCode::NOT_FOUND,
            E::UsedNonce | E::Identity(_) => StatusCode::CONFLICT,
            E::ExpiredMessage => StatusCode::GONE,
            E::Store(error) => return Self::internal(error),
        };
        Self { status, error: error.to_string() }
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self { status: rejection.status(), error: rejection.body_text() }
    }
}

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        let error = "a member is named by its index, a whole number".to_owned();
        Self { status: StatusCode::BAD_REQUEST, error }
    }
}

impl Refused {
    /// A status, and why.
    pub(crate) fn new(status: StatusCode, error: String) -> Self {
        Self { status, error }
    }

    /// What is wrong here is nobody else's business.
    pub(crate) fn internal(error: &StoreError) -> Self {
        tracing::error!(%error, "a request about members failed");
        let error = "something failed here: try again later".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, error }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(serde_json::json!({ "error": self.error }))).into_response()
    }
}
