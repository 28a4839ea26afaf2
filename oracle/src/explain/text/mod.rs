//! An explanation in words: what was done, what it counts, and how that became an amount.

mod contribution;
mod page;
mod pool;

use crate::language::{FluentValue, Language, Messages, Texts, TextsError};

use super::explanation::{
    Exclusion, Explanation, OwnEvents, Payment, Reason, Reward, TokenName, Unpaid,
};
use page::{Page, Weight};

pub use page::Tone;

/// The texts of explanations.
pub const TEXTS: Texts = Texts {
    en: include_str!("../../../locales/en/explain.ftl"),
    ru: include_str!("../../../locales/ru/explain.ftl"),
};

/// Decimals of points and factors.
const MICRO: u8 = 6;
/// Decimals of trust.
const PICO: u8 = 12;

/// Writes an explanation down in one language.
struct Writer<'a> {
    messages: &'a Messages,
    token: &'a TokenName,
    page: Page,
}

impl Explanation {
    /// The explanation in words, for 80 columns.
    ///
    /// # Errors
    /// When the texts cannot be read, which a test rules out.
    pub fn to_text(&self, language: Language, tone: Tone) -> Result<String, TextsError> {
        let messages = Messages::new(language, &TEXTS)?;
        let mut writer = Writer { messages: &messages, token: &self.token, page: Page::new(tone) };
        writer.head(self);
        for pool in &self.pools {
            writer.pool(pool, self.trust_pico_persons.unwrap_or_default());
        }
        if let Some(exclusion) = self.exclusion {
            writer.exclusion(exclusion);
        }
        let held: Vec<&Reward> = self.pools.iter().flat_map(|pool| &pool.held).collect();
        writer.rewards("held-title", "held", &held);
        writer.rewards("matured-title", "matured", &self.matured.iter().collect::<Vec<_>>());
        writer.rewards("cancelled-title", "cancelled", &self.cancelled.iter().collect::<Vec<_>>());
        writer.payment(&self.payment);
        writer.events(&self.events);
        Ok(writer.page.into_text())
    }
}

impl Writer<'_> {
    fn head(&mut self, explanation: &Explanation) {
        let tokens = self.tokens(explanation.payment.paid_base_units);
        // Members and epochs are names, so they are not grouped.
        let member = explanation.member.to_string();
        let epoch = explanation.epoch.to_string();
        let arguments =
            [("member", text(member)), ("epoch", text(epoch)), ("tokens", text(tokens))];
        self.line_of(0, Weight::Heading, "title", &arguments);
        let last = explanation.ends_at.checked_sub(jiff::SignedDuration::from_nanos(1));
        let last = last.unwrap_or(explanation.ends_at);
        let period = [
            ("first", text(self.messages.day(explanation.starts_at))),
            ("last", text(self.messages.day(last))),
        ];
        self.line_of(0, Weight::Faint, "period", &period);
        let policy = [
            ("policy", text(explanation.policy.name.clone())),
            ("version", text(explanation.policy.version.to_string())),
        ];
        self.line_of(0, Weight::Faint, "policy", &policy);
        if let Some(member) = explanation.paid_to {
            self.page.gap();
            let arguments = [("member", text(member.to_string()))];
            self.line_of(0, Weight::Plain, "paid-to", &arguments);
        }
        if explanation.pools.is_empty() {
            self.page.gap();
            self.line_of(0, Weight::Plain, "nothing", &[]);
        }
    }

    fn exclusion(&mut self, exclusion: Exclusion) {
        self.page.gap();
        match exclusion {
            Exclusion::Role { role } => {
                let arguments = [("role", text(role.name()))];
                self.line_of(0, Weight::Plain, "exclusion-role", &arguments);
            }
            Exclusion::TooFew { made, needed } => {
                let arguments = [("made", made.into()), ("needed", needed.into())];
                self.line_of(0, Weight::Plain, "exclusion-too-few", &arguments);
            }
        }
    }

    fn rewards(&mut self, title: &str, line: &str, rewards: &[&Reward]) {
        if rewards.is_empty() {
            return;
        }
        self.page.gap();
        self.line_of(0, Weight::Heading, title, &[]);
        for one in rewards {
            let work = one.artifact.clone().unwrap_or_else(|| self.event(&one.event));
            let day = self.messages.day(one.until);
            let label = self.messages.message(line, &[("work", work.into()), ("day", day.into())]);
            let amount = self.tokens(one.amount_base_units);
            self.page.row(2, Weight::Plain, &label, &amount);
        }
    }

    fn payment(&mut self, payment: &Payment) {
        self.page.gap();
        self.line_of(0, Weight::Heading, "payment-title", &[]);
        let (held, matured) = (payment.held_base_units, payment.matured_base_units);
        if held > 0 || matured > 0 {
            self.amount("granted", payment.granted_base_units);
        }
        if held > 0 {
            let amount = format!("\u{2212}{}", self.tokens(held));
            self.row_of("held-of-it", &[], &amount);
        }
        if matured > 0 {
            let amount = format!("+{}", self.tokens(matured));
            self.row_of("matured-sum", &[], &amount);
        }
        let paid = self.tokens(payment.paid_base_units);
        let label = self.messages.text("paid");
        self.page.row(2, Weight::Sum, &label, &paid);
        self.amount("total-before", payment.total_before_base_units);
        self.amount("total-after", payment.total_after_base_units);
        if payment.held_after_base_units > 0 {
            self.amount("held-after", payment.held_after_base_units);
        }
    }

    fn events(&mut self, events: &OwnEvents) {
        self.page.gap();
        let arguments = [("events", count(events.all))];
        self.line_of(0, Weight::Plain, "events-title", &arguments);
        for reason in Reason::ALL {
            let of_reason = events.unpaid.iter().filter(|unpaid| unpaid.reason == reason);
            let of_reason: Vec<&Unpaid> = of_reason.collect();
            if of_reason.is_empty() {
                continue;
            }
            let names: Vec<String> = of_reason
                .iter()
                .map(|unpaid| {
                    let name = text(unpaid.name.clone());
                    let arguments = [("name", name), ("events", count(unpaid.events))];
                    self.messages.message("event-count", &arguments)
                })
                .collect();
            let sum = of_reason.iter().map(|unpaid| unpaid.events).fold(0, u64::saturating_add);
            let arguments = [("events", count(sum)), ("names", names.join(", ").into())];
            self.line_of(2, Weight::Plain, unpaid(reason), &arguments);
        }
    }

    fn line_of(
        &mut self,
        indent: usize,
        weight: Weight,
        id: &str,
        arguments: &[(&str, FluentValue<'_>)],
    ) {
        let words = self.messages.message(id, arguments);
        self.page.line(indent, weight, &words);
    }

    fn row_of(&mut self, id: &str, arguments: &[(&str, FluentValue<'_>)], number: &str) {
        let label = self.messages.message(id, arguments);
        self.page.row(2, Weight::Plain, &label, number);
    }

    fn amount(&mut self, id: &str, base_units: u64) {
        let amount = self.tokens(base_units);
        self.row_of(id, &[], &amount);
    }

    fn event(&self, id: &str) -> String {
        self.messages.message("event", &[("event", text(id.to_owned()))])
    }

    /// "812.345678 STK".
    fn tokens(&self, base_units: u64) -> String {
        let amount = self.messages.amount(base_units, self.token.decimals);
        self.with_symbol(amount)
    }

    fn with_symbol(&self, amount: String) -> String {
        let symbol = text(self.token.symbol.clone());
        self.messages.message("tokens", &[("amount", amount.into()), ("symbol", symbol)])
    }

    /// Points or a factor.
    fn micro(&self, number: impl Into<i128>) -> String {
        self.messages.exact(number, MICRO)
    }

    fn persons(&self, pico: u64) -> String {
        self.messages.exact(pico, PICO)
    }

    fn percent(&self, percent: u16) -> String {
        self.messages.percent(u32::from(percent) * 10_000, 0)
    }
}

/// A text among a message's arguments.
fn text<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> FluentValue<'a> {
    FluentValue::String(text.into())
}

/// A count, which chooses the plural.
fn count(number: u64) -> FluentValue<'static> {
    number.into()
}

/// The message that says why events are no contributions.
fn unpaid(reason: Reason) -> &'static str {
    match reason {
        Reason::Presence => "unpaid-presence",
        Reason::Engagement => "unpaid-engagement",
        Reason::Statement => "unpaid-statement",
        Reason::OwnWork => "unpaid-own-work",
        Reason::Unmet => "unpaid-unmet",
        Reason::Source => "unpaid-source",
    }
}
