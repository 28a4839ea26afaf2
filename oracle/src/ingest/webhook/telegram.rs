//! A Telegram bot: messages and reactions of the chats that it is in.
//!
//! `X-Telegram-Bot-Api-Secret-Token` is the webhook's secret. An event's id is the update's. Ids of
//! people and chats are personal data (a private chat's id is the person's), so they are hashed with
//! the salt. Of a message its author, length and what it replies to are kept, never a word of it. What
//! people write to the bot alone counts only where the chat is named in the configuration.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::signature::is_secret;
use super::{Delivery, Distrust, PushedEvent, Webhook};
use crate::config::Secret;
use crate::ingest::Salt;

const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// What a message of a person has, one of them; the others say that somebody joined and so on.
const CONTENTS: [&str; 11] = [
    "text",
    "animation",
    "audio",
    "document",
    "photo",
    "poll",
    "sticker",
    "video",
    "video_note",
    "voice",
    "location",
];

/// A Telegram bot.
#[derive(Debug)]
pub struct Telegram {
    secret: Secret,
    salt: Salt,
    /// Chats that count; all but private ones when empty.
    chats: Vec<i64>,
}

impl Telegram {
    /// A bot whose webhook has this secret. Only `chats` count, or all but private ones when there
    /// are none.
    pub fn new(secret: Secret, salt: Salt, chats: Vec<i64>) -> Self {
        Self { secret, salt, chats }
    }

    fn counts(&self, chat: &Fields<'_>) -> Result<bool, String> {
        match self.chats.is_empty() {
            true => Ok(chat.text("type")? != "private"),
            false => Ok(self.chats.contains(&chat.number("id")?)),
        }
    }

    fn hash(&self, kind: &str, id: i64) -> String {
        self.salt.hash(&format!("telegram {kind} {id}"))
    }

    fn update(&self, update: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
        let id = update.id("update_id")?;
        match (update.object("message"), update.object("message_reaction")) {
            (Ok(message), _) => self.message(&id, &message),
            (_, Ok(reaction)) => self.reaction(&id, &reaction),
            _ => Ok(None),
        }
    }

    fn message(&self, id: &str, message: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
        let chat = message.object("chat")?;
        let is_content = CONTENTS.iter().any(|content| message.get(content).is_some());
        // What is written in the name of a chat is nobody's.
        if !self.counts(&chat)? || !is_content || message.get("sender_chat").is_some() {
            return Ok(None);
        }
        let chat = self.hash("chat", chat.number("id")?);
        let replied = message.object("reply_to_message").ok();
        let target_author = replied.map(|replied| self.person(&replied, "from")).transpose()?;
        let target = replied.map(|replied| place(&chat, &replied)).transpose()?;
        let text = message.text("text").or_else(|_| message.text("caption")).unwrap_or_default();
        let more = [("space", json!(chat)), ("characters", json!(text.chars().count()))];
        Ok(Some(PushedEvent {
            external_id: id.to_owned(),
            at_us: seconds(message)?,
            name: "message_sent".to_owned(),
            actor: self.person(message, "from")?,
            artifact: Some(place(&chat, message)?),
            target,
            target_author,
            more: more.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        }))
    }

    /// A reaction does not say whose message it is for: that is looked up.
    fn reaction(&self, id: &str, reaction: &Fields<'_>) -> Result<Option<PushedEvent>, String> {
        let chat = reaction.object("chat")?;
        if !self.counts(&chat)? || reaction.get("user").is_none() {
            return Ok(None);
        }
        let of = |name| reaction.get(name).and_then(Value::as_array).into_iter().flatten();
        let old: Vec<_> = of("old_reaction").collect();
        let Some(added) = of("new_reaction").find(|new| !old.contains(new)) else {
            return Ok(None);
        };
        let chat = self.hash("chat", chat.number("id")?);
        let kind = added.get("emoji").or_else(|| added.get("custom_emoji_id"));
        let mut more = Map::from_iter([("space".to_owned(), json!(chat))]);
        if let Some(kind) = kind {
            more.insert("reaction".to_owned(), kind.clone());
        }
        Ok(Some(PushedEvent {
            external_id: id.to_owned(),
            at_us: seconds(reaction)?,
            name: "reaction_added".to_owned(),
            actor: self.person(reaction, "user")?,
            target: Some(place(&chat, reaction)?),
            more,
            ..PushedEvent::default()
        }))
    }

    fn person(&self, of: &Fields<'_>, field: &'static str) -> Result<String, String> {
        Ok(self.hash("user", of.object(field)?.number("id")?))
    }
}

impl Webhook for Telegram {
    fn verify(&self, delivery: &Delivery<'_>) -> Result<(), Distrust> {
        match is_secret(&self.secret, delivery.header(SECRET_HEADER)) {
            true => Ok(()),
            false => Err(Distrust::Signature(SECRET_HEADER.to_owned())),
        }
    }

    fn read(&self, _: &Delivery<'_>, body: &Value) -> Vec<Result<PushedEvent, String>> {
        self.update(&Fields::of(body)).transpose().into_iter().collect()
    }
}

/// A message's place.
fn place(chat: &str, message: &Fields<'_>) -> Result<String, String> {
    Ok(format!("{chat}/{}", message.number("message_id")?))
}

/// Telegram's times are seconds since 1970.
fn seconds(of: &Fields<'_>) -> Result<i64, String> {
    of.number("date")?.checked_mul(1_000_000).ok_or_else(|| "its date is no time".to_owned())
}
