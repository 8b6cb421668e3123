//! Decimals as text: the plain form that travels, and what people type.
//!
//! Owns: both grammars and their errors.
//! Must not know: what the number is for; limits of prices or quantities are the engines'.
//!
//! **Invariant:** a number is never a float: text goes to a scaled integer and back.

use std::fmt;

/// The longest decimal text accepted, in characters.
pub const DECIMAL_CHARS_MAX: usize = 24;

/// The most decimals any text may have; scales above it would leave `i128`.
pub const DECIMALS_MAX: u32 = 9;

/// Why a text is not the decimal asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Nothing was written.
    Empty,
    /// More than [`DECIMAL_CHARS_MAX`] characters.
    TooLong,
    /// Something other than digits around at most one separator.
    Malformed,
    /// More decimals than the number may have.
    TooManyDecimals {
        /// How many it may have.
        decimals_max: u32,
    },
    /// A well-formed number that does not fit the scaled integer.
    TooLarge,
    /// A typed text that two people could read as two numbers, such as `1.234` kilos.
    Ambiguous,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(formatter, "the number is missing"),
            Self::TooLong => write!(formatter, "the number has more than {DECIMAL_CHARS_MAX} characters"),
            Self::Malformed => write!(formatter, "the number is not digits with at most one separator"),
            Self::TooManyDecimals { decimals_max } => {
                write!(formatter, "the number has more than {decimals_max} decimals")
            }
            Self::TooLarge => write!(formatter, "the number is too large"),
            Self::Ambiguous => write!(formatter, "the number can be read in two ways"),
        }
    }
}

impl std::error::Error for DecimalError {}

/// The separators a shop's people type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale {
    /// Before the decimals: `,` in most of South America, `.` in Mexico and Peru.
    pub decimal: char,
    /// Between thousands: the other one, or a blank.
    pub group: char,
}

/// Reads the plain form (`"12000.50"`) as an integer scaled by 10^`decimals`.
///
/// The plain form is ASCII digits, optionally a point and digits, in at most
/// [`DECIMAL_CHARS_MAX`] characters. Zeros in front are digits like others; decimals
/// beyond `decimals` are refused even when they are zeros.
///
/// # Errors
/// Every [`DecimalError`] but `Ambiguous`.
///
/// # Panics
/// When `decimals` is above [`DECIMALS_MAX`], which only a mistake in our code can ask for.
pub fn parse(text: &str, decimals: u32) -> Result<i64, DecimalError> {
    assert!(decimals <= DECIMALS_MAX, "no number of ours has so many decimals");
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    if text.chars().count() > DECIMAL_CHARS_MAX {
        return Err(DecimalError::TooLong);
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if !is_digits(whole) || fraction.is_some_and(|digits| !is_digits(digits)) {
        return Err(DecimalError::Malformed);
    }
    let fraction = fraction.unwrap_or("");
    let missing = u32::try_from(fraction.len())
        .ok()
        .and_then(|present| decimals.checked_sub(present))
        .ok_or(DecimalError::TooManyDecimals { decimals_max: decimals })?;
    let digits =
        whole.bytes().chain(fraction.bytes()).fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    // At most 24 digits and 9 zeros more stay far inside an i128.
    i64::try_from(digits * 10_i128.pow(missing)).map_err(|_| DecimalError::TooLarge)
}

/// Writes a scaled integer in the plain form with all its decimals: `1200000` with two
/// decimals is `"12000.00"`. A negative value (a balance, never an input) carries a `-`.
///
/// # Panics
/// When `decimals` is above [`DECIMALS_MAX`].
#[must_use]
pub fn format(value: i64, decimals: u32) -> String {
    assert!(decimals <= DECIMALS_MAX, "no number of ours has so many decimals");
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{magnitude}");
    }
    let scale = 10_u64.pow(decimals);
    let width = decimals as usize;
    format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale)
}

/// Writes a scaled integer in the plain form without trailing zeros: `105000` with four
/// decimals is `"10.5"`, as rates are written.
#[must_use]
pub fn format_shortest(value: i64, decimals: u32) -> String {
    let full = format(value, decimals);
    if decimals == 0 {
        return full;
    }
    full.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads what a person typed in a form (`1.234,56`) as an integer scaled by 10^`decimals`.
///
/// Blanks around the number are forgiven; groups of thousands must be complete
/// (`1.234.567,8`), so a decimal typed with the group separator (`12.50`) is refused rather
/// than read as 1250. One lone group (`1.234`) is [`DecimalError::Ambiguous`] where the
/// number may have three decimals, because it is both a thousand kilos and one.
///
/// # Errors
/// Every [`DecimalError`].
///
/// # Panics
/// When `decimals` is above [`DECIMALS_MAX`] or the two separators are the same.
pub fn parse_typed(text: &str, locale: Locale, decimals: u32) -> Result<i64, DecimalError> {
    assert!(locale.decimal != locale.group, "a locale separates decimals and groups differently");
    let text = text.trim();
    if text.chars().count() > DECIMAL_CHARS_MAX {
        return Err(DecimalError::TooLong);
    }
    let (whole, fraction) = match text.split_once(locale.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let groups: Vec<&str> = whole.split(|character| is_group(character, locale.group)).collect();
    let grouped_well =
        groups.len() == 1 || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3));
    if !grouped_well {
        return Err(DecimalError::Malformed);
    }
    let mut plain = groups.concat();
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    let value = parse(&plain, decimals)?;
    // A blank never separates decimals anywhere, so it leaves no doubt.
    let looks_decimal = matches!(locale.group, '.' | ',') && groups.len() == 2 && fraction.is_none();
    if looks_decimal && decimals >= 3 {
        return Err(DecimalError::Ambiguous);
    }
    Ok(value)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A locale that groups with a blank also accepts the unbreakable blanks that phones and
/// spreadsheets put there.
fn is_group(character: char, group: char) -> bool {
    character == group || (group == ' ' && matches!(character, '\u{a0}' | '\u{202f}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COLOMBIA: Locale = Locale { decimal: ',', group: '.' };
    const MEXICO: Locale = Locale { decimal: '.', group: ',' };
    const BLANKS: Locale = Locale { decimal: ',', group: ' ' };

    #[test]
    fn the_plain_form_is_digits_and_at_most_one_point() {
        let cases = [
            ("12000.50", 2, Ok(1_200_050)),
            ("12000", 2, Ok(1_200_000)),
            ("0", 3, Ok(0)),
            ("0.5", 3, Ok(500)),
            ("007", 0, Ok(7)),
            ("000000000000000000000001", 0, Ok(1)),
            ("0000000000000000000000001", 0, Err(DecimalError::TooLong)),
            ("9223372036854775807", 0, Ok(i64::MAX)),
            ("9223372036854775808", 0, Err(DecimalError::TooLarge)),
            ("999999999999999999999999", 9, Err(DecimalError::TooLarge)),
            ("", 2, Err(DecimalError::Empty)),
            ("1.", 2, Err(DecimalError::Malformed)),
            (".5", 2, Err(DecimalError::Malformed)),
            (".", 2, Err(DecimalError::Malformed)),
            ("1.2.3", 3, Err(DecimalError::Malformed)),
            ("-1", 2, Err(DecimalError::Malformed)),
            ("+1", 2, Err(DecimalError::Malformed)),
            ("1e3", 2, Err(DecimalError::Malformed)),
            (" 1", 2, Err(DecimalError::Malformed)),
            ("1,5", 2, Err(DecimalError::Malformed)),
            ("٣", 2, Err(DecimalError::Malformed)),
            ("1.001", 2, Err(DecimalError::TooManyDecimals { decimals_max: 2 })),
            ("1.000", 2, Err(DecimalError::TooManyDecimals { decimals_max: 2 })),
            ("1.0", 0, Err(DecimalError::TooManyDecimals { decimals_max: 0 })),
        ];
        for (text, decimals, expected) in cases {
            assert_eq!(parse(text, decimals), expected, "{text:?} with {decimals} decimals");
        }
    }

    #[test]
    fn typed_numbers_follow_the_locale_and_ambiguous_ones_are_refused() {
        let cases = [
            ("1.234,56", COLOMBIA, 2, Ok(123_456)),
            (" 1.234.567 ", COLOMBIA, 2, Ok(123_456_700)),
            ("1.234", COLOMBIA, 2, Ok(123_400)),
            ("1.234", COLOMBIA, 3, Err(DecimalError::Ambiguous)),
            ("1.234,0", COLOMBIA, 3, Ok(1_234_000)),
            ("0,755", COLOMBIA, 3, Ok(755)),
            ("12.50", COLOMBIA, 2, Err(DecimalError::Malformed)),
            ("1234.567", COLOMBIA, 2, Err(DecimalError::Malformed)),
            (".234", COLOMBIA, 2, Err(DecimalError::Malformed)),
            ("1,234,567", COLOMBIA, 2, Err(DecimalError::Malformed)),
            ("1,234", COLOMBIA, 2, Err(DecimalError::TooManyDecimals { decimals_max: 2 })),
            ("1,", COLOMBIA, 2, Err(DecimalError::Malformed)),
            (",5", COLOMBIA, 2, Err(DecimalError::Malformed)),
            ("", COLOMBIA, 2, Err(DecimalError::Empty)),
            ("  ", COLOMBIA, 2, Err(DecimalError::Empty)),
            ("-5", COLOMBIA, 2, Err(DecimalError::Malformed)),
            ("1,234.56", MEXICO, 2, Ok(123_456)),
            ("12.50", MEXICO, 2, Ok(1_250)),
            ("1,234", MEXICO, 3, Err(DecimalError::Ambiguous)),
            ("1 234,5", BLANKS, 2, Ok(123_450)),
            ("1\u{202f}234", BLANKS, 3, Ok(1_234_000)),
        ];
        for (text, locale, decimals, expected) in cases {
            assert_eq!(parse_typed(text, locale, decimals), expected, "{text:?} with {decimals} decimals");
        }
    }

    #[test]
    fn rates_lose_their_trailing_zeros_and_nothing_else() {
        let cases = [(190_000, "19"), (105_000, "10.5"), (1, "0.0001"), (0, "0"), (1_000_000, "100")];
        for (rate_ppm, text) in cases {
            assert_eq!(format_shortest(rate_ppm, 4), text);
        }
        assert_eq!(format_shortest(1200, 0), "1200");
        assert_eq!(format(1_200_000, 2), "12000.00");
        assert_eq!(format(-5, 2), "-0.05");
        assert_eq!(format(i64::MIN, 0), "-9223372036854775808");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in 0..=i64::MAX, decimals in 0..=4_u32) {
            prop_assert_eq!(parse(&format(value, decimals), decimals), Ok(value));
            prop_assert_eq!(parse(&format_shortest(value, decimals), decimals), Ok(value));
        }

        #[test]
        fn no_text_makes_reading_panic(text in "\\PC{0,30}", decimals in 0..=9_u32) {
            let _ = parse(&text, decimals);
            let _ = parse_typed(&text, COLOMBIA, decimals);
        }
    }
}
