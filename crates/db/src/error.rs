//! The one error of the data layer.
//!
//! Owns the meaning of failures, alike on both engines. Must not know screens
//! or statuses: `Display` is for the log and may name tables.

use std::error::Error;

/// Why the database did not do as asked. `Display` is for logs, not for people
/// at a till.
#[derive(Debug)]
#[non_exhaustive]
pub enum DbError {
    /// A row with that key exists. The name is the index's or constraint's;
    /// an unnamed one is called as PostgreSQL would (`table_column_key`,
    /// `table_pkey`) on both engines.
    Unique {
        /// Name of the violated constraint or unique index.
        constraint: String,
    },
    /// A referenced row is missing, or a row to delete is still referenced.
    ForeignKey,
    /// A `CHECK` refused the row.
    Check {
        /// Name of the violated constraint.
        constraint: String,
    },
    /// A column that needs a value got none.
    NotNull {
        /// Name of the column.
        column: String,
    },
    /// A guarded change found no row, or more than one, where it must find one.
    Missed {
        /// Name of the statement.
        statement: &'static str,
    },
    /// A row that must be there is not, or is there more than once.
    NotOne {
        /// Name of the statement.
        statement: &'static str,
        /// How many rows there were.
        rows: usize,
    },
    /// Somebody tried to change a row that is only ever appended.
    AppendOnly,
    /// The database is occupied: too many waiting, a lock not given in time,
    /// or still in conflict with others after the permitted retries.
    Busy,
    /// A statement ran into its time limit.
    TooSlow {
        /// Name of the statement.
        statement: &'static str,
    },
    /// A column held something else than the code asked for.
    Decode {
        /// Name of the statement.
        statement: &'static str,
        /// Number of the column, from 1.
        column: usize,
        /// What the code asked for.
        expected: &'static str,
        /// What the column held.
        found: &'static str,
    },
    /// A transaction's body awaited something other than the database.
    Pending {
        /// Name of the transaction.
        transaction: &'static str,
    },
    /// A transaction's body panicked; its changes are rolled back.
    Panicked {
        /// Name of the transaction.
        transaction: &'static str,
        /// What the panic said.
        message: String,
    },
    /// The transaction was used, or ended as a success, after one of its
    /// statements had failed.
    Dead,
    /// Other work in the same group commit took this transaction down with it,
    /// or the commit itself failed. Nothing was recorded.
    BatchLost {
        /// The transaction that broke the batch, or `"commit"`.
        by: &'static str,
        /// What the engine said.
        reason: String,
    },
    /// The database cannot be reached or the connection broke. After a broken
    /// commit it is unknown whether it took place: ask again with the same id.
    Unavailable {
        /// What the driver said.
        reason: String,
    },
    /// Anything else: a mistake in a statement, a full disk, a bad setting.
    Other(Box<dyn Error + Send + Sync>),
}

impl DbError {
    /// An error that is only a sentence.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        DbError::Other(message.into().into())
    }

    /// An error of a driver, with the statement it befell.
    pub(crate) fn of(statement: &str, source: &dyn Error) -> Self {
        let mut text = format!("{statement}: {source}");
        let mut inner = source.source();
        while let Some(cause) = inner {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            inner = cause.source();
        }
        DbError::Other(text.into())
    }
}

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DbError::Unique { constraint } => write!(f, "duplicate key in {constraint}"),
            DbError::ForeignKey => write!(f, "foreign key violated"),
            DbError::Check { constraint } => write!(f, "check {constraint} violated"),
            DbError::NotNull { column } => write!(f, "{column} has no value"),
            DbError::Missed { statement } => {
                write!(f, "{statement} did not change exactly one row")
            }
            DbError::NotOne { statement, rows } => {
                write!(f, "{statement} gave {rows} rows, not one")
            }
            DbError::AppendOnly => write!(f, "an append-only table refused a change"),
            DbError::Busy => write!(f, "the database is busy"),
            DbError::TooSlow { statement } => write!(f, "{statement} ran into its time limit"),
            DbError::Decode { statement, column, expected, found } => {
                write!(f, "{statement}: column {column} is {found}, not {expected}")
            }
            DbError::Pending { transaction } => {
                write!(f, "{transaction} awaited something foreign inside a transaction")
            }
            DbError::Panicked { transaction, message } => {
                write!(f, "{transaction} panicked: {message}")
            }
            DbError::Dead => write!(f, "the transaction is dead: a statement in it had failed"),
            DbError::BatchLost { by, reason } => {
                write!(f, "the group commit was lost to {by}: {reason}")
            }
            DbError::Unavailable { reason } => write!(f, "the database is unavailable: {reason}"),
            DbError::Other(source) => write!(f, "{source}"),
        }
    }
}

impl Error for DbError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // The text of `Other` is already the whole chain; repeating the
            // source here would print it twice.
            DbError::Other(source) => source.source(),
            _ => None,
        }
    }
}

/// What a panic said, if it said anything in words.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
