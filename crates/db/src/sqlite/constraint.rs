//! Gives SQLite's failures the names PostgreSQL would use.
//!
//! SQLite reports a unique violation by columns; the program wants one name on
//! both engines. Owns that translation only.

use rusqlite::{Connection, Error, ErrorCode, ffi};

use crate::error::DbError;
use crate::ranks::words;

/// Message prefix of the triggers made by `{append_only table}`.
pub(crate) const APPEND_ONLY: &str = "append_only:";

/// Turns a driver's error into ours, asking the schema for constraint names.
pub(crate) fn translate(conn: &Connection, statement: &'static str, error: Error) -> DbError {
    let Error::SqliteFailure(code, message) = &error else {
        return DbError::of(statement, &error);
    };
    let message = message.as_deref().unwrap_or_default();
    let detail = message.split_once(": ").map_or("", |(_, detail)| detail);
    match (code.code, code.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
            DbError::Unique { constraint: unique_name(conn, detail) }
        }
        (_, ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => DbError::ForeignKey,
        (_, ffi::SQLITE_CONSTRAINT_CHECK) => DbError::Check { constraint: detail.to_owned() },
        (_, ffi::SQLITE_CONSTRAINT_NOTNULL) => {
            DbError::NotNull { column: detail.rsplit('.').next().unwrap_or(detail).to_owned() }
        }
        (_, ffi::SQLITE_CONSTRAINT_TRIGGER) if message.starts_with(APPEND_ONLY) => DbError::AppendOnly,
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => DbError::Busy,
        (ErrorCode::OperationInterrupted, _) => DbError::TooSlow { statement },
        (ErrorCode::CannotOpen | ErrorCode::SystemIoFailure, _) => {
            DbError::Unavailable { reason: format!("{statement}: {error}") }
        }
        _ => DbError::of(statement, &error),
    }
}

/// `detail` is `index 'name'` or `table.column, table.column`.
fn unique_name(conn: &Connection, detail: &str) -> String {
    if let Some(name) = detail.strip_prefix("index '") {
        return name.trim_end_matches('\'').to_owned();
    }
    let mut table = "";
    let mut columns = Vec::new();
    for part in detail.split(", ") {
        let (of, column) = part.split_once('.').unwrap_or(("", part));
        table = of;
        columns.push(column);
    }
    // A failure to look the name up leaves the columns, which are a name too.
    named_index(conn, table, &columns).unwrap_or_else(|_| detail.to_owned())
}

/// The index over exactly these columns, under the name it was given or the one
/// PostgreSQL would have given it.
fn named_index(conn: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<String> {
    let mut list = conn.prepare_cached("SELECT name, origin FROM pragma_index_list(?1) WHERE \"unique\" = 1")?;
    let mut rows = list.query([table])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let origin: String = row.get(1)?;
        let mut info = conn.prepare_cached("SELECT name FROM pragma_index_info(?1) ORDER BY seqno")?;
        let over =
            info.query_map([&name], |row| row.get::<_, Option<String>>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        if !over.iter().map(Option::as_deref).eq(columns.iter().map(|column| Some(*column))) {
            continue;
        }
        return Ok(match origin.as_str() {
            "c" => name,
            "pk" => written_name(conn, table, columns)?.unwrap_or_else(|| format!("{table}_pkey")),
            _ => written_name(conn, table, columns)?.unwrap_or_else(|| format!("{table}_{}_key", columns.join("_"))),
        });
    }
    // An INTEGER PRIMARY KEY is the row itself and has no index.
    Ok(format!("{table}_pkey"))
}

/// The name in `CONSTRAINT name UNIQUE (a, b)`, which SQLite keeps only as text.
fn written_name(conn: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<Option<String>> {
    let sql: String = conn
        .prepare_cached("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")?
        .query_row([table], |row| row.get(0))?;
    let words = words(&sql);
    let list: Vec<&str> = columns.iter().flat_map(|column| [*column, ","]).collect();
    let list = &list[..list.len().saturating_sub(1)];
    for (index, word) in words.iter().enumerate() {
        let body = match word.as_str() {
            "constraint" if words.get(index + 2).is_some_and(|w| w == "unique") => index + 3,
            "constraint" if words.get(index + 2).is_some_and(|w| w == "primary") => index + 4,
            _ => continue,
        };
        let written = words.get(body + 1..body + 1 + list.len());
        if written.is_some_and(|written| written.iter().eq(list.iter())) {
            return Ok(words.get(index + 1).cloned());
        }
    }
    Ok(None)
}
