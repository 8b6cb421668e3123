//! Numbers as shops write them: `1.234,56`, `1,234.56`, `$ 12 000`, `(5)`.
//!
//! Owns: which mark stands before the decimals, decided for a column as a whole, and
//! the way from a text or a spreadsheet's number to a scaled integer.
//!
//! **Invariant:** no float, and no guess: `1.234` alone is not read until the
//! column's other cells, or the person, say what its point means.

/// The mark before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalMark {
    /// `1.234,56`.
    Comma,
    /// `1,234.56`.
    Point,
}

impl DecimalMark {
    fn decimal(self) -> char {
        if self == DecimalMark::Comma { ',' } else { '.' }
    }

    fn group(self) -> char {
        if self == DecimalMark::Comma { '.' } else { ',' }
    }
}

/// What a column's texts say about its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnMark {
    /// No cell needs one.
    Unneeded,
    /// Every cell that shows it agrees.
    Decided(DecimalMark),
    /// This cell can be read in two ways and no other decides; the position in the input.
    Undecidable {
        /// The first such cell.
        at: usize,
    },
    /// Two cells contradict each other; positions in the input.
    Contradictory {
        /// The first with a decimal comma.
        comma_at: usize,
        /// The first with a decimal point.
        point_at: usize,
    },
}

/// Why a cell is not the number asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberRefused {
    /// Not a number in any writing.
    NotANumber,
    /// It can be read in two ways.
    Ambiguous,
    /// More decimals than are kept.
    TooManyDecimals {
        /// How many are.
        decimals_max: u32,
    },
    /// Below zero where that cannot be.
    Negative,
    /// Beyond what is kept.
    TooLarge,
}

/// Digits and marks without what people put around them.
struct Written<'a> {
    negative: bool,
    body: std::borrow::Cow<'a, str>,
}

/// Takes off currency signs, blanks, the sign and accountants' brackets.
fn strip(text: &str) -> Option<Written<'_>> {
    const SIGNS: [&str; 8] = ["US$", "R$", "S/.", "S/", "Bs.", "$", "€", "£"];
    const CURRENCIES: [&str; 8] = ["COP", "MXN", "PEN", "CLP", "ARS", "USD", "BRL", "EUR"];
    let blank = |character: char| character.is_whitespace() || matches!(character, '\u{a0}' | '\u{202f}');
    let mut rest = text.trim_matches(blank);
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        negative = true;
        rest = inner.trim_matches(blank);
    }
    let mut currency_seen = false;
    loop {
        let before = rest;
        if let Some(after) = rest.strip_prefix(['-', '\u{2212}']).or_else(|| rest.strip_suffix(['-', '\u{2212}'])) {
            if negative {
                return None;
            }
            negative = true;
            rest = after.trim_matches(blank);
        }
        let found = SIGNS.iter().chain(&CURRENCIES).find_map(|sign| {
            let start = rest.get(..sign.len()).filter(|start| start.eq_ignore_ascii_case(sign));
            start.map(|_| &rest[sign.len()..]).or_else(|| {
                let from = rest.len().checked_sub(sign.len())?;
                rest.get(from..).filter(|end| end.eq_ignore_ascii_case(sign)).map(|_| &rest[..from])
            })
        });
        if let Some(after) = found {
            if currency_seen {
                return None;
            }
            currency_seen = true;
            rest = after.trim_matches(blank);
        }
        if rest == before {
            break;
        }
    }
    let rest = rest.strip_prefix('+').unwrap_or(rest);
    if rest.contains(|character: char| blank(character) || matches!(character, '\'' | '\u{2019}')) {
        return Some(Written { negative, body: without_blank_groups(rest, blank)?.into() });
    }
    Some(Written { negative, body: rest.into() })
}

/// `1 234,56` and `1'234.56`: what stands between such marks are groups of three.
fn without_blank_groups(text: &str, blank: impl Fn(char) -> bool) -> Option<String> {
    let is_group_mark = |character: char| blank(character) || matches!(character, '\'' | '\u{2019}');
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (whole, fraction) = text.split_at(end);
    let groups: Vec<&str> = whole.split(is_group_mark).collect();
    let regular = !groups[0].is_empty() && groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    (regular && !fraction.contains(is_group_mark)).then(|| groups.concat() + fraction)
}

/// How a body with these marks can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Digits alone.
    Whole,
    Only(DecimalMark),
    Either,
    None,
}

fn readings(body: &str) -> Reading {
    let comma = split(body, DecimalMark::Comma).is_some();
    let point = split(body, DecimalMark::Point).is_some();
    match (comma, point) {
        (true, true) if !body.contains([',', '.']) => Reading::Whole,
        (true, true) => Reading::Either,
        (true, false) => Reading::Only(DecimalMark::Comma),
        (false, true) => Reading::Only(DecimalMark::Point),
        (false, false) => Reading::None,
    }
}

/// Whole digits and decimals under a mark; `None` where the groups do not fit it.
fn split(body: &str, mark: DecimalMark) -> Option<(String, &str)> {
    let (whole, fraction) = match body.split_once(mark.decimal()) {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (body, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(fraction) {
        return None;
    }
    let groups: Vec<&str> = whole.split(mark.group()).collect();
    let grouped = groups.len() > 1;
    let regular = groups.iter().all(|group| digits(group) && !group.is_empty())
        && (!grouped || (groups[0].len() <= 3 && groups[0] != "0" && groups[1..].iter().all(|group| group.len() == 3)));
    // `.50` is how some tills write fifty cents.
    let cents_alone = whole.is_empty() && !fraction.is_empty();
    (regular || cents_alone).then(|| (groups.concat(), fraction))
}

/// What the texts of a column say about its decimal mark. Spreadsheet numbers have
/// none and are not asked; texts that are no numbers say nothing.
pub fn column_mark<'a>(texts: impl IntoIterator<Item = &'a str>) -> ColumnMark {
    let (mut comma_at, mut point_at, mut either_at) = (None, None, None);
    for (at, text) in texts.into_iter().enumerate() {
        let Some(written) = strip(text) else { continue };
        match readings(&written.body) {
            Reading::Only(DecimalMark::Comma) => comma_at = comma_at.or(Some(at)),
            Reading::Only(DecimalMark::Point) => point_at = point_at.or(Some(at)),
            Reading::Either => either_at = either_at.or(Some(at)),
            Reading::Whole | Reading::None => {}
        }
    }
    match (comma_at, point_at, either_at) {
        (Some(comma_at), Some(point_at), _) => ColumnMark::Contradictory { comma_at, point_at },
        (Some(_), None, _) => ColumnMark::Decided(DecimalMark::Comma),
        (None, Some(_), _) => ColumnMark::Decided(DecimalMark::Point),
        (None, None, Some(at)) => ColumnMark::Undecidable { at },
        (None, None, None) => ColumnMark::Unneeded,
    }
}

/// Reads a text as an integer scaled by 10^`decimals`. Zeros beyond the decimals kept
/// change nothing and are allowed.
///
/// # Errors
/// See [`NumberRefused`]; never `Negative`, which is the caller's to say.
pub fn from_text(text: &str, mark: Option<DecimalMark>, decimals: u32) -> Result<i64, NumberRefused> {
    let written = strip(text).ok_or(NumberRefused::NotANumber)?;
    let mark = match (mark, readings(&written.body)) {
        (Some(mark), _) => mark,
        (None, Reading::Whole) => DecimalMark::Point,
        (None, Reading::Only(mark)) => mark,
        (None, Reading::Either) => return Err(NumberRefused::Ambiguous),
        (None, Reading::None) => return Err(NumberRefused::NotANumber),
    };
    let (whole, fraction) = split(&written.body, mark).ok_or(NumberRefused::NotANumber)?;
    let kept = fraction.trim_end_matches('0');
    if kept.len() > decimals as usize {
        return Err(NumberRefused::TooManyDecimals { decimals_max: decimals });
    }
    scaled(written.negative, &whole, kept, decimals)
}

fn scaled(negative: bool, whole: &str, fraction: &str, decimals: u32) -> Result<i64, NumberRefused> {
    const DIGITS_MAX: usize = 18;
    let whole = whole.trim_start_matches('0');
    if whole.len() > DIGITS_MAX {
        return Err(NumberRefused::TooLarge);
    }
    let digits = format!("{whole}{fraction:0<width$}", width = decimals as usize);
    let value = digits.bytes().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    i64::try_from(if negative { -value } else { value }).map_err(|_| NumberRefused::TooLarge)
}

/// Reads a spreadsheet's number, rounding off the noise of its binary form: what is
/// within 10⁻⁶ of the decimals kept is that value, anything else is refused.
///
/// # Errors
/// See [`NumberRefused`]; never `Ambiguous` or `Negative`.
pub fn from_number(text: &str, decimals: u32) -> Result<i64, NumberRefused> {
    /// Decimals looked at; what is beyond is only asked whether it is zero.
    const SEEN: u32 = 12;
    const TOLERANCE: i128 = 10_i128.pow(SEEN - 6);
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |body| (true, body));
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(NumberRefused::NotANumber);
    }
    let (seen, beyond) = fraction.split_at(fraction.len().min(SEEN as usize));
    let whole = whole.trim_start_matches('0');
    if whole.len() > 18 {
        return Err(NumberRefused::TooLarge);
    }
    let digits = format!("{whole}{seen:0<12}");
    let value = digits.bytes().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    let step = 10_i128.pow(SEEN - decimals);
    let above = value % step;
    let more = beyond.bytes().any(|digit| digit != b'0');
    let rounded = if above < TOLERANCE || (above == TOLERANCE && !more) {
        value / step
    } else if step - above <= TOLERANCE {
        value / step + 1
    } else {
        return Err(NumberRefused::TooManyDecimals { decimals_max: decimals });
    };
    i64::try_from(if negative { -rounded } else { rounded }).map_err(|_| NumberRefused::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Comma, Point};
    use NumberRefused::{Ambiguous, NotANumber, TooLarge, TooManyDecimals};

    #[test]
    fn a_column_decides_its_mark_by_the_cells_that_show_it() {
        let cases: [(&[&str], ColumnMark); 13] = [
            (&["1.234,56"], ColumnMark::Decided(Comma)),
            (&["1,234.56"], ColumnMark::Decided(Point)),
            (&["1.234", "12,5"], ColumnMark::Decided(Comma)),
            (&["1.234", "12.50"], ColumnMark::Decided(Point)),
            (&["1.234.567", "1.234"], ColumnMark::Decided(Comma)),
            (&["0.500", "1.234"], ColumnMark::Decided(Point)),
            (&["1234,567"], ColumnMark::Decided(Comma)),
            (&["100", "2000"], ColumnMark::Unneeded),
            (&["100", "1.234", "2,345"], ColumnMark::Undecidable { at: 1 }),
            (&["1,5", "x", "1.5"], ColumnMark::Contradictory { comma_at: 0, point_at: 2 }),
            (&["precio", "", "1.2.3"], ColumnMark::Unneeded),
            (&["$ 1.234,50", "COP 3.000"], ColumnMark::Decided(Comma)),
            (&["1 234,5"], ColumnMark::Decided(Comma)),
        ];
        for (texts, wanted) in cases {
            assert_eq!(column_mark(texts.iter().copied()), wanted, "{texts:?}");
        }
    }

    #[test]
    fn a_text_becomes_minor_units_or_says_why_not() {
        let cases: [(&str, Option<DecimalMark>, Result<i64, NumberRefused>); 33] = [
            ("1.234,56", Some(Comma), Ok(123_456)),
            ("1,234.56", Some(Point), Ok(123_456)),
            ("1.234", Some(Comma), Ok(123_400)),
            ("1.234", Some(Point), Err(TooManyDecimals { decimals_max: 2 })),
            ("1.230", Some(Point), Ok(123)),
            ("1.234", None, Err(Ambiguous)),
            ("12,5", None, Ok(1_250)),
            ("12000", None, Ok(1_200_000)),
            (" $ 12.000 ", Some(Comma), Ok(1_200_000)),
            ("12000 COP", None, Ok(1_200_000)),
            ("US$5", None, Ok(500)),
            ("S/ 3.50", None, Ok(350)),
            ("-5", None, Ok(-500)),
            ("5-", None, Ok(-500)),
            ("(5)", None, Ok(-500)),
            ("\u{2212}5", None, Ok(-500)),
            ("(-5)", None, Err(NotANumber)),
            ("- $ 5", None, Ok(-500)),
            ("$ -5", None, Ok(-500)),
            ("+5", None, Ok(500)),
            (".50", None, Ok(50)),
            ("1 234,56", None, Ok(123_456)),
            ("1\u{a0}234", None, Ok(123_400)),
            ("1'234.50", None, Ok(123_450)),
            ("12 34", None, Err(NotANumber)),
            ("1.23.456", Some(Comma), Err(NotANumber)),
            ("5.", None, Err(NotANumber)),
            ("", None, Err(NotANumber)),
            ("cinco", None, Err(NotANumber)),
            ("1e5", None, Err(NotANumber)),
            ("$ $ 5", None, Err(NotANumber)),
            ("99999999999999999999", None, Err(TooLarge)),
            ("٣", None, Err(NotANumber)),
        ];
        for (text, mark, wanted) in cases {
            assert_eq!(from_text(text, mark, 2), wanted, "{text:?} {mark:?}");
        }
    }

    #[test]
    fn the_noise_of_a_binary_number_is_rounded_off_and_nothing_else() {
        let cases: [(&str, u32, Result<i64, NumberRefused>); 18] = [
            ("8.289999999999999", 2, Ok(829)),
            ("8.290000000000001", 2, Ok(829)),
            ("2.08", 2, Ok(208)),
            ("2.1", 2, Ok(210)),
            ("12", 2, Ok(1_200)),
            ("-9058", 3, Ok(-9_058_000)),
            ("0.001", 2, Err(TooManyDecimals { decimals_max: 2 })),
            ("0.005", 2, Err(TooManyDecimals { decimals_max: 2 })),
            ("1.000001", 2, Ok(100)),
            ("1.0000010000001", 2, Err(TooManyDecimals { decimals_max: 2 })),
            ("1.000002", 2, Err(TooManyDecimals { decimals_max: 2 })),
            ("0.999999", 2, Ok(100)),
            ("0.9999989", 2, Err(TooManyDecimals { decimals_max: 2 })),
            ("0.99999999999999", 0, Ok(1)),
            ("-0.000000001", 2, Ok(0)),
            ("1.2345678", 3, Err(TooManyDecimals { decimals_max: 3 })),
            ("100000000000000000000", 2, Err(TooLarge)),
            ("inf", 2, Err(NotANumber)),
        ];
        for (text, decimals, wanted) in cases {
            assert_eq!(from_number(text, decimals), wanted, "{text}");
        }
    }
}
