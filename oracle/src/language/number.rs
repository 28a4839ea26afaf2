//! Numbers as a language writes them: CLDR's separators, by ICU4X.
//!
//! An amount of base units is shown as tokens = base units × 10^−decimals, a part of a million as
//! percent = ppm × 10^−4. Both are decimal numbers all the way, so only rounding on purpose drops
//! something: to the nearest, halves to the even one.

use fluent_bundle::FluentValue;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::{Decimal, SignDisplay};
use icu_locale_core::locale;

use super::{Language, Messages};

/// A language's way to write numbers.
pub(super) struct Numbers(DecimalFormatter);

impl Numbers {
    pub(super) fn new(language: Language) -> Result<Self, String> {
        let locale = match language {
            Language::En => locale!("en"),
            Language::Ru => locale!("ru"),
        };
        let formatter = DecimalFormatter::try_new(locale.into(), Default::default());
        formatter.map(Self).map_err(|error| error.to_string())
    }

    fn write(&self, number: &Decimal) -> String {
        // CLDR has the hyphen of keyboards; beside figures of one width a minus reads better.
        self.0.format(number).to_string().replace('-', "\u{2212}")
    }
}

/// A number within a message, grouped; other values as they are.
pub(super) fn counted(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let number = number.as_string().parse().ok()?;
    Some(Numbers::new(language).ok()?.write(&number))
}

/// number × 10^−places.
fn decimal(number: i128, places: u8) -> Decimal {
    let mut decimal = Decimal::from(number);
    decimal.multiply_pow10(-i16::from(places));
    decimal
}

impl Messages {
    /// A whole number: "1,234".
    pub fn number(&self, number: impl Into<i128>) -> String {
        self.numbers.write(&decimal(number.into(), 0))
    }

    /// An amount of base units as tokens with all their decimals, so that a column of them lines up
    /// and a sum can be checked: "1,584.500000".
    pub fn amount(&self, base_units: impl Into<i128>, decimals: u8) -> String {
        self.numbers.write(&decimal(base_units.into(), decimals))
    }

    /// A number × 10^−places exactly, with no more places than it has: "1.5".
    pub fn exact(&self, number: impl Into<i128>, places: u8) -> String {
        let mut decimal = decimal(number.into(), places);
        decimal.trim_end();
        self.numbers.write(&decimal)
    }

    /// An amount of base units as tokens with so many places at most: "1,584.50".
    pub fn rounded(&self, base_units: impl Into<i128>, decimals: u8, places: u8) -> String {
        self.numbers.write(&rounded(base_units.into(), decimals, places))
    }

    /// A change of an amount, rounded like it, always with its sign: "+1,584.50", "−0.30", "0.00".
    pub fn change(&self, base_units: impl Into<i128>, decimals: u8, places: u8) -> String {
        let number = rounded(base_units.into(), decimals, places);
        self.numbers.write(&number.with_sign_display(SignDisplay::ExceptZero))
    }

    /// A number with so many places at most, for a message that chooses a plural by it.
    pub fn argument(number: impl Into<i128>, decimals: u8, places: u8) -> FluentValue<'static> {
        let text = rounded(number.into(), decimals, places).to_string();
        text.parse().map_or_else(|_| text.into(), FluentValue::Number)
    }

    /// A part of a million as percent with so many places at most: "8.3%".
    pub fn percent(&self, ppm: impl Into<i128>, places: u8) -> String {
        let number = self.numbers.write(&rounded(ppm.into(), 4, places));
        self.message("percent", &[("number", number.into())])
    }
}

fn rounded(number: i128, decimals: u8, places: u8) -> Decimal {
    let mut number = decimal(number, decimals);
    if places < decimals {
        number.round(-i16::from(places));
    }
    number
}

#[cfg(test)]
mod tests {
    use crate::language::{Language, Messages, Texts};

    const NBSP: char = '\u{a0}';

    fn messages(language: Language) -> Messages {
        Messages::new(language, &Texts { en: "", ru: "" }).unwrap()
    }

    #[test]
    fn amounts_are_exact_and_grouped_as_the_language_has_it() {
        let (en, ru) = (messages(Language::En), messages(Language::Ru));
        assert_eq!(en.amount(1_030_535_358_576u64, 6), "1,030,535.358576");
        assert_eq!(ru.amount(1_030_535_358_576u64, 6), format!("1{NBSP}030{NBSP}535,358576"));
        assert_eq!(en.amount(1, 6), "0.000001");
        assert_eq!(en.amount(u64::MAX, 9), "18,446,744,073.709551615");
        assert_eq!(en.amount(9_990, 0), "9,990");
        assert_eq!(en.amount(1_500_000, 6), "1.500000");
        assert_eq!(ru.number(1_234_567), format!("1{NBSP}234{NBSP}567"));
    }

    #[test]
    fn an_exact_number_has_the_places_that_it_needs() {
        let (en, ru) = (messages(Language::En), messages(Language::Ru));
        assert_eq!(en.exact(1_500_000, 6), "1.5");
        assert_eq!(en.exact(1_000_000, 6), "1");
        assert_eq!(en.exact(0, 6), "0");
        assert_eq!(en.exact(10_000_000_001u64, 6), "10,000.000001");
        assert_eq!(ru.exact(-2_500, 3), "\u{2212}2,5");
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_never_adds_places() {
        let en = messages(Language::En);
        assert_eq!(en.rounded(1_584_499_999, 6, 2), "1,584.50");
        assert_eq!(en.rounded(999_999_999, 6, 0), "1,000");
        assert_eq!(en.rounded(4_999, 6, 2), "0.00");
        assert_eq!(en.rounded(75, 1, 2), "7.5");
        assert_eq!(en.rounded(75, 0, 2), "75");
    }

    #[test]
    fn a_change_has_its_sign_and_nothing_has_none() {
        let (en, ru) = (messages(Language::En), messages(Language::Ru));
        assert_eq!(en.change(1_584_500_000, 6, 2), "+1,584.50");
        assert_eq!(ru.change(-300_000, 6, 2), "\u{2212}0,30");
        assert_eq!(en.change(0, 6, 2), "0.00");
        assert_eq!(en.change(-1, 6, 2), "0.00");
    }

    #[test]
    fn a_part_of_a_point_chooses_the_plural_that_the_language_has_for_it() {
        let texts = Texts {
            en: "points = { $points ->\n [one] { $points } point\n *[other] { $points } points\n }",
            ru: "points = { $points ->\n [one] { $points } балл\n [few] { $points } балла\n \
                 [many] { $points } баллов\n *[other] { $points } балла\n }",
        };
        let points = |language, micro_points: u64| {
            let points = Messages::argument(micro_points, 6, 2);
            Messages::new(language, &texts).unwrap().message("points", &[("points", points)])
        };
        assert_eq!(points(Language::En, 1_000_000), "1.00 points");
        assert_eq!(points(Language::Ru, 1_234_567_890), format!("1{NBSP}234,57 балла"));
        assert_eq!(points(Language::Ru, 5_000_000), "5,00 балла");
    }

    #[test]
    fn percent_are_written_as_the_language_has_them() {
        assert_eq!(messages(Language::En).percent(83_251, 1), "8.3%");
        assert_eq!(messages(Language::Ru).percent(83_251, 1), format!("8,3{NBSP}%"));
        assert_eq!(messages(Language::En).percent(1_000_000, 0), "100%");
    }
}
