//! `stk-oracle policy explain FILE`: a rule book in words.

mod kinds;
mod people;
mod terms;

use std::path::PathBuf;

use clap::Args;

use crate::language::{FluentValue, Language, Messages, Texts};
use crate::policy::{Decimal, Policy, RuleBook};

const TEXTS: Texts = Texts {
    en: include_str!("../../../../locales/en/policy.ftl"),
    ru: include_str!("../../../../locales/ru/policy.ftl"),
};

/// Which rule book is said in which language.
#[derive(Args, Debug)]
pub(in crate::commands) struct ExplainArguments {
    /// The rule book.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The language: en or ru.
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    lang: Language,
}

/// Prints a rule book in words.
#[expect(clippy::print_stdout, reason = "this is the command's output")]
pub(super) fn run(arguments: &ExplainArguments) -> anyhow::Result<()> {
    let policy = super::read(&arguments.file)?;
    print!("{}", in_words(&policy, arguments.lang)?);
    Ok(())
}

/// A rule book in words: what pays, how much, what multiplies and limits it, whose voice counts, and
/// what happens when.
fn in_words(policy: &Policy, language: Language) -> anyhow::Result<String> {
    let messages = Messages::new(language, &TEXTS)?;
    let mut words = Words { rules: policy.rules(), messages, text: String::new() };
    words.title();
    words.budget();
    words.kinds();
    words.recognition();
    words.multipliers();
    words.limits();
    words.times();
    Ok(words.text)
}

/// An argument of a message.
type Argument<'a> = (&'a str, FluentValue<'a>);

/// A rule book's words, one after another.
struct Words<'a> {
    rules: &'a RuleBook,
    messages: Messages,
    text: String,
}

impl Words<'_> {
    fn title(&mut self) {
        let rules = self.rules;
        let title = [
            ("name", rules.name.as_str().into()),
            ("version", rules.version.into()),
            ("epoch", rules.holds_from_epoch.into()),
        ];
        let title = self.messages.message("title", &title);
        self.text.push_str(&title);
        self.text.push('\n');
    }

    /// A heading, under which lines follow.
    fn heading(&mut self, id: &str) {
        self.text.push('\n');
        self.text.push_str(&self.messages.text(id));
        self.text.push('\n');
    }

    /// A line under a heading.
    fn line(&mut self, id: &str, arguments: &[Argument<'_>]) {
        self.indented(2, id, arguments);
    }

    /// A line under a line.
    fn detail(&mut self, id: &str, arguments: &[Argument<'_>]) {
        self.indented(4, id, arguments);
    }

    fn indented(&mut self, spaces: usize, id: &str, arguments: &[Argument<'_>]) {
        let said = self.messages.message(id, arguments);
        self.text.push_str(&" ".repeat(spaces));
        self.text.push_str(&said);
        self.text.push('\n');
    }

    /// Several names.
    fn names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
        joined(names, ", ")
    }

    /// Several numbers, or things with numbers: a comma may be a number's own.
    fn numbers<T: AsRef<str>>(numbers: impl IntoIterator<Item = T>) -> String {
        joined(numbers, "; ")
    }

    /// A number with its decimals, which chooses the plural too.
    fn decimal(number: Decimal) -> FluentValue<'static> {
        FluentValue::try_number(&number.to_string()).into_owned()
    }

    fn percent(&self, percent: u16) -> String {
        self.messages.percent(u32::from(percent) * 10_000, 0)
    }

    /// A percent as what it multiplies by: 130 as 1.3.
    fn times_of(&self, percent: u16) -> String {
        let places = match percent {
            whole if whole.is_multiple_of(100) => 0,
            tenths if tenths.is_multiple_of(10) => 1,
            _ => 2,
        };
        self.messages.rounded(percent, 2, places)
    }
}

fn joined<T: AsRef<str>>(things: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut joined = String::new();
    for thing in things {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(thing.as_ref());
    }
    joined
}
