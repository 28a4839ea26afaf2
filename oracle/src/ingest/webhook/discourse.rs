//! Discourse: topics, posts, likes, accepted solutions, badges, promotions.
//!
//! `X-Discourse-Event-Signature: sha256=HMAC-SHA256(secret, body)`. An event's id is its name and the
//! object's id, so a retried delivery is the same event; the source itself is the instance. A new
//! topic is announced as a topic and as a post: the post is left out.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::signature::is_hex_signature;
use super::{Delivery, Distrust, PushedEvent, Webhook};
use crate::config::Secret;

const SIGNATURE_HEADER: &str = "x-discourse-event-signature";
/// Posts of people; the others say that a topic was closed, moved and so on.
const REGULAR_POST: i64 = 1;

/// A Discourse instance.
#[derive(Debug)]
pub struct Discourse {
    secret: Secret,
}

impl Discourse {
    /// An instance whose webhook has this secret.
    pub fn new(secret: Secret) -> Self {
        Self { secret }
    }
}

impl Webhook for Discourse {
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust> {
        match is_hex_signature(&self.secret, delivery.header(SIGNATURE_HEADER), delivery.body) {
            true => Ok(()),
            false => Err(Distrust::Signature(SIGNATURE_HEADER.to_owned())),
        }
    }

    fn read(&self, delivery: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>> {
        let event = read(delivery.header("x-discourse-event"), body, delivery.received_at_us);
        event.transpose().into_iter().collect()
    }
}

fn read(event: &str, body: &Value, received_at_us: i64) -> Result<Option<PushedEvent>, String> {
    let body = Fields::of(body);
    let event = match event {
        "topic_created" => topic_created(&body.object("topic")?)?,
        "post_created" => post_created(&body.object("post")?)?,
        "post_liked" => post_liked(&body.object("like")?, received_at_us)?,
        "accepted_solution" => solution_accepted(&body.object("solved")?, received_at_us)?,
        "user_badge_granted" => badge_granted(&body.object("user_badge")?)?,
        "user_promoted" => promoted(&body.object("user")?, received_at_us)?,
        _ => None,
    };
    // The system's own accounts have ids below zero.
    Ok(event.filter(|event| !event.actor.starts_with('-')))
}

fn topic_created(topic: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
    if is_private(topic, "archetype") {
        return Ok(None);
    }
    let id = topic.id("id")?;
    Ok(Some(PushedEvent {
        external_id: format!("topic_created:{id}"),
        at_us: topic.time_us("created_at")?,
        name: "topic_created".to_owned(),
        actor: topic.id("user_id")?,
        artifact: Some(format!("t/{id}/1")),
        more: space(topic),
        ..PushedEvent::default()
    }))
}

fn post_created(post: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
    let (number, id) = (post.number("post_number")?, post.id("id")?);
    if number == 1 || is_private(post, "topic_archetype") || !is_regular(post) {
        return Ok(None);
    }
    // What is no reply to a post is one to the topic.
    let replied = post.get("reply_to_post_number").and_then(Value::as_i64).unwrap_or(1);
    Ok(Some(PushedEvent {
        external_id: format!("post_created:{id}"),
        at_us: post.time_us("created_at")?,
        name: "post_created".to_owned(),
        actor: post.id("user_id")?,
        artifact: Some(place(post)?),
        target: Some(format!("t/{}/{replied}", post.id("topic_id")?)),
        target_author: None,
        more: space(post),
    }))
}

/// Likes carry no time of their own: theirs is when they came.
fn post_liked(like: &Fields<'_>, received_at_us: i64) -> Result<Option<PushedEvent>, String> {
    let post = like.object("post")?;
    if is_private(&post, "topic_archetype") {
        return Ok(None);
    }
    let (id, liker) = (post.id("id")?, like.object("user")?.id("id")?);
    Ok(Some(PushedEvent {
        external_id: format!("post_liked:{id}:{liker}"),
        at_us: received_at_us,
        name: "post_liked".to_owned(),
        actor: liker,
        artifact: None,
        target: Some(place(&post)?),
        target_author: Some(post.id("user_id")?),
        more: space(&post),
    }))
}

/// The one who earned it is the author of the solution; who accepted it is not said.
fn solution_accepted(
    post: &Fields<'_>,
    received_at_us: i64,
) -> Result<Option<PushedEvent>, String> {
    let id = post.id("id")?;
    Ok(Some(PushedEvent {
        external_id: format!("solution_accepted:{id}"),
        at_us: received_at_us,
        name: "solution_accepted".to_owned(),
        actor: post.id("user_id")?,
        artifact: Some(place(post)?),
        target: Some(format!("t/{}/1", post.id("topic_id")?)),
        target_author: None,
        more: space(post),
    }))
}

fn badge_granted(granted: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
    let id = granted.id("id")?;
    Ok(Some(PushedEvent {
        external_id: format!("badge_granted:{id}"),
        at_us: granted.time_us("granted_at")?,
        name: "badge_granted".to_owned(),
        actor: granted.id("user_id")?,
        more: Map::from_iter([("badge".to_owned(), json!(granted.id("badge_id")?))]),
        ..PushedEvent::default()
    }))
}

fn promoted(user: &Fields<'_>, received_at_us: i64) -> Result<Option<PushedEvent>, String> {
    let (id, level) = (user.id("id")?, user.number("trust_level")?);
    Ok(Some(PushedEvent {
        external_id: format!("trust_promoted:{id}:{level}"),
        at_us: received_at_us,
        name: "trust_promoted".to_owned(),
        actor: id,
        more: Map::from_iter([("trust_level".to_owned(), json!(level))]),
        ..PushedEvent::default()
    }))
}

/// A post's place, as Discourse writes it in addresses.
fn place(post: &Fields<'_>) -> Result<String, String> {
    Ok(format!("t/{}/{}", post.id("topic_id")?, post.number("post_number")?))
}

fn space(fields: &Fields<'_>) -> Map<String, Value> {
    let category = fields.get("category_id").and_then(super::fields::id);
    category.map(|id| ("space".to_owned(), json!(format!("c/{id}")))).into_iter().collect()
}

fn is_private(fields: &Fields<'_>, archetype: &str) -> bool {
    fields.text(archetype).is_ok_and(|archetype| archetype == "private_message")
}

fn is_regular(post: &Fields<'_>) -> bool {
    post.number("post_type").is_ok_and(|kind| kind == REGULAR_POST)
}
