//! GitHub: issues, pull requests, reviews, comments.
//!
//! `X-Hub-Signature-256: sha256=HMAC-SHA256(secret, body)`. An event's id is its name and the node id
//! of what came of it, which the signature covers: `X-GitHub-Delivery` is not signed. People are known
//! by their numbers, which stay when they change their names.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::signature::is_hex_signature;
use super::{Delivery, Distrust, PushedEvent, Webhook};
use crate::config::Secret;

const SIGNATURE_HEADER: &str = "x-hub-signature-256";

/// Repositories or an organization on GitHub.
#[derive(Debug)]
pub struct Github {
    secret: Secret,
}

impl Github {
    /// Repositories whose webhook has this secret.
    pub fn new(secret: Secret) -> Self {
        Self { secret }
    }
}

impl Webhook for Github {
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust> {
        match is_hex_signature(&self.secret, delivery.header(SIGNATURE_HEADER), delivery.body) {
            true => Ok(()),
            false => Err(Distrust::Signature(SIGNATURE_HEADER.to_owned())),
        }
    }

    fn read(&self, delivery: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>> {
        read(delivery.header("x-github-event"), &Fields::of(body)).transpose().into_iter().collect()
    }
}

fn read(event: &str, body: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
    let action = body.text("action").unwrap_or_default();
    Ok(Some(match (event, action) {
        ("issues", "opened") => issue_opened(body)?,
        ("pull_request", "opened") => pull(body, "pull_opened", "created_at")?,
        ("pull_request", "closed") if is_merged(body) => pull(body, "pull_merged", "merged_at")?,
        ("pull_request_review", "submitted") => review_submitted(body)?,
        ("issue_comment", "created") => comment(body, "issue")?,
        ("pull_request_review_comment", "created") => comment(body, "pull_request")?,
        ("discussion", "created") => discussion_opened(body)?,
        ("discussion_comment", "created") => comment(body, "discussion")?,
        _ => return Ok(None),
    }))
}

fn issue_opened(body: &Fields<'_>) -> Result<PushedEvent, String> {
    let issue = body.object("issue")?;
    created(body, &issue, "issue_opened", "created_at")
}

fn discussion_opened(body: &Fields<'_>) -> Result<PushedEvent, String> {
    let discussion = body.object("discussion")?;
    created(body, &discussion, "discussion_opened", "created_at")
}

fn is_merged(body: &Fields<'_>) -> bool {
    let pull = body.object("pull_request");
    pull.is_ok_and(|pull| pull.get("merged").and_then(Value::as_bool) == Some(true))
}

/// A pull request is its author's, whoever opened or merged it.
fn pull(body: &Fields<'_>, name: &str, time: &str) -> Result<PushedEvent, String> {
    let pull = body.object("pull_request")?;
    let mut event = created(body, &pull, name, time)?;
    for count in ["additions", "deletions"] {
        event.more.insert(count.to_owned(), json!(pull.number(count)?));
    }
    Ok(event)
}

fn created(
    body: &Fields<'_>,
    thing: &Fields<'_>,
    name: &str,
    time: &str,
) -> Result<PushedEvent, String> {
    let (artifact, space) = numbered(body, thing)?;
    Ok(PushedEvent {
        external_id: format!("{name}:{}", thing.id("node_id")?),
        at_us: thing.time_us(time)?,
        name: name.to_owned(),
        actor: author(thing)?,
        artifact: Some(artifact),
        more: space,
        ..PushedEvent::default()
    })
}

fn review_submitted(body: &Fields<'_>) -> Result<PushedEvent, String> {
    let (review, pull) = (body.object("review")?, body.object("pull_request")?);
    let (target, mut more) = numbered(body, &pull)?;
    more.insert("verdict".to_owned(), json!(review.text("state")?));
    Ok(PushedEvent {
        external_id: format!("review_submitted:{}", review.id("node_id")?),
        at_us: review.time_us("submitted_at")?,
        name: "review_submitted".to_owned(),
        actor: author(&review)?,
        artifact: Some(format!("{target}/review-{}", review.id("id")?)),
        target: Some(target),
        target_author: Some(author(&pull)?),
        more,
    })
}

fn comment(body: &Fields<'_>, on: &'static str) -> Result<PushedEvent, String> {
    let (comment, thing) = (body.object("comment")?, body.object(on)?);
    let (target, more) = numbered(body, &thing)?;
    Ok(PushedEvent {
        external_id: format!("comment_created:{}", comment.id("node_id")?),
        at_us: comment.time_us("created_at")?,
        name: "comment_created".to_owned(),
        actor: author(&comment)?,
        artifact: Some(format!("{target}/comment-{}", comment.id("id")?)),
        target: Some(target),
        target_author: Some(author(&thing)?),
        more,
    })
}

/// `owner/repository#12`, and the repository as the space.
fn numbered(body: &Fields<'_>, thing: &Fields<'_>) -> Result<(String, Map<String, Value>), String> {
    let repository = body.object("repository")?.text("full_name")?;
    let space = Map::from_iter([("space".to_owned(), json!(repository))]);
    Ok((format!("{repository}#{}", thing.id("number")?), space))
}

fn author(thing: &Fields<'_>) -> Result<String, String> {
    thing.object("user")?.id("id")
}
