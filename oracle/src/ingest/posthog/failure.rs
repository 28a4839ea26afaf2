//! What PostHog says when it does not answer, and what that means for us.

use std::error::Error;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use crate::config::PosthogQuerySettings;
use crate::ingest::pull::PullError;

/// The longest text of PostHog's that is passed on, characters.
const MAX_DETAIL_CHARS: usize = 300;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The question is too large: the same one for less may be answered.
    #[error("{0}")]
    TooMuch(String),
    /// It may do again, later.
    #[error("{problem}")]
    Busy {
        /// What happened.
        problem: String,
        /// How long PostHog asks us to wait.
        wait: Option<Duration>,
    },
    /// Somebody has to change something.
    #[error("{0}")]
    Fix(String),
}

/// PostHog's body of an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    code: Option<String>,
    detail: Option<String>,
    query_status: Option<QueryStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QueryStatus {
    error_message: Option<String>,
}

impl Trouble {
    pub(super) fn later(problem: impl Into<String>) -> Self {
        Self::Busy { problem: problem.into(), wait: None }
    }

    /// What became of a request that got no answer: the network, or a time that ran out.
    pub(super) fn of_network(error: reqwest::Error) -> Self {
        let is_slow = error.is_timeout() && !error.is_connect();
        // The address is in the configuration; what is wrong is in the causes.
        let error = error.without_url();
        let mut text = format!("PostHog cannot be reached: {error}");
        let mut cause = error.source();
        while let Some(because) = cause {
            text += &format!(": {because}");
            cause = because.source();
        }
        if is_slow {
            return Self::TooMuch("PostHog did not answer in time".to_owned());
        }
        Self::later(text)
    }

    /// What an answer with another status than 200 and 202 means.
    pub(super) fn of_status(
        status: StatusCode,
        wait: Option<Duration>,
        body: &[u8],
        settings: &PosthogQuerySettings,
    ) -> Self {
        let body: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
        let code = body.code.unwrap_or_default();
        let in_status = body.query_status.and_then(|status| status.error_message);
        let detail = printable(&body.detail.or(in_status).unwrap_or_default());
        let PosthogQuerySettings { host, project_id, key_env, .. } = settings;
        match status.as_u16() {
            504 | 512 | 513 => Self::TooMuch(format!("PostHog gave up ({status}): {detail}")),
            400 if asks_too_much(&code, &detail) => {
                Self::TooMuch(format!("PostHog gave up ({status}): {detail}"))
            }
            400 => Self::Fix(format!(
                "PostHog refuses the query (400): {detail}. If it names a column, PostHog has changed: \
                 this version of stk-oracle cannot read it"
            )),
            401 | 403 if code.contains("authenticat") || status == 401 => Self::Fix(format!(
                "PostHog does not know the key in {key_env} ({}): {detail} Make a personal API key with \
                 the scope `query:read` for this project, at {host}: a key of another region is \
                 unknown there, and a project token (phc_…) cannot read",
                status.as_u16()
            )),
            403 => Self::Fix(format!(
                "PostHog does not let the key in {key_env} query project {project_id} (403): {detail} \
                 Give the key the scope `query:read` and access to the project"
            )),
            404 => Self::Fix(format!(
                "PostHog has no project {project_id} at {host} (404): {detail} Set project_id to the \
                 number in the project's settings, and host to its region, eu.posthog.com or \
                 us.posthog.com"
            )),
            402 => Self::Fix(format!(
                "PostHog answers no more queries for this plan (402): {detail} Raise the plan's limit \
                 or wait for the next billing period"
            )),
            429 => Self::Busy { problem: format!("PostHog throttles us (429): {detail}"), wait },
            300..400 => Self::Fix(format!(
                "PostHog redirects from {host} ({}): set host to where it is now",
                status.as_u16()
            )),
            500.. => Self::Busy { problem: format!("PostHog fails ({status}): {detail}"), wait },
            _ => Self::Fix(format!("PostHog refuses the request ({status}): {detail}")),
        }
    }

    /// What the error of a query means that PostHog ran in the background.
    pub(super) fn of_background(message: &str) -> Self {
        let message = printable(message);
        if asks_too_much("", &message) {
            Self::TooMuch(format!("PostHog gave up: {message}"))
        } else {
            Self::Fix(format!("PostHog refuses the query: {message}"))
        }
    }
}

impl From<Trouble> for PullError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::TooMuch(problem) => Self::Later { problem, wait: None },
            Trouble::Busy { problem, wait } => Self::Later { problem, wait },
            Trouble::Fix(problem) => Self::Fix(problem),
        }
    }
}

/// Whether an error is about the size of what was asked for.
fn asks_too_much(code: &str, detail: &str) -> bool {
    let codes = ["too_many_bytes", "clickhouse_memory_limit_exceeded", "query_timeout"];
    let words = ["is too long", "max execution time", "memory", "timeout exceeded"];
    let detail = detail.to_lowercase();
    codes.contains(&code) || words.iter().any(|word| detail.contains(word))
}

/// What an answer means that is no JSON, or another than was asked for. Only the first line of the
/// error is told: the others quote the answer.
pub(super) fn not_an_answer(error: &sonic_rs::Error) -> Trouble {
    let error = error.to_string();
    let error = printable(error.lines().next().unwrap_or_default());
    Trouble::Fix(format!("what answers is not PostHog's Query API: {error}: is host right?"))
}

/// A text of PostHog's, fit for a line of a log.
fn printable(text: &str) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(line).take(MAX_DETAIL_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Trouble {
        let settings = toml::from_str(
            "host = \"https://eu.posthog.com\"\nproject_id = \"7\"\nkey_env = \"POSTHOG_KEY\"\n\
             start_at = \"2018-01-01T00:00:00Z\"",
        );
        let status = StatusCode::from_u16(status).unwrap();
        Trouble::of_status(status, None, body.as_bytes(), &settings.unwrap())
    }

    #[test]
    fn an_unknown_key_is_told_from_one_that_may_not() {
        let unknown = r#"{"code":"authentication_failed","detail":"Personal API key … invalid."}"#;
        // PostHog answers both 401 and 403 to a key that it does not know
        for status in [401, 403] {
            let text = of(status, unknown).to_string();
            assert!(text.contains("does not know the key in POSTHOG_KEY"), "{text}");
        }
        let scope = r#"{"code":"permission_denied","detail":"API key missing required scope"}"#;
        let text = of(403, scope).to_string();
        assert!(text.contains("scope `query:read` and access to the project"), "{text}");
    }

    #[test]
    fn what_is_too_much_is_told_from_what_is_wrong() {
        let too_much = [
            (400, r#"{"code":"too_many_bytes","detail":"x"}"#),
            (400, r#"{"detail":"Estimated query execution time is too long."}"#),
            (504, "<html>gateway</html>"),
            (512, "{}"),
            (513, "{}"),
        ];
        for (status, body) in too_much {
            assert!(matches!(of(status, body), Trouble::TooMuch(_)), "{status} {body}");
        }
        let wrong = of(400, r#"{"detail":"Unable to resolve field: created_at"}"#);
        assert!(wrong.to_string().contains("Unable to resolve field: created_at"), "{wrong}");
        assert!(matches!(of(302, ""), Trouble::Fix(text) if text.contains("set host")));
        assert!(matches!(of(503, ""), Trouble::Busy { .. }));
        assert!(matches!(Trouble::of_background("out of memory"), Trouble::TooMuch(_)));
        assert!(matches!(Trouble::of_background("no such field"), Trouble::Fix(_)));
    }

    #[test]
    fn what_posthog_says_is_one_short_line() {
        let detail = format!("{{\"detail\":\"a\\u001b[31m\\nb{}\"}}", "x".repeat(10_000));
        let text = of(429, &detail).to_string();
        assert!(text.len() < 400 && !text.contains('\n') && !text.contains('\u{1b}'), "{text}");
    }
}
