//! Files for spreadsheets (CSV): a shop's decimal mark, the separator that goes with
//! it, and cells that no program takes for a formula.

use crate::format::Format;

/// How a shop's spreadsheet reads a file: with `;` between cells where `,` is the
/// decimal mark.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The shop's formats.
    pub format: Format,
    separator: char,
}

impl Sheet {
    /// A sheet of a shop with these formats.
    #[must_use]
    pub fn new(format: Format) -> Self {
        let separator = if format.numbers.decimal == ',' { ';' } else { ',' };
        Self { format, separator }
    }

    /// The names of the columns, behind the mark by which spreadsheets know UTF-8.
    #[must_use]
    pub fn head<const N: usize>(&self, names: [&str; N]) -> String {
        format!("\u{feff}{}", self.line(names.map(str::to_owned)))
    }

    /// An amount with all its decimals and no other mark than the shop's decimal one.
    #[must_use]
    pub fn amount(&self, minor: i64) -> String {
        let plain = domain::decimal::format(minor, self.format.currency.decimals);
        plain.replace('.', &self.format.numbers.decimal.to_string())
    }

    /// A line of cells.
    #[must_use]
    pub fn line<const N: usize>(&self, cells: [String; N]) -> String {
        let cells = cells.map(|cell| quoted(&defused(&cell), self.separator));
        let mut line = cells.join(&self.separator.to_string());
        line.push_str("\r\n");
        line
    }
}

/// A text that a spreadsheet would calculate begins with an apostrophe, which it
/// reads as "this is text" (OWASP, CSV injection).
fn defused(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

/// Quoted where it must be (RFC 4180).
fn quoted(cell: &str, separator: char) -> String {
    if cell.contains(['"', separator, '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text_and_a_number_stays_a_number() {
        for (typed, written) in [
            ("=1+1", "'=1+1"),
            ("+57 310", "'+57 310"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("-1650,00", "-1650,00"),
            ("Doña Gloria", "Doña Gloria"),
            ("", ""),
        ] {
            assert_eq!(defused(typed), written);
        }
    }

    #[test]
    fn quotes_and_separators_stay_inside_their_cell() {
        for (cell, written) in
            [("a;b", "\"a;b\""), ("di \"hola\"", "\"di \"\"hola\"\"\""), ("uno\ndos", "\"uno\ndos\"")]
        {
            assert_eq!(quoted(cell, ';'), written);
        }
    }
}
