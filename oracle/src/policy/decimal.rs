//! A number with up to six decimals, exactly.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// Digits after the point.
const DECIMALS: usize = 6;
/// One, in millionths.
pub const MICRO: u64 = 1_000_000;

/// A number not below zero, kept in millionths. A rule book says it as `12`, `8.8` or `"8.8"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(u64);

impl Decimal {
    /// A whole number.
    ///
    /// # Panics
    /// Past 18 trillion.
    pub const fn whole(number: u64) -> Self {
        Self(number * MICRO)
    }

    /// The number in millionths.
    pub const fn micro(self) -> u64 {
        self.0
    }
}

/// Why a text is no such number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number of at most 12 digits and 6 decimals, such as 12 or 8.8")]
pub struct DecimalError(String);

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let error = || DecimalError(text.to_owned());
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole)
            || !is_number(decimals)
            || whole.len() > 12
            || decimals.len() > DECIMALS
        {
            return Err(error());
        }
        let whole: u64 = whole.parse().map_err(|_| error())?;
        let micro: u64 = format!("{decimals:0<DECIMALS$}").parse().map_err(|_| error())?;
        Ok(Self(whole * MICRO + micro))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, micro) = (self.0 / MICRO, self.0 % MICRO);
        if micro == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{micro:0DECIMALS$}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DecimalVisitor)
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number not below zero with at most 6 decimals")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
        self.visit_str(&number.to_string())
    }

    /// The shortest text that is this number is the one that was written.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Decimal, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_such_number_is_refused() {
        for text in ["", ".", "-1", "+1", "1.", ".5", "1e3", "1.2345678", "1234567890123", "NaN"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_exactly_and_written_as_short_as_they_are() {
        for (text, micro, shown) in [
            ("0", 0, "0"),
            ("12", 12_000_000, "12"),
            ("8.80", 8_800_000, "8.8"),
            ("0.000001", 1, "0.000001"),
        ] {
            let number: Decimal = text.parse().unwrap();
            assert_eq!((number.micro(), number.to_string()), (micro, shown.to_owned()));
        }
    }

    #[test]
    fn a_rule_book_says_numbers_in_three_ways() {
        #[derive(Deserialize)]
        struct Book {
            numbers: Vec<Decimal>,
        }
        let book: Book = toml::from_str("numbers = [29, 29.5, \"29.5\", 0.1, 45.7]").unwrap();
        let micro: Vec<_> = book.numbers.iter().map(|number| number.micro()).collect();
        assert_eq!(micro, [29_000_000, 29_500_000, 29_500_000, 100_000, 45_700_000]);
        assert!(toml::from_str::<Book>("numbers = [-1]").is_err());
        assert!(toml::from_str::<Book>("numbers = [0.00000001]").is_err());
    }
}
