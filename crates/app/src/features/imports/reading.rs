//! One row's fields with their problems gathered: every bad cell of a row is named,
//! not only the first.
//!
//! Owns: what all kinds of rows share. Must not know: the rules of any one kind.

use super::{
    columns::{Field, Mapping},
    moment::{self, DateOrder},
    number::{self, ColumnMark, DecimalMark, NumberRefused},
    read::{Cell, Row, Table},
    refusal::{Reason, Refusal},
};
use jiff::civil::DateTime;
use std::collections::BTreeMap;

/// What was decided about columns as a whole, by their cells or by the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The decimal mark of each column of numbers that needs one.
    pub marks: BTreeMap<Field, DecimalMark>,
    /// The order of each column of dates.
    pub orders: BTreeMap<Field, DateOrder>,
}

/// A column whose numbers can be read in two ways: the person must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Which column.
    pub field: Field,
    /// The row of a cell that can be read in two ways, or of one that contradicts
    /// others.
    pub row: u32,
}

/// Decides what the columns' cells decide; `given` is what the person said. What
/// remains open comes back as questions, and its cells would be refused.
pub fn decide_columns(
    table: &Table,
    mapping: &Mapping,
    numbers: &[Field],
    given: &Choices,
) -> (Choices, Vec<OpenQuestion>) {
    let mut choices = given.clone();
    let mut questions = Vec::new();
    let rows = table.rows.get(mapping.header_at + 1..).unwrap_or(&[]);
    let texts = |column: usize| {
        rows.iter().filter_map(move |row| match row.cell(column) {
            Cell::Text(text) => Some((row.number, text.as_ref())),
            _ => None,
        })
    };
    for field in numbers.iter().copied().filter(|field| !given.marks.contains_key(field)) {
        let Some(column) = mapping.column(field) else { continue };
        let row_of = |at: usize| texts(column).nth(at).map_or(0, |(row, _)| row);
        match number::column_mark(texts(column).map(|(_, text)| text)) {
            ColumnMark::Unneeded => {}
            ColumnMark::Decided(mark) => {
                choices.marks.insert(field, mark);
            }
            ColumnMark::Undecidable { at } => questions.push(OpenQuestion { field, row: row_of(at) }),
            ColumnMark::Contradictory { comma_at, point_at } => {
                questions.push(OpenQuestion { field, row: row_of(comma_at.max(point_at)) });
            }
        }
    }
    if let Some(column) = mapping.column(Field::Date) {
        let order = || moment::column_order(texts(column).map(|(_, text)| text));
        choices.orders.entry(Field::Date).or_insert_with(order);
    }
    (choices, questions)
}

/// Reads the fields of one row.
pub struct RowReader<'a> {
    row: &'a Row,
    mapping: &'a Mapping,
    choices: &'a Choices,
    /// What is wrong so far.
    pub refusals: Vec<Refusal>,
}

impl<'a> RowReader<'a> {
    /// A reader with nothing wrong yet.
    pub fn new(row: &'a Row, mapping: &'a Mapping, choices: &'a Choices) -> Self {
        Self { row, mapping, choices, refusals: Vec::new() }
    }

    /// The row's number.
    pub fn number(&self) -> u32 {
        self.row.number
    }

    /// The field's cell; empty where no column is the field.
    pub fn cell(&self, field: Field) -> &'a Cell {
        const NOTHING: &Cell = &Cell::Empty;
        self.mapping.column(field).map_or(NOTHING, |column| self.row.cell(column))
    }

    /// Notes what is wrong with a field.
    pub fn refuse(&mut self, field: Field, reason: Reason) {
        let column = self.mapping.column(field);
        self.refusals.push(Refusal { row: self.row.number, column, field: Some(field), reason });
    }

    /// Whether the field has a value; a broken cell is refused here.
    fn present(&mut self, field: Field) -> bool {
        match self.cell(field) {
            Cell::Broken(broken) => {
                self.refuse(field, Reason::Broken(*broken));
                false
            }
            cell => !cell.is_blank(),
        }
    }

    /// A text of one line within a limit, or none.
    pub fn text(&mut self, field: Field, chars_max: usize) -> Option<String> {
        if !self.present(field) {
            return None;
        }
        let text = one_line(&self.cell(field).as_text());
        if text.chars().any(char::is_control) {
            self.refuse(field, Reason::ControlCharacter);
            return None;
        }
        if text.chars().count() > chars_max {
            self.refuse(field, Reason::TooLong { chars_max });
            return None;
        }
        Some(text)
    }

    /// A text that must be there.
    pub fn required_text(&mut self, field: Field, chars_max: usize) -> Option<String> {
        let before = self.refusals.len();
        let text = self.text(field, chars_max);
        if text.is_none() && self.refusals.len() == before {
            self.refuse(field, Reason::Required);
        }
        text
    }

    /// A number of any sign scaled by 10^`decimals`, or none.
    pub fn number_in(&mut self, field: Field, decimals: u32) -> Option<i64> {
        if !self.present(field) {
            return None;
        }
        let read = match self.cell(field) {
            Cell::Number(text) => number::from_number(text, decimals),
            Cell::Text(text) => number::from_text(text, self.choices.marks.get(&field).copied(), decimals),
            _ => Err(NumberRefused::NotANumber),
        };
        read.map_err(|refused| self.refuse(field, Reason::Number(refused))).ok()
    }

    /// A number that must be there.
    pub fn required_number(&mut self, field: Field, decimals: u32) -> Option<i64> {
        let before = self.refusals.len();
        let number = self.number_in(field, decimals);
        if number.is_none() && self.refusals.len() == before {
            self.refuse(field, Reason::Required);
        }
        number
    }

    /// A number from zero to `max`, or none.
    pub fn amount(&mut self, field: Field, decimals: u32, max: i64) -> Option<i64> {
        let number = self.number_in(field, decimals)?;
        self.within(field, number, max)
    }

    /// Refuses a number below zero or above `max`.
    pub fn within(&mut self, field: Field, number: i64, max: i64) -> Option<i64> {
        if number < 0 {
            self.refuse(field, Reason::Number(NumberRefused::Negative));
            None
        } else if number > max {
            self.refuse(field, Reason::Number(NumberRefused::TooLarge));
            None
        } else {
            Some(number)
        }
    }

    /// A moment that must be there.
    pub fn required_moment(&mut self, field: Field) -> Option<DateTime> {
        let before = self.refusals.len();
        let present = self.present(field);
        let order = self.choices.orders.get(&field).copied().unwrap_or(DateOrder::DayFirst);
        let moment = match self.cell(field) {
            Cell::Moment(moment) => moment::in_range(*moment),
            Cell::Text(text) => moment::from_text(text, order),
            _ => None,
        };
        if moment.is_none() && self.refusals.len() == before {
            self.refuse(field, if present { Reason::Date } else { Reason::Required });
        }
        moment
    }
}

/// Every run of blanks and line ends as one blank.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
