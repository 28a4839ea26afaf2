//! Percentages as people write them, exact to a hundredth.

use std::fmt;
use std::str::FromStr;

/// A share of a whole, in 1/10000, at most the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Percent {
    pub(crate) basis_points: u16,
}

const WHOLE_BASIS_POINTS: u16 = 10_000;

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.basis_points / 100, self.basis_points % 100);
        match hundredths {
            0 => write!(f, "{whole} %"),
            _ if hundredths % 10 == 0 => write!(f, "{whole}.{} %", hundredths / 10),
            _ => write!(f, "{whole}.{hundredths:02} %"),
        }
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, hundredths) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let basis_points = || -> Option<u16> {
            if !digits(whole) || !digits(hundredths) || hundredths.len() > 2 {
                return None;
            }
            let whole: u16 = whole.parse().ok()?;
            let hundredths: u16 = format!("{hundredths:0<2}").parse().ok()?;
            whole.checked_mul(100)?.checked_add(hundredths)
        };
        match basis_points() {
            Some(basis_points) if basis_points <= WHOLE_BASIS_POINTS => Ok(Self { basis_points }),
            _ => Err("expected a percentage from 0 to 100 with at most two decimals, as in 90 or \
                      97.5%"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_exact_to_a_hundredth() {
        for (text, basis_points, shown) in [
            ("90", 9_000, "90 %"),
            ("97.5%", 9_750, "97.5 %"),
            ("0.01 %", 1, "0.01 %"),
            ("100", 10_000, "100 %"),
            ("0", 0, "0 %"),
        ] {
            let percent: Percent = text.parse().unwrap();
            assert_eq!((percent.basis_points, percent.to_string().as_str()), (basis_points, shown));
        }
        for wrong in ["", "%", "100.01", "1.234", "-1", ".5", "1.", "9000000", "ten"] {
            assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
        }
    }
}
