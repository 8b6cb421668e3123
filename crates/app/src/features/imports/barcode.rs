//! Barcodes as spreadsheets leave them.
//!
//! Owns: what a cell says about its code: ruined to `7.70E+12`, robbed of the zeros
//! in front, or carrying a wrong check digit. Must not know: which codes the shop has.
//!
//! Check digits are those of the GS1 General Specifications, section 7.9.

use super::read::Cell;

/// The longest code kept.
pub const BARCODE_CHARS_MAX: usize = 50;

/// A code to keep, and what a person should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Barcode {
    /// The code as a scanner sends it.
    pub code: String,
    /// Something to look at, though not to refuse.
    pub note: Option<BarcodeNote>,
}

/// What a person should know about a code that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarcodeNote {
    /// Zeros in front were put back, because the check digit then fits.
    ZerosRestored,
    /// It is as long as a trade item's number, but its check digit is another.
    CheckDigit,
}

/// Why a cell is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarcodeRefused {
    /// `7.70E+12`: the digits are lost. The remedy is to make the column text in the
    /// program where the codes still are, and save again.
    Ruined,
    /// More than [`BARCODE_CHARS_MAX`] characters.
    TooLong,
    /// Blanks within letters, or characters that no scanner sends.
    Malformed,
}

/// Whether a column lost the zeros in front of its codes. Decided for the column,
/// because one short code of ten passes the check digit by chance: most of those
/// that miss a zero must fit once it is put back, and at least three of them, or a
/// complete code beside them.
pub fn lost_zeros<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> bool {
    let (mut fitting, mut others, mut complete) = (0_usize, 0_usize, 0_usize);
    for cell in cells {
        let digits = plain(cell);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        match with_zeros(&digits) {
            Some(padded) if check_digit_fits(&padded) => fitting += 1,
            Some(_) => others += 1,
            None if is_trade_length(&digits) && check_digit_fits(&digits) => complete += 1,
            None => {}
        }
    }
    fitting > 4 * others && (fitting >= 3 || (fitting >= 1 && complete >= 1))
}

/// Reads a cell as a code; `None` where it is empty. `restore_zeros` is what
/// [`lost_zeros`] said of the column.
///
/// # Errors
/// See [`BarcodeRefused`].
pub fn read_barcode(cell: &Cell, restore_zeros: bool) -> Result<Option<Barcode>, BarcodeRefused> {
    let code = plain(cell);
    if code.is_empty() {
        return Ok(None);
    }
    if is_ruined(&code) {
        return Err(BarcodeRefused::Ruined);
    }
    if code.chars().count() > BARCODE_CHARS_MAX {
        return Err(BarcodeRefused::TooLong);
    }
    // Code 128 carries ASCII; a blank inside is one that somebody typed.
    if !code.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(BarcodeRefused::Malformed);
    }
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if restore_zeros
        && digits
        && let Some(padded) = with_zeros(&code)
        && check_digit_fits(&padded)
    {
        return Ok(Some(Barcode { code: padded, note: Some(BarcodeNote::ZerosRestored) }));
    }
    let wrong = digits && is_trade_length(&code) && !check_digit_fits(&code);
    Ok(Some(Barcode { code, note: wrong.then_some(BarcodeNote::CheckDigit) }))
}

/// The code without what spreadsheets and people put around it.
fn plain(cell: &Cell) -> String {
    let text = cell.as_text();
    let text = text.trim_start_matches('\'').trim();
    let text = text.strip_suffix(".0").filter(|digits| all_digits(digits)).unwrap_or(text);
    let grouped: String = text.chars().filter(|character| !matches!(character, ' ' | '\u{a0}' | '-')).collect();
    if all_digits(&grouped) { grouped } else { text.to_owned() }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Written with an exponent, or read back from such a writing: seven digits that
/// mean something and zeros to the length of a trade item's number.
fn is_ruined(code: &str) -> bool {
    let exponent = code.split_once(['E', 'e']).is_some_and(|(front, back)| {
        let front = front.strip_prefix('-').unwrap_or(front);
        front.contains(['.', ','])
            && all_digits(&front.replace(['.', ','], ""))
            && all_digits(back.trim_start_matches('+'))
    });
    exponent || (code.len() >= 12 && all_digits(code) && code.ends_with("000000") && !check_digit_fits(code))
}

fn is_trade_length(digits: &str) -> bool {
    matches!(digits.len(), 8 | 12 | 13 | 14)
}

/// A code of EAN-8 or UPC-A length from one that may have lost its zeros.
fn with_zeros(digits: &str) -> Option<String> {
    match digits.len() {
        7 => Some(format!("{digits:0>8}")),
        9..=11 => Some(format!("{digits:0>12}")),
        _ => None,
    }
}

/// Weights of 3 and 1 from the right, the sum a multiple of ten.
fn check_digit_fits(digits: &str) -> bool {
    let weighted = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let weight = if place % 2 == 1 { 3 } else { 1 };
        weight * u32::from(digit - b'0')
    });
    weighted.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn a_code_is_taken_as_the_scanner_sends_it_or_refused_with_its_reason() {
        let taken = |code: &str, note| Ok(Some(Barcode { code: code.into(), note }));
        let cases = [
            (text("7702004003508"), taken("7702004003508", None)),
            (text(" 7702004003508 "), taken("7702004003508", None)),
            (text("770 2004 00350-8"), taken("7702004003508", None)),
            (text("'0012"), taken("0012", None)),
            (text("7702004003508.0"), taken("7702004003508", None)),
            (Cell::Number("7702004003508".into()), taken("7702004003508", None)),
            (text("7702004003509"), taken("7702004003509", Some(BarcodeNote::CheckDigit))),
            (text("CAJA-24"), taken("CAJA-24", None)),
            (text("15E2"), taken("15E2", None)),
            (text("12345678905"), taken("12345678905", None)),
            (text("7.70E+12"), Err(BarcodeRefused::Ruined)),
            (text("7,70E+12"), Err(BarcodeRefused::Ruined)),
            (text("7.7020040035e12"), Err(BarcodeRefused::Ruined)),
            (Cell::Number("7700000000000".into()), Err(BarcodeRefused::Ruined)),
            (text("dos palabras"), Err(BarcodeRefused::Malformed)),
            (text("ñandú"), Err(BarcodeRefused::Malformed)),
            (text(&"9".repeat(51)), Err(BarcodeRefused::TooLong)),
            (text("   "), Ok(None)),
            (Cell::Empty, Ok(None)),
        ];
        for (cell, wanted) in cases {
            assert_eq!(read_barcode(&cell, false), wanted, "{cell:?}");
        }
    }

    #[test]
    fn zeros_come_back_only_where_the_column_lost_them() {
        let column = |codes: &[&str]| lost_zeros(&codes.iter().map(|code| text(code)).collect::<Vec<_>>());
        // 012345678905 is the textbook UPC-A; 036000291452 and 042100005264 are printed ones.
        assert!(column(&["12345678905", "7702004003508"]));
        assert!(column(&["12345678905", "36000291452", "42100005264"]));
        assert!(!column(&["12345678905"]), "one alone may be chance");
        assert!(!column(&["12345678905", "12345678906", "7702004003508"]), "others do not fit");
        assert!(!column(&["100", "101", "A1"]));
        let restored = read_barcode(&text("12345678905"), true).expect("a code").expect("not empty");
        assert_eq!(restored, Barcode { code: "012345678905".into(), note: Some(BarcodeNote::ZerosRestored) });
        let own = read_barcode(&text("12345678901"), true).expect("a code").expect("not empty");
        assert_eq!(own.code, "12345678901", "a code that would not fit stays");
    }
}
