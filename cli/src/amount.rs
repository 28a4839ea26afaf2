//! Amounts as people read them.

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
