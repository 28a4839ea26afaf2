//! Amounts as people read and write them.

use std::str::FromStr;

use anyhow::{anyhow, ensure};

/// An amount of whole tokens as someone wrote it: it means base units only together with a mint's
/// decimals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenAmount {
    whole: String,
    fraction: String,
}

impl TokenAmount {
    /// The amount in base units, exactly.
    ///
    /// # Errors
    /// When it has more decimals than the mint, or does not fit 64 bits.
    pub(crate) fn base_units(&self, decimals: u8) -> anyhow::Result<u64> {
        let Self { whole, fraction } = self;
        let width = usize::from(decimals);
        ensure!(
            fraction.len() <= width,
            "the amount {whole}.{fraction} has {} decimals, more than the mint's {decimals}",
            fraction.len()
        );
        format!("{whole}{fraction:0<width$}").parse().map_err(|_| {
            let most = tokens(u64::MAX, decimals);
            anyhow!("the amount {whole} is more than the {most} that a mint can hold")
        })
    }
}

impl FromStr for TokenAmount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let plain = text.replace('_', "");
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, "0"));
        if !digits(whole) || !digits(fraction) {
            return Err("expected whole tokens, as in 100000, 100_000 or 0.5".to_owned());
        }
        let fraction = fraction.trim_end_matches('0').to_owned();
        Ok(Self { whole: whole.to_owned(), fraction })
    }
}

/// Base units as tokens: thousands separated, without the zeros at the end.
pub(crate) fn tokens(base_units: u64, decimals: u8) -> String {
    let aligned = aligned_tokens(base_units, decimals);
    match decimals {
        0 => aligned,
        _ => aligned.trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// Base units as tokens with all their decimals, so that a column of them lines up.
pub(crate) fn aligned_tokens(base_units: u64, decimals: u8) -> String {
    let one = 10u64.pow(decimals.into());
    let whole = grouped(base_units / one);
    match decimals {
        0 => whole,
        _ => format!("{whole}.{:0width$}", base_units % one, width = usize::from(decimals)),
    }
}

/// A whole number with its thousands separated.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_whatever_their_length() {
        let base_units = |text: &str, decimals| {
            text.parse::<TokenAmount>().unwrap().base_units(decimals).map_err(|e| e.to_string())
        };
        assert_eq!(base_units("100000", 6), Ok(100_000_000_000));
        assert_eq!(base_units("100_000.50", 6), Ok(100_000_500_000));
        assert_eq!(base_units("0.000001", 6), Ok(1));
        assert_eq!(base_units("7.0", 0), Ok(7));
        assert_eq!(base_units("18446744073709.551615", 6), Ok(u64::MAX));
        assert_eq!(
            base_units("18446744073709.551616", 6),
            Err(
                "the amount 18446744073709 is more than the 18,446,744,073,709.551615 that a mint \
                 can hold"
                    .to_owned()
            )
        );
        assert_eq!(
            base_units("0.0000001", 6),
            Err("the amount 0.0000001 has 7 decimals, more than the mint's 6".to_owned())
        );
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "0x10", "1.2.3", "٣"] {
            assert!(wrong.parse::<TokenAmount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(tokens(0, 6), "0");
        assert_eq!(tokens(1, 6), "0.000001");
        assert_eq!(tokens(1_584_000_000, 6), "1,584");
        assert_eq!(tokens(12_345_678_900_000, 6), "12,345,678.9");
        assert_eq!(tokens(9_990, 0), "9,990");
        assert_eq!(aligned_tokens(1_584_500_000, 6), "1,584.500000");
        assert_eq!(aligned_tokens(7, 0), "7");
        assert_eq!(tokens(u64::MAX, 9), "18,446,744,073.709551615");
    }
}
