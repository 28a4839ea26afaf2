//! Keeps personal data out: named fields are removed, hashed or refused, and e-mail addresses are
//! hashed wherever they stand: as an actor, or in a property whatever its name.
//!
//! hash = first 32 hexadecimal digits of HMAC-SHA256(salt, value), so that the same person stays the
//! same and only who has the salt can tell whether a value is theirs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::json_text::{self, Edit};
use super::names::has_repeated_names;
use crate::hex::hex;

/// What stands for an e-mail address that is not hashed.
const HIDDEN: &str = "(e-mail address)";
/// What stands in a rejection for a field that had it turned away.
const REFUSED: &str = "(personal data)";
/// What is kept of a delivery that is no JSON or too long, bytes.
const MAX_DAMAGED_BYTES: usize = 512;
/// The longest delivery that is kept whole, bytes: a line of a file is no longer.
const MAX_KEPT_BYTES: usize = 1 << 20;

/// What is done with a field that holds personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalField {
    /// The field is left out.
    Remove,
    /// Its value is replaced by a hash with the salt.
    Hash,
    /// The whole event is turned away.
    Refuse,
}

/// A secret that makes hashes of personal data useless to others.
#[derive(Clone)]
pub struct Salt(Vec<u8>);

/// Which fields hold personal data, at whichever depth, whatever the case of their letters.
#[derive(Clone, Debug)]
pub struct PersonalData {
    fields: BTreeMap<String, PersonalField>,
    salt: Option<Salt>,
    /// The lengths of the fields' names, a bit each, by which most names are told to be others.
    lengths: u64,
    /// Whether what comes was kept by [`PersonalData::clean_raw`] before.
    was_kept: bool,
}

/// Why a salt is none, or personal data cannot be hashed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonalDataError {
    /// Too short to resist guessing.
    #[error("the salt has {0} bytes; it needs at least 16: openssl rand -hex 32")]
    ShortSalt(usize),
    /// A field is to be hashed, and there is no salt.
    #[error("field `{0}` is to be hashed, and there is no salt")]
    NoSalt(String),
}

impl Salt {
    /// A salt from its bytes.
    ///
    /// # Errors
    /// [`PersonalDataError::ShortSalt`] below 16 bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, PersonalDataError> {
        let bytes = bytes.into();
        if bytes.len() < 16 {
            return Err(PersonalDataError::ShortSalt(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// A value's hash: 32 hexadecimal digits.
    ///
    /// # Panics
    /// Never: a key of any length is a key.
    pub fn hash(&self, value: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length is a key");
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(…)")
    }
}

impl Default for PersonalData {
    fn default() -> Self {
        Self::new(Self::default_fields(), None).expect("nothing is hashed")
    }
}

impl PersonalData {
    /// Removes what the usual tools call e-mail addresses, phone numbers, IP addresses and message
    /// texts.
    pub fn default_fields() -> BTreeMap<String, PersonalField> {
        let fields = ["$ip", "email", "$email", "ip", "message", "phone", "raw", "text"];
        fields.map(|field| (field.to_owned(), PersonalField::Remove)).into()
    }

    /// Rules for fields by name, and the salt for what is hashed.
    ///
    /// # Errors
    /// [`PersonalDataError::NoSalt`] when a field is to be hashed without one.
    pub fn new(
        fields: BTreeMap<String, PersonalField>,
        salt: Option<Salt>,
    ) -> Result<Self, PersonalDataError> {
        let fields: BTreeMap<_, _> =
            fields.into_iter().map(|(field, rule)| (field.to_lowercase(), rule)).collect();
        if salt.is_none()
            && let Some((field, _)) = fields.iter().find(|(_, rule)| **rule == PersonalField::Hash)
        {
            return Err(PersonalDataError::NoSalt(field.clone()));
        }
        let lengths = fields.keys().fold(0, |bits, field| bits | length_bit(field));
        Ok(Self { fields, salt, lengths, was_kept: false })
    }

    /// The same rules, for what was kept of an event that was turned away: what is hashed in it is not
    /// hashed once more, and what was left out of it is not taken for what it says.
    #[cfg(feature = "service")]
    pub(super) fn for_replay(&self) -> Self {
        Self { was_kept: true, ..self.clone() }
    }

    /// Checks that an id, name or actor, or what an id is made of, was kept as it came.
    ///
    /// # Errors
    /// Says that it was not.
    pub(super) fn check_kept(&self, what: &str, text: &str) -> Result<(), String> {
        match self.was_kept && [HIDDEN, REFUSED].iter().any(|mark| text.contains(mark)) {
            true => Err(format!(
                "its {what} held personal data, of which nothing was kept: the source has to deliver \
                 it again"
            )),
            false => Ok(()),
        }
    }

    /// Whether something is done with a field, because it holds personal data.
    #[cfg(feature = "service")]
    pub(super) fn is_personal(&self, field: &str) -> bool {
        self.rule(field).is_some()
    }

    /// The text of a JSON object without its personal data.
    ///
    /// # Errors
    /// Says which field has it turned away, or why it is no object that can be read.
    pub(super) fn clean<'a>(&self, properties: &'a str) -> Result<Cow<'a, str>, String> {
        let (mut refused, mut unkept) = (None, None);
        let cleaned = json_text::edit(
            properties,
            |name| self.rule(name).is_some(),
            |name, value| match self.rule(name) {
                None => Ok(Edit::Keep),
                Some(PersonalField::Remove) => Ok(Edit::Remove),
                Some(PersonalField::Hash) => {
                    let value = serde_json::from_str(value).map_err(|error| error.to_string())?;
                    if self.was_kept && value == REFUSED {
                        unkept = Some(name.to_owned());
                    }
                    Ok(match self.is_hashed(&value) {
                        true => Edit::Keep,
                        false => Edit::Replace(self.hash_value(&value).to_string()),
                    })
                }
                Some(PersonalField::Refuse) => {
                    refused = Some(name.to_owned());
                    Ok(Edit::Remove)
                }
            },
        );
        if let Some(field) = unkept {
            self.check_kept(&format!("field `{field}`"), REFUSED)?;
        }
        match refused {
            Some(field) => Err(format!("field `{field}` is personal data, which is refused")),
            None => cleaned
                .map(|cleaned| self.without_addresses(cleaned))
                .map_err(|error| format!("its properties cannot be read: {error}")),
        }
    }

    /// The text of a JSON object without e-mail addresses, whatever their fields are called.
    fn without_addresses<'a>(&self, properties: Cow<'a, str>) -> Cow<'a, str> {
        let bytes = properties.as_bytes();
        let suspects = ["@", "%40", "\\u"];
        if !suspects.iter().any(|suspect| memchr::memmem::find(bytes, suspect.as_bytes()).is_some())
        {
            return properties;
        }
        let Ok(mut value) = serde_json::from_str(&properties) else {
            return properties;
        };
        if self.replace_addresses(&mut value) { Cow::Owned(value.to_string()) } else { properties }
    }

    /// Replaces every text with an e-mail address in it; whether there was any.
    fn replace_addresses(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) if has_address(text) => {
                *text = match &self.salt {
                    Some(salt) => salt.hash(text),
                    None => HIDDEN.to_owned(),
                };
                true
            }
            Value::Object(fields) => {
                let before = fields.len();
                fields.retain(|name, _| !has_address(name));
                let removed = fields.len() < before;
                let replaced = fields.values_mut().map(|value| self.replace_addresses(value));
                replaced.fold(removed, |any, replaced| any | replaced)
            }
            Value::Array(values) => values
                .iter_mut()
                .map(|value| self.replace_addresses(value))
                .fold(false, |any, replaced| any | replaced),
            _ => false,
        }
    }

    /// What is done with a field.
    fn rule(&self, name: &str) -> Option<PersonalField> {
        if !name.is_ascii() {
            return self.fields.get(&name.to_lowercase()).copied();
        }
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        let mut fields = self.fields.iter();
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, rule)| *rule)
    }

    fn hash_value(&self, value: &Value) -> Value {
        self.hash(&value.as_str().map_or_else(|| value.to_string(), str::to_owned)).into()
    }

    /// Whether a value is a hash already, in what was kept.
    fn is_hashed(&self, value: &Value) -> bool {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_hash = |text: &str| text.len() == 32 && text.bytes().all(is_digit);
        self.was_kept && value.as_str().is_some_and(is_hash)
    }

    /// Whatever was delivered, without its personal data, for people to read and to be replayed; and
    /// whether that is all of it.
    pub(super) fn clean_raw(&self, delivered: &[u8]) -> (String, bool) {
        let Ok(mut value) = serde_json::from_slice(delivered) else {
            // Damaged text may hold anything: no more than is needed to find it, and no address.
            let start = delivered.get(..MAX_DAMAGED_BYTES).unwrap_or(delivered);
            let start = String::from_utf8_lossy(start);
            return (start.chars().take_while(|c| *c != '@').collect(), false);
        };
        self.clean_value(&mut value);
        self.replace_addresses(&mut value);
        hide_addresses(&mut value);
        let mut text = value.to_string();
        if delivered.len() > MAX_KEPT_BYTES {
            text.truncate(text.floor_char_boundary(MAX_DAMAGED_BYTES));
            return (text, false);
        }
        (text, !has_repeated_names(delivered))
    }

    fn clean_value(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, value| match self.rule(name) {
                    None => {
                        self.clean_value(value);
                        true
                    }
                    Some(PersonalField::Hash) => {
                        *value = self.hash_value(value);
                        true
                    }
                    Some(PersonalField::Remove) => false,
                    // Its name stays, so that it is turned away again as long as the rule stands.
                    Some(PersonalField::Refuse) => {
                        *value = REFUSED.into();
                        true
                    }
                });
            }
            Value::Array(values) => {
                values.iter_mut().for_each(|value| self.clean_value(value));
            }
            // Some exports keep an object as text.
            Value::String(text) if text.starts_with(['{', '[']) => {
                if let Ok(mut inner) = serde_json::from_str(text) {
                    self.clean_value(&mut inner);
                    self.replace_addresses(&mut inner);
                    hide_addresses(&mut inner);
                    *text = inner.to_string();
                }
            }
            _ => {}
        }
    }

    /// An id of a person as it may be kept: an e-mail address is hashed, or refused without a salt.
    pub(crate) fn clean_actor<'a>(&self, actor: &'a str) -> Result<Cow<'a, str>, String> {
        self.check_kept("actor", actor)?;
        match (&self.salt, actor.contains('@')) {
            (_, false) => Ok(Cow::Borrowed(actor)),
            (Some(salt), true) => Ok(Cow::Owned(salt.hash(actor))),
            (None, true) => {
                Err("who did it is an e-mail address, and there is no salt to hash it \
                                 with: set personal_data.salt_env"
                    .to_owned())
            }
        }
    }

    fn hash(&self, value: &str) -> String {
        self.salt.as_ref().expect("a rule that hashes has a salt").hash(value)
    }

    /// What values are hashed with, if anything.
    pub fn salt(&self) -> Option<&Salt> {
        self.salt.as_ref()
    }
}

/// Whether there is an e-mail address in a text: something before an @, a domain with a dot after it.
fn has_address(text: &str) -> bool {
    let is_local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || "-.".contains(c);
    let text = text.replace("%40", "@");
    text.match_indices('@').any(|(at, _)| {
        let domain = text[at + 1..].split(|c: char| !is_domain(c)).next().unwrap_or_default();
        text[..at].ends_with(is_local) && domain.trim_end_matches('.').contains('.')
    })
}

/// A bit for a name's length; the last one for all that are longer.
fn length_bit(name: &str) -> u64 {
    1 << name.len().min(63)
}

/// Replaces every text that looks like an e-mail address.
fn hide_addresses(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('@') => HIDDEN.clone_into(text),
        Value::Object(fields) => fields.values_mut().for_each(hide_addresses),
        Value::Array(values) => values.iter_mut().for_each(hide_addresses),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> PersonalData {
        let fields = [
            ("phone", PersonalField::Remove),
            ("Email", PersonalField::Hash),
            ("passport", PersonalField::Refuse),
        ];
        let fields = fields.map(|(field, rule)| (field.to_owned(), rule)).into();
        PersonalData::new(fields, Some(Salt::new([7; 16]).unwrap())).unwrap()
    }

    #[test]
    fn fields_are_found_at_any_depth_in_any_case_and_behind_escapes() {
        let rules = rules();
        let clean = |text| rules.clean(text).unwrap().into_owned();
        assert_eq!(clean(r#"{"a":{"PHONE":"+7"},"b":[{"phone":1}]}"#), r#"{"a":{},"b":[{}]}"#);
        assert_eq!(clean(r#"{"\u0070hone":"+7"}"#), "{}");
        let field = [("ТЕЛЕФОН".to_owned(), PersonalField::Remove)].into();
        let cyrillic = PersonalData::new(field, None).unwrap();
        assert_eq!(cyrillic.clean(r#"{"Телефон":"+7"}"#).unwrap(), "{}");
        let hashed = clean(r#"{"email":"anna@example.org"}"#);
        assert!(!hashed.contains("anna"), "{hashed}");
        assert_eq!(hashed, clean(r#"{"eMail":"anna@example.org"}"#).replace("eMail", "email"));
        let refused = rules.clean(r#"{"passport":"4509","x":1}"#).unwrap_err();
        assert_eq!(refused, "field `passport` is personal data, which is refused");
    }

    #[test]
    fn what_holds_none_is_not_touched() {
        let text = r#"{"z":1.50,  "a":"my phone"}"#;
        assert!(matches!(rules().clean(text), Ok(Cow::Borrowed(same)) if same == text));
    }

    #[test]
    fn an_address_is_hidden_whatever_its_field_is_called() {
        let addresses = r#"{"$user_id":"anna@example.org","url":"https://x.org/?u=anna%40example.org",
            "said":["write to anna@почта.рф."],"anna@example.org":1,"by":"@anna","at":"9@ten"}"#;
        let hashed = rules().clean(addresses).unwrap().into_owned();
        assert!(!hashed.contains("example.org") && !hashed.contains("почта"), "{hashed}");
        assert!(
            hashed.contains(r#""by":"@anna""#) && hashed.contains(r#""at":"9@ten""#),
            "{hashed}"
        );
        let unsalted = PersonalData::default().clean(addresses).unwrap().into_owned();
        assert!(unsalted.contains(r#""$user_id":"(e-mail address)""#), "{unsalted}");
    }

    #[test]
    fn an_e_mail_address_is_no_name_for_a_member() {
        assert_eq!(rules().clean_actor("member-1").unwrap(), "member-1");
        assert_eq!(rules().clean_actor("anna@example.org").unwrap().len(), 32);
        assert!(PersonalData::default().clean_actor("anna@example.org").is_err());
    }

    #[test]
    fn a_guessable_salt_and_a_missing_one_are_refused() {
        assert_eq!(Salt::new([1; 15]).unwrap_err(), PersonalDataError::ShortSalt(15));
        let fields = [("phone".to_owned(), PersonalField::Hash)].into();
        let error = PersonalData::new(fields, None).unwrap_err();
        assert_eq!(error, PersonalDataError::NoSalt("phone".into()));
        assert_eq!(format!("{:?}", Salt::new([1; 16]).unwrap()), "Salt(…)");
    }
}
