//! Rows: what a statement answers, decoded column by column in order.
//!
//! **Invariant:** a column of another type than asked for is an error, never a
//! conversion. SQLite would gladly hand out text for a number; PostgreSQL
//! would not, and both must behave alike.

use uuid::Uuid;

use crate::error::DbError;

/// A column as the driver gave it. SQLite has neither booleans nor UUIDs, so
/// they arrive as `Int` and `Bytes` there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
    Uuid(Uuid),
    /// A type the shared SQL does not use; holds its name (`NUMERIC`, `REAL`).
    Foreign(&'static str),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Int(_) => "integer",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Bool(_) => "boolean",
            Value::Uuid(_) => "uuid",
            Value::Foreign(name) => name,
        }
    }
}

/// Which engine produced a row: only SQLite's may hold a boolean as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Sqlite,
    Postgres,
}

/// One row. Columns are taken in the order of the `SELECT` list.
#[derive(Debug)]
pub struct Row {
    statement: &'static str,
    origin: Origin,
    taken: usize,
    values: std::vec::IntoIter<Value>,
}

impl Row {
    pub(crate) fn new(statement: &'static str, origin: Origin, values: Vec<Value>) -> Self {
        Self { statement, origin, taken: 0, values: values.into_iter() }
    }

    /// Decodes the next column.
    ///
    /// # Errors
    /// [`DbError::Decode`] when there is no further column, when it holds
    /// another type, or when it is null and `T` is not an `Option`.
    pub fn take<T: FromColumn>(&mut self) -> Result<T, DbError> {
        self.taken += 1;
        let Some(value) = self.values.next() else {
            return Err(self.wrong("a further column", "none"));
        };
        let found = value.kind();
        T::from_column(Column { value, origin: self.origin }).ok_or_else(|| self.wrong(T::EXPECTED, found))
    }

    fn wrong(&self, expected: &'static str, found: &'static str) -> DbError {
        DbError::Decode { statement: self.statement, column: self.taken, expected, found }
    }
}

/// A column on its way into a Rust type; opaque outside this crate.
#[derive(Debug)]
pub struct Column {
    value: Value,
    origin: Origin,
}

mod sealed {
    pub trait Sealed {}
}

/// Types a column can be decoded into. Closed, because a sixth kind would have
/// to be agreed between both engines first.
pub trait FromColumn: sealed::Sealed + Sized {
    /// What the type wants to see, for the log.
    const EXPECTED: &'static str;
    /// `None` when the column holds something else.
    fn from_column(column: Column) -> Option<Self>;
}

macro_rules! from_column {
    ($($type:ty, $expected:literal, $($pattern:pat => $result:expr),+;)*) => {$(
        impl sealed::Sealed for $type {}
        impl FromColumn for $type {
            const EXPECTED: &'static str = $expected;
            fn from_column(column: Column) -> Option<Self> {
                match (column.origin, column.value) {
                    $($pattern => $result,)+
                    _ => None,
                }
            }
        }
    )*};
}

from_column! {
    i64, "integer", (_, Value::Int(value)) => Some(value);
    String, "text", (_, Value::Text(value)) => Some(value);
    Vec<u8>, "bytes", (_, Value::Bytes(value)) => Some(value);
    [u8; 32], "32 bytes", (_, Value::Bytes(value)) => value.try_into().ok();
    bool, "boolean",
        (_, Value::Bool(value)) => Some(value),
        (Origin::Sqlite, Value::Int(0)) => Some(false),
        (Origin::Sqlite, Value::Int(1)) => Some(true);
    Uuid, "uuid",
        (_, Value::Uuid(value)) => Some(value),
        (Origin::Sqlite, Value::Bytes(value)) => Uuid::from_slice(&value).ok();
}

impl<T: FromColumn> sealed::Sealed for Option<T> {}
impl<T: FromColumn> FromColumn for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_column(column: Column) -> Option<Self> {
        match column.value {
            Value::Null => Some(None),
            _ => T::from_column(column).map(Some),
        }
    }
}
