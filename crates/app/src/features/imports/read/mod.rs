//! Reading a file into rows of cells, whatever program wrote it.
//!
//! Owns: telling CSV from XLSX, the limits that keep a hostile file harmless, and
//! the cell as all later steps see it. Must not know: what a column means, the
//! shop, the database.
//!
//! **Invariant:** a number never becomes a float of ours. What a spreadsheet stores
//! in binary leaves this module as its shortest decimal text.

mod csv;
mod encoding;
#[cfg(test)]
mod tests;
mod xlsx;

use jiff::civil::DateTime;
use std::fmt;

/// How much of a file is read before it is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes_max: usize,
    /// Bytes that its packed parts may become, all together.
    pub unpacked_bytes_max: u64,
    /// Bytes of text that its cells may hold, shared texts counted each time.
    pub text_bytes_max: usize,
    /// Rows that hold something.
    pub rows_max: usize,
    /// Columns.
    pub columns_max: usize,
    /// Characters of one cell.
    pub cell_chars_max: usize,
}

impl Default for Limits {
    /// Four times what the largest shop of the specification needs.
    fn default() -> Self {
        Self {
            file_bytes_max: 32 << 20,
            unpacked_bytes_max: 256 << 20,
            text_bytes_max: 128 << 20,
            rows_max: 200_000,
            columns_max: 64,
            cell_chars_max: 4_000,
        }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as it was written, blanks included.
    Text(Box<str>),
    /// A spreadsheet's number as decimal text: a sign, digits, a point.
    Number(Box<str>),
    /// A spreadsheet's true or false.
    Bool(bool),
    /// A spreadsheet's date, to the second; it has no zone.
    Moment(DateTime),
    /// Something that has no value of its own.
    Broken(Broken),
}

/// Why a cell has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// The formula failed: `#N/A`, `#REF!`.
    FormulaFailed,
    /// The program that wrote the file did not compute the formula.
    FormulaNotComputed,
    /// A duration, a date out of range or a text that is too long.
    Unreadable,
}

impl Cell {
    /// Whether nothing but blanks stands here.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The cell as a person would read it; a failed one reads as nothing.
    pub fn as_text(&self) -> String {
        match self {
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Number(text) => text.to_string(),
            Cell::Bool(value) => if *value { "1" } else { "0" }.to_owned(),
            Cell::Moment(moment) => moment.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            Cell::Empty | Cell::Broken(_) => String::new(),
        }
    }
}

/// A row that holds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u32,
    /// Its cells from column A; blanks at the end are left out.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column, from 0; what is beyond the row's end is empty.
    pub fn cell(&self, column: usize) -> &Cell {
        const NOTHING: &Cell = &Cell::Empty;
        self.cells.get(column).unwrap_or(NOTHING)
    }
}

/// A place that a person can look up: `B7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellPlace {
    /// The row's number, from 1.
    pub row: u32,
    /// The column, from 0.
    pub column: usize,
}

impl fmt::Display for CellPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", column_letters(self.column), self.row)
    }
}

/// A column as spreadsheets name it: 0 is `A`, 26 is `AA`.
pub fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).expect("a remainder of 26 fits a byte")));
        if rest < 26 {
            return letters.into_iter().rev().collect();
        }
        rest = rest / 26 - 1;
    }
}

/// A file's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows that hold something, in order.
    pub rows: Vec<Row>,
    /// How many rows held nothing.
    pub empty_rows: usize,
    /// The sheet they are from, where the file has sheets.
    pub sheet: Option<String>,
    /// Sheets that were not read.
    pub other_sheets: Vec<String>,
}

/// Why a file is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefused {
    /// More bytes than allowed.
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// Its packed parts, or its texts, become more than allowed.
    UnpacksTooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// More rows than allowed.
    TooManyRows {
        /// The limit.
        rows_max: usize,
    },
    /// More columns than allowed.
    TooManyColumns {
        /// The limit.
        columns_max: usize,
    },
    /// A quotation mark opens here and swallows the rows that follow.
    UnclosedQuote {
        /// The row's number.
        row: u32,
    },
    /// The format before 2007; the remedy is to save it as XLSX or CSV.
    OldExcel,
    /// Protected by a password.
    Encrypted,
    /// Neither a spreadsheet nor a table of text.
    NotATable,
    /// A spreadsheet that is damaged.
    Damaged,
    /// Nothing in it.
    Empty,
}

/// Reads a CSV or XLSX file; which it is, is seen in its bytes, not in its name.
///
/// # Errors
/// Why the file as a whole cannot be read. A single bad cell is a
/// [`Cell::Broken`] instead.
pub fn read_table(bytes: &[u8], limits: &Limits) -> Result<Table, FileRefused> {
    const ZIP: &[u8] = b"PK\x03\x04";
    /// The container of Excel 97 and of encrypted newer files: MS-CFB 2.2.
    const COMPOUND_FILE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    if bytes.len() > limits.file_bytes_max {
        return Err(FileRefused::TooLarge { bytes_max: limits.file_bytes_max as u64 });
    }
    let table = if bytes.starts_with(ZIP) {
        xlsx::read(bytes, limits)?
    } else if bytes.starts_with(COMPOUND_FILE) {
        // The stream's name stands in the directory as UTF-16.
        let encrypted: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
        let found = bytes.windows(encrypted.len()).any(|window| window == encrypted);
        return Err(if found { FileRefused::Encrypted } else { FileRefused::OldExcel });
    } else {
        csv::read(&encoding::decode(bytes)?, limits)?
    };
    if table.rows.is_empty() { Err(FileRefused::Empty) } else { Ok(table) }
}

/// Collects rows under the limits; both readers end here.
struct Collector<'a> {
    limits: &'a Limits,
    table: Table,
    text_bytes: usize,
}

impl<'a> Collector<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self { limits, table: Table::default(), text_bytes: 0 }
    }

    /// A text as a cell, counted; one that is too long is broken.
    fn text(&mut self, text: &str) -> Result<Cell, FileRefused> {
        if text.is_empty() {
            return Ok(Cell::Empty);
        }
        if text.len() > self.limits.cell_chars_max && text.chars().count() > self.limits.cell_chars_max {
            return Ok(Cell::Broken(Broken::Unreadable));
        }
        self.text_bytes += text.len();
        if self.text_bytes > self.limits.text_bytes_max {
            return Err(FileRefused::UnpacksTooLarge { bytes_max: self.limits.text_bytes_max as u64 });
        }
        Ok(Cell::Text(text.into()))
    }

    /// Takes a row; blanks at its end go, and a row of blanks is only counted.
    fn row(&mut self, number: u32, mut cells: Vec<Cell>) -> Result<(), FileRefused> {
        let used = cells.iter().rposition(|cell| !cell.is_blank()).map_or(0, |last| last + 1);
        cells.truncate(used);
        if cells.is_empty() {
            self.table.empty_rows += 1;
            return Ok(());
        }
        if cells.len() > self.limits.columns_max {
            return Err(FileRefused::TooManyColumns { columns_max: self.limits.columns_max });
        }
        if self.table.rows.len() == self.limits.rows_max {
            return Err(FileRefused::TooManyRows { rows_max: self.limits.rows_max });
        }
        cells.shrink_to_fit();
        self.table.rows.push(Row { number, cells });
        Ok(())
    }
}
