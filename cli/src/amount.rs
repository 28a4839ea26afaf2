//! Amounts as people read them.

/// Base units as tokens: thousands separated, all decimals that are not zero.
pub(crate) fn tokens(base_units: u64, decimals: u8) -> String {
    let one = 10u64.pow(decimals.into());
    let whole = grouped(base_units / one);
    let fraction = format!("{:0width$}", base_units % one, width = usize::from(decimals));
    match fraction.trim_end_matches('0') {
        "" => whole,
        fraction => format!("{whole}.{fraction}"),
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
    fn amounts_read_as_people_write_them() {
        assert_eq!(tokens(0, 6), "0");
        assert_eq!(tokens(1, 6), "0.000001");
        assert_eq!(tokens(1_584_000_000, 6), "1,584");
        assert_eq!(tokens(12_345_678_900_000, 6), "12,345,678.9");
        assert_eq!(tokens(999, 0), "999");
        assert_eq!(tokens(u64::MAX, 9), "18,446,744,073.709551615");
    }
}
