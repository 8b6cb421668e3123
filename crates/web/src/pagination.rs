//! Pages of a list: keyset links, page numbers to 200, counts that stop at 1,000.
//!
//! A list asks for `size + 1` rows from where the reader stands; [`Pages::of`] keeps
//! `size` of them and knows from the last whether there are more. It owns the cursor's
//! form. It must not know SQL: a feature turns [`At`] into its statement.
//!
//! A cursor is opaque, not secret: keys of a row the reader has just seen. A forged one
//! can only start the list elsewhere, within the reader's own shop.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::AppError;
use crate::format::Int;
use crate::page::PageContext;
use crate::query::Query;

/// The last page that can be asked for by number; beyond it the links go on by cursor.
pub const NUMBER_MAX: i64 = 200;

/// Rows a page unless the reader chose.
pub const SIZE_DEFAULT: i64 = 25;

/// What a reader may choose.
pub const SIZES: [i64; 4] = [10, 25, 50, 100];

/// One part of a row's place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A number.
    Int(i64),
    /// A text, such as a sort key.
    Text(String),
    /// An id.
    Id([u8; 16]),
}

/// The order of a list: a column that the address names, `-` reversing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column's name in the address.
    pub column: &'static str,
    /// Highest first.
    pub descending: bool,
}

impl Order {
    /// Reads `orden`; what is not among the columns is the first of them.
    #[must_use]
    pub fn read(query: &Query, columns: &[&'static str]) -> Self {
        let asked = query.get("orden").unwrap_or_default();
        let (name, descending) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
        match columns.iter().find(|column| **column == name) {
            Some(column) => Self { column, descending },
            None => Self { column: columns.first().copied().unwrap_or_default(), descending: false },
        }
    }

    /// The head of a column under this order: where it leads and what it shows.
    #[must_use]
    pub fn head(self, query: &Query, column: &'static str) -> Sort {
        let current = (self.column == column).then_some(self.descending);
        let value = if current == Some(false) { format!("-{column}") } else { column.to_owned() };
        Sort { href: query.with("orden", &value).href(), descending: current }
    }

    fn tag(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column)
    }
}

/// A sorting head of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    href: String,
    descending: Option<bool>,
}

impl Sort {
    /// Where a press leads: this column, or its reverse.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// Sorted by this column, lowest first.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.descending == Some(false)
    }

    /// Sorted by this column, highest first.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.descending == Some(true)
    }

    /// The value of `aria-sort`.
    #[must_use]
    pub fn aria(&self) -> Option<&'static str> {
        self.descending.map(|down| if down { "descending" } else { "ascending" })
    }
}

/// Where the reader stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// So many rows from the start.
    Offset(i64),
    /// Behind this row.
    After(Vec<Key>),
    /// Before this row: ask in the reverse order; [`Pages::of`] turns the rows again.
    Before(Vec<Key>),
}

/// What a request asks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where to start.
    pub at: At,
    /// Rows shown.
    pub size: i64,
    /// The page's number, from 1, as far as it is known.
    pub number: i64,
    order: Order,
}

impl PageRequest {
    /// Reads `page`, `cursor` and `por_pagina`. A cursor of another order, or a broken
    /// one, starts the list from its beginning.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a page above [`NUMBER_MAX`] or one that is no number.
    pub fn read(query: &Query, order: Order) -> Result<Self, AppError> {
        let asked_size = query.get("por_pagina").and_then(|text| text.parse().ok());
        let size = asked_size.filter(|size| SIZES.contains(size)).unwrap_or(SIZE_DEFAULT);
        if let Some(cursor) = query.get("cursor").and_then(|text| Cursor::decode(text, order)) {
            let at = if cursor.backwards { At::Before(cursor.keys) } else { At::After(cursor.keys) };
            return Ok(Self { at, size, number: cursor.number, order });
        }
        let number = match query.get("page") {
            None => 1,
            Some(text) => text.parse().ok().filter(|n| (1..=NUMBER_MAX).contains(n)).ok_or(AppError::NotFound)?,
        };
        Ok(Self { at: At::Offset((number - 1) * size), size, number, order })
    }

    /// How many rows to ask for: one more than are shown.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.size + 1
    }
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exactly(i64),
    /// Counting stopped here.
    AtLeast(i64),
    /// Nobody counted.
    Unknown,
}

/// The foot of a list.
#[derive(Debug, Clone)]
pub struct Pages {
    /// The page's number, from 1.
    pub number: i64,
    /// Rows a page.
    pub size: i64,
    /// Rows on this page.
    pub shown: i64,
    /// Rows in all.
    pub count: Count,
    next: Option<String>,
    previous: Option<String>,
    query: Query,
}

impl Pages {
    /// Cuts the rows asked for to the page, in the list's order, and makes the links.
    /// `key_of` gives a row's place: the order's column, then the id.
    pub fn of<T>(
        request: &PageRequest,
        mut rows: Vec<T>,
        count: Count,
        query: &Query,
        key_of: impl Fn(&T) -> Vec<Key>,
    ) -> (Vec<T>, Self) {
        let size = usize::try_from(request.size).unwrap_or(usize::MAX);
        let has_more = rows.len() > size;
        rows.truncate(size);
        let backwards = matches!(request.at, At::Before(_));
        if backwards {
            rows.reverse();
        }
        let link = |row: Option<&T>, backwards: bool, number: i64| {
            let cursor = Cursor { backwards, number, keys: key_of(row?) };
            Some(query.with("cursor", &cursor.encode(request.order)).href())
        };
        let has_next = backwards || has_more;
        let has_previous = if backwards { has_more } else { request.number > 1 };
        let next = if has_next { link(rows.last(), false, request.number + 1) } else { None };
        let previous = match (has_previous, request.number) {
            (false, _) => None,
            // The first page is the list's own address, whatever happened meanwhile.
            (true, ..=2) => Some(query.with("cursor", "").href()),
            (true, number) => link(rows.first(), true, number - 1),
        };
        let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let pages =
            Self { number: request.number, size: request.size, shown, count, next, previous, query: query.clone() };
        (rows, pages)
    }

    /// The address of the next page.
    #[must_use]
    pub fn next_href(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The address of the page before.
    #[must_use]
    pub fn previous_href(&self) -> Option<&str> {
        self.previous.as_deref()
    }

    /// The address of a page by its number.
    #[must_use]
    pub fn number_href(&self, number: impl Int) -> String {
        let number = number.int();
        let list = self.query.with("cursor", "");
        if number == 1 { list.href() } else { list.with("page", &number.to_string()).href() }
    }

    /// The number of pages, where rows were counted to their end.
    #[must_use]
    pub fn num_pages(&self) -> Option<i64> {
        match self.count {
            Count::Exactly(rows) => {
                Some(rows.div_euclid(self.size) + i64::from(rows.rem_euclid(self.size) > 0)).map(|n| n.max(1))
            }
            Count::AtLeast(_) | Count::Unknown => None,
        }
    }

    /// The numbers to show, with gaps: the first, those around this one, the last.
    /// None where there is one page, or their number is not known.
    #[must_use]
    pub fn numbers(&self) -> Vec<Option<i64>> {
        let Some(last) = self.num_pages().filter(|last| (2..=NUMBER_MAX).contains(last)) else {
            return Vec::new();
        };
        let mut numbers = Vec::new();
        let mut before = 0;
        for number in 1..=last {
            let is_near = (number - self.number).abs() <= 1 || (self.number == 1 && number == 3);
            if number == 1 || number == last || is_near {
                if number - before > 1 {
                    numbers.push(None);
                }
                numbers.push(Some(number));
                before = number;
            }
        }
        numbers
    }

    /// `26–50 de 1.248`, or `26–50 de 1.000+` where counting stopped.
    #[must_use]
    pub fn range(&self, page: &PageContext) -> String {
        if self.shown == 0 {
            return String::new();
        }
        let format = &page.format;
        let first = format.count((self.number - 1) * self.size + 1);
        let last = format.count((self.number - 1) * self.size + self.shown);
        match self.count {
            Count::Exactly(rows) => page.texts().pagination_range(first, last, format.count(rows)),
            Count::AtLeast(rows) => page.texts().pagination_range(first, last, format!("{}+", format.count(rows))),
            Count::Unknown => page.texts().pagination_range_open(first, last),
        }
    }
}

/// A place between two rows, as links carry it.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    backwards: bool,
    number: i64,
    keys: Vec<Key>,
}

/// The longest cursor read, in characters.
const CURSOR_MAX: usize = 1_000;

impl Cursor {
    fn encode(&self, order: Order) -> String {
        let mut bytes = vec![1, u8::from(self.backwards)];
        bytes.extend(self.number.to_be_bytes());
        push_text(&mut bytes, &order.tag());
        for key in &self.keys {
            match key {
                Key::Int(value) => {
                    bytes.push(b'i');
                    bytes.extend(value.to_be_bytes());
                }
                Key::Text(text) => {
                    bytes.push(b't');
                    push_text(&mut bytes, text);
                }
                Key::Id(id) => {
                    bytes.push(b'u');
                    bytes.extend(id);
                }
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str, order: Order) -> Option<Self> {
        if text.len() > CURSOR_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let rest = &mut bytes.as_slice();
        let [1, backwards] = take::<2>(rest)? else {
            return None;
        };
        let number = i64::from_be_bytes(take::<8>(rest)?);
        if take_text(rest)? != order.tag() || !(1..=i64::from(u32::MAX)).contains(&number) {
            return None;
        }
        let mut keys = Vec::new();
        while let Some([kind]) = take::<1>(rest) {
            keys.push(match kind {
                b'i' => Key::Int(i64::from_be_bytes(take::<8>(rest)?)),
                b't' => Key::Text(take_text(rest)?),
                b'u' => Key::Id(take::<16>(rest)?),
                _ => return None,
            });
        }
        Some(Self { backwards: backwards == 1, number, keys })
    }
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    // A sort key is at most some hundred bytes; a longer one is cut at a character, and
    // the id behind it keeps the place exact enough.
    let cut = text.floor_char_boundary(400);
    bytes.extend(u16::try_from(cut).unwrap_or(0).to_be_bytes());
    bytes.extend(&text.as_bytes()[..cut]);
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::from(u16::from_be_bytes(take::<2>(rest)?));
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    String::from_utf8(head.to_vec()).ok()
}

#[cfg(test)]
mod tests;
