//! Where a list of documents or lines goes on: behind this row, newest first.
//!
//! Travels in the address as `despues`; whoever changes it sees another part of
//! their own shop's list and nothing else.

use uuid::Uuid;
use web::{AppError, query::Query};

/// Rows a page.
pub const ROWS: i64 = 25;

/// A row's place: day, hour, document, line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// YYYYMMDD.
    pub date: i64,
    /// 0 to 23; 24 is before every row of the day.
    pub hour: i64,
    /// The document.
    pub id: Uuid,
    /// The line, counted from 0; 0 in a list of documents.
    pub position: i64,
}

impl Cursor {
    /// Before every row up to this day.
    pub fn start(last: i64) -> Self {
        Self { date: last, hour: 24, id: Uuid::nil(), position: 0 }
    }

    /// Reads `despues`; without one the list starts at its last day.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] for one that nobody made.
    pub fn read(query: &Query, last: i64) -> Result<Self, AppError> {
        let Some(text) = query.get("despues") else { return Ok(Self::start(last)) };
        let mut parts = text.split('.');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (date, hour, position) = (number(), number(), number());
        let id = parts.next().and_then(|part| part.parse::<Uuid>().ok());
        match (date, hour, position, id, parts.next()) {
            // A later day would show what the period leaves out.
            (Some(date), Some(hour), Some(position), Some(id), None) if date <= last => {
                Ok(Self { date, hour, id, position })
            }
            _ => Err(AppError::BadRequest { why: "despues is no place of this list".to_owned() }),
        }
    }

    /// As the address has it.
    pub fn text(&self) -> String {
        format!("{}.{}.{}.{}", self.date, self.hour, self.position, self.id)
    }
}

/// Cuts what was asked for (one more than a page) to the page, and says where it goes on.
pub fn cut<T>(mut rows: Vec<T>, query: &Query, place: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let size = usize::try_from(ROWS).expect("25 is small");
    let has_more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|row| query.with("despues", &place(row)).href());
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_the_address_as_it_went() {
        let cursor = Cursor { date: 20_261_124, hour: 15, id: Uuid::from_u128(7), position: 3 };
        let query = Query::parse(Some(&format!("despues={}", cursor.text()))).unwrap();
        assert_eq!(Cursor::read(&query, 20_261_130).unwrap(), cursor);
        for wrong in
            ["x", "1.2.3", "20261124.15.3.no", "20261201.1.0.00000000-0000-0000-0000-000000000007", "1.2.3.4.5"]
        {
            let query = Query::parse(Some(&format!("despues={wrong}"))).unwrap();
            assert!(Cursor::read(&query, 20_261_130).is_err(), "{wrong}");
        }
    }
}
