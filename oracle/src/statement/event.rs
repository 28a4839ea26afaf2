//! A statement as an event of the log, and back.
//!
//! The event says nothing that was not signed: it is made of text and signature alone. So it is verified
//! by making it anew.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Assertion, EventError, SOURCE, SignedStatement, Statement};
use crate::hex::hex;
use crate::ingest::Event;

/// The property with the text that was signed.
const STATEMENT: &str = "statement";
/// The property with the signature, base58.
const SIGNATURE: &str = "signature";

impl SignedStatement {
    /// The event that the log keeps. It happened when the statement was issued.
    pub fn to_event(&self) -> Event {
        let statement = self.statement();
        let mut properties = properties(statement.assertion());
        properties.insert(STATEMENT.to_owned(), statement.to_string().into());
        properties.insert(SIGNATURE.to_owned(), self.signature().to_string().into());
        Event {
            at_us: statement.issued_at().as_microsecond(),
            source: SOURCE.to_owned(),
            external_id: self.id(),
            name: statement.assertion().event_name().to_owned(),
            actor: statement.wallet().to_string(),
            properties,
        }
    }
}

fn properties(assertion: &Assertion) -> BTreeMap<String, Value> {
    let fields: Vec<(&str, Value)> = match assertion {
        Assertion::Assessment { artifact, score, note_hash } => {
            let note_hash = note_hash.map(|note_hash| ("note_hash", hex(&note_hash).into()));
            let fields = [("artifact", artifact.as_str().into()), ("score", (*score).into())];
            fields.into_iter().chain(note_hash).collect()
        }
        Assertion::Qualification { member, stage, expires_at } => {
            let expires_at = expires_at.map(|at| ("expires_at", at.to_string().into()));
            let fields = [("member", (*member).into()), ("stage", (*stage).into())];
            fields.into_iter().chain(expires_at).collect()
        }
        Assertion::Withdrawal { artifact } => vec![("artifact", artifact.as_str().into())],
    };
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What was stated, verified once more: that the event's wallet signed its text, and that the event says
/// what the text says and nothing else.
///
/// Whether the statement was meant for this community is for the caller to check, by
/// [`Statement::domain`]; who signed it, by [`Members::find`](crate::identity::Members::find) of the
/// event's source and actor.
///
/// # Errors
/// [`EventError`] says what is missing, wrong, or not what was signed.
pub fn verify_event(event: &Event) -> Result<Statement, EventError> {
    let text_of = |name| event.text(name).ok_or(EventError::Missing(name));
    let signed = SignedStatement::verify(text_of(STATEMENT)?, text_of(SIGNATURE)?)?;
    let Event { at_us, source, external_id, name, actor, properties } = signed.to_event();
    for (what, is_same) in [
        ("source", source == event.source),
        ("id", external_id == event.external_id),
        ("time", at_us == event.at_us),
        ("name", name == event.name),
        ("actor", actor == event.actor),
    ] {
        if !is_same {
            return Err(EventError::Differs(what.to_owned()));
        }
    }
    let names = properties.keys().chain(event.properties.keys());
    match names.into_iter().find(|name| properties.get(*name) != event.properties.get(*name)) {
        Some(name) => Err(EventError::Differs(format!("property `{name}`"))),
        None => Ok(signed.statement().clone()),
    }
}
