//! The languages in which people read reports and explanations.
//!
//! Texts are Fluent files, `oracle/locales/LANGUAGE/SUBJECT.ftl`, compiled in. [`Messages`] is one
//! subject in one language: a text by its id, with numbers, amounts and dates as that language writes
//! them (CLDR, by ICU4X).
//!
//! ```
//! use system_token_oracle::language::{Language, Messages, Texts};
//!
//! let texts = Texts { en: "paid = { $count } paid", ru: "paid = Выплат: { $count }" };
//! let messages = Messages::new(Language::Ru, &texts)?;
//! assert_eq!(messages.message("paid", &[("count", 1_200.into())]), "Выплат: 1\u{a0}200");
//! assert_eq!(messages.amount(1_584_500_000, 6), "1\u{a0}584,500000");
//! # Ok::<(), system_token_oracle::language::TextsError>(())
//! ```

mod number;

use std::fmt;
use std::str::FromStr;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

pub use fluent_bundle::FluentValue;

use number::Numbers;

/// What every subject's messages may refer to: dates and what stands beside a number.
const SHARED: Texts = Texts {
    en: include_str!("../../locales/en/language.ftl"),
    ru: include_str!("../../locales/ru/language.ftl"),
};

/// A language that there are texts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ru];

    /// Its tag (BCP 47), as `--lang` takes it and a page declares it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}

/// A language that there are no texts in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no texts in the language {0:?}: use en or ru")]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let found = Self::ALL.into_iter().find(|language| language.tag() == tag);
        found.ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }
}

/// One subject's texts in every language, each a Fluent file's content.
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// In English.
    pub en: &'static str,
    /// In Russian.
    pub ru: &'static str,
}

impl Texts {
    fn of(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Ru => self.ru,
        }
    }
}

/// Texts that are no Fluent file, or have one id twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the texts in {language}: {problem}")]
pub struct TextsError {
    language: Language,
    problem: String,
}

/// One subject's messages in one language. It can be shared between threads.
pub struct Messages {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    numbers: Numbers,
}

impl fmt::Debug for Messages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Messages").field("language", &self.language).finish()
    }
}

impl Messages {
    /// The messages of a subject, and those that all subjects share.
    ///
    /// # Errors
    /// When the texts cannot be read or an id is there twice.
    pub fn new(language: Language, texts: &Texts) -> Result<Self, TextsError> {
        let failed = |problem| TextsError { language, problem };
        let tag = language.tag().parse().map_err(|error| failed(format!("{error:?}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Both languages are written from left to right, so nothing needs to be isolated.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::En => |value, _| number::counted(Language::En, value),
            Language::Ru => |value, _| number::counted(Language::Ru, value),
        }));
        for text in [SHARED.of(language), texts.of(language)] {
            let resource = FluentResource::try_new(text.to_owned())
                .map_err(|(_, errors)| failed(format!("{errors:?}")))?;
            bundle.add_resource(resource).map_err(|errors| failed(format!("{errors:?}")))?;
        }
        let numbers = Numbers::new(language).map_err(failed)?;
        Ok(Self { language, bundle, numbers })
    }

    /// The language that they are in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A message by its id. Numbers among the arguments choose the plural and are grouped.
    ///
    /// What is missing, a message or an argument, is shown by its name in braces, as Fluent does: a
    /// text that is missing never loses a report.
    pub fn message(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return format!("{{{id}}}");
        };
        let arguments: FluentArgs<'_> = arguments.iter().cloned().collect();
        let mut problems = Vec::new();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut problems).into_owned()
    }

    /// A message without arguments.
    pub fn text(&self, id: &str) -> String {
        self.message(id, &[])
    }

    /// A day, UTC, as in a sentence: "17 February 2019".
    pub fn day(&self, time: jiff::Timestamp) -> String {
        let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
        // As text, or the year would be grouped.
        let year = date.year().to_string();
        let arguments = [
            ("day", date.day().into()),
            ("month", date.month().into()),
            ("year", FluentValue::from(year)),
        ];
        self.message("day", &arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Texts = Texts { en: "", ru: "" };

    #[test]
    fn an_unknown_language_is_refused_with_those_there_are() {
        let problem = "de".parse::<Language>().unwrap_err().to_string();
        assert_eq!(problem, "there are no texts in the language \"de\": use en or ru");
        assert_eq!("ru".parse(), Ok(Language::Ru));
        assert_eq!(Language::En.to_string(), "en");
    }

    #[test]
    fn texts_that_cannot_be_read_are_refused() {
        let broken = Texts { en: "paid = { $count", ru: "" };
        assert!(Messages::new(Language::En, &broken).is_err());
        let twice = Texts { en: "day = a day", ru: "" };
        assert!(Messages::new(Language::En, &twice).is_err());
    }

    #[test]
    fn what_is_missing_is_named_in_its_place() {
        let texts = Texts { en: "paid = { $count } paid", ru: "" };
        let messages = Messages::new(Language::En, &texts).unwrap();
        assert_eq!(messages.text("nothing"), "{nothing}");
        assert_eq!(messages.text("paid"), "{$count} paid");
    }

    #[test]
    fn a_plural_is_chosen_by_the_number_and_the_number_grouped() {
        let texts = Texts {
            en: "members = { $count ->\n [one] { $count } member\n *[other] { $count } members\n }",
            ru: "members = { $count ->\n [one] { $count } участник\n [few] { $count } участника\n \
                 *[many] { $count } участников\n }",
        };
        let of = |language, count: u32| {
            let messages = Messages::new(language, &texts).unwrap();
            messages.message("members", &[("count", count.into())])
        };
        assert_eq!(of(Language::En, 1), "1 member");
        assert_eq!(of(Language::En, 12_345), "12,345 members");
        assert_eq!(of(Language::Ru, 21), "21 участник");
        assert_eq!(of(Language::Ru, 3), "3 участника");
        assert_eq!(of(Language::Ru, 12_345), "12\u{a0}345 участников");
    }

    #[test]
    fn a_day_is_written_as_the_language_has_it() {
        let day = |language, time: &str| {
            Messages::new(language, &NOTHING).unwrap().day(time.parse().unwrap())
        };
        assert_eq!(day(Language::En, "2019-02-17T23:59:59Z"), "17 February 2019");
        assert_eq!(day(Language::Ru, "2019-02-17T23:59:59Z"), "17 февраля 2019\u{a0}г.");
        assert_eq!(day(Language::En, "2018-05-01T00:00:00Z"), "1 May 2018");
    }
}
