//! SQLite: opening files safely and running one statement.
//!
//! Owns pragmas, file modes, the version refused. The writer thread and the
//! read pool are its children. Must not know shops.

pub(crate) mod checkpoint;
pub(crate) mod constraint;
pub(crate) mod reader;
pub(crate) mod statistics;
pub(crate) mod writer;

use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use crate::error::DbError;
use crate::row::{Origin, Row, Value};
use crate::session::{Output, Want};
use crate::statement::Statement;
use crate::value::{Param, Params};

/// 3.51.3 repaired a reset of the log that lost commits when another
/// connection than the writer checkpoints, as ours does above 64 MiB.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Enough for every statement of the program; the default of 16 would prepare
/// anew at each sale.
const STATEMENT_CACHE: usize = 1024;

/// How long another process (a command-line write, a restore) may hold the
/// writer's lock before we answer "busy".
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where `sqlite:///rel` (below the data directory) or `sqlite:////abs` points.
pub(crate) fn path_of(url: &str, data_dir: &Path) -> Result<PathBuf, DbError> {
    let path = url.strip_prefix("sqlite:///").filter(|path| !path.is_empty()).ok_or_else(|| {
        DbError::other("a SQLite address is sqlite:///file (in the data directory) or sqlite:////absolute/file")
    })?;
    Ok(data_dir.join(path))
}

/// Refuses a library with known data loss.
pub(crate) fn refuse_old_library() -> Result<(), DbError> {
    refuse_version(rusqlite::version_number())
}

fn refuse_version(number: i32) -> Result<(), DbError> {
    if number < OLDEST_SQLITE {
        return Err(DbError::other(format!("SQLite {} is too old: 3.51.3 or newer is needed", rusqlite::version())));
    }
    Ok(())
}

/// Makes directory and file readable by this user alone. The log files take the
/// mode of the main file, so it must be right before SQLite first opens it.
pub(crate) fn prepare_file(path: &Path) -> Result<(), DbError> {
    let failed = |error: std::io::Error| DbError::other(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent()
        && !folder.exists()
    {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(_) => Ok(()),
        // By name and not through a handle: closing any handle of a file drops
        // every POSIX lock this process has on it, SQLite's among them
        // (sqlite.org/howtocorrupt.html, section 2.2).
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// A connection that may write. What a savepoint could undo is kept in memory: a sale
/// touches more pages than SQLite keeps there by itself, and each would cost a file
/// that is made and thrown away. `foreign_keys` is off only while migrating,
/// where tables are rebuilt and the keys checked at the end instead.
pub(crate) fn open_writer(path: &Path, foreign_keys: bool) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(opening)?;
    conn.busy_timeout(BUSY_TIMEOUT).map_err(opening)?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32000;
         PRAGMA temp_store = MEMORY;",
    )
    .map_err(opening)?;
    conn.pragma_update(None, "foreign_keys", foreign_keys).map_err(opening)?;
    keep_plans(&conn)?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(conn)
}

/// A connection that cannot write.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(opening)?;
    conn.busy_timeout(BUSY_TIMEOUT).map_err(opening)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;").map_err(opening)?;
    keep_plans(&conn)?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(conn)
}

/// One plan a statement, whatever is bound: otherwise SQLite looks at a value that might
/// make a partial index useful, and prepares the statement again for the next value.
fn keep_plans(conn: &Connection) -> Result<(), DbError> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop).map_err(opening)
}

fn opening(error: rusqlite::Error) -> DbError {
    DbError::of("opening SQLite", &error)
}

/// Runs one statement once per parameter list and reads every row to the end.
pub(crate) fn run(
    conn: &Connection,
    statement: &Statement,
    shop: Option<&Param>,
    list: &[Params],
    want: Want,
) -> Result<Vec<Output>, DbError> {
    let mut outputs = Vec::with_capacity(list.len());
    for params in list {
        let output = run_once(conn, statement, shop, params.as_slice(), want);
        outputs.push(output.map_err(|error| constraint::translate(conn, statement.name(), error))?);
    }
    Ok(outputs)
}

fn run_once(
    conn: &Connection,
    statement: &Statement,
    shop: Option<&Param>,
    params: &[Param],
    want: Want,
) -> rusqlite::Result<Output> {
    let mut prepared = conn.prepare_cached(statement.for_sqlite())?;
    let given = params.len() + usize::from(shop.is_some());
    if prepared.parameter_count() != given {
        return Err(rusqlite::Error::InvalidParameterCount(given, prepared.parameter_count()));
    }
    for (index, param) in shop.into_iter().chain(params).enumerate() {
        prepared.raw_bind_parameter(index + 1, param)?;
    }
    if want == Want::Count {
        let affected = prepared.raw_execute()?;
        return Ok(Output { rows: Vec::new(), affected: affected as u64 });
    }
    let columns = prepared.column_count();
    let mut rows = prepared.raw_query();
    let mut decoded = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|i| row.get_ref(i).map(value_of)).collect::<Result<_, _>>()?;
        decoded.push(Row::new(statement.name(), Origin::Sqlite, values));
    }
    Ok(Output { rows: decoded, affected: 0 })
}

fn value_of(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(_) => Value::Foreign("REAL"),
        // SQLite does not check that text is UTF-8; what is not, is no text of ours.
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Foreign("text that is not UTF-8"),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // The enum is open; a kind unknown to us is no kind of the shared SQL.
        #[allow(unreachable_patterns, reason = "depends on the features of the driver")]
        _ => Value::Foreign("a kind unknown here"),
    }
}

impl rusqlite::ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Param::Int(Some(number)) => ValueRef::Integer(*number),
            Param::Bool(Some(flag)) => ValueRef::Integer(i64::from(*flag)),
            Param::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Param::Uuid(Some(id)) => ValueRef::Blob(id.as_bytes()),
            Param::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Param::Int(None) | Param::Bool(None) | Param::Text(None) | Param::Uuid(None) | Param::Bytes(None) => {
                ValueRef::Null
            }
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_loses_commits_is_refused() {
        assert!(refuse_version(3_051_002).is_err());
        assert!(refuse_version(3_051_003).is_ok());
        assert!(refuse_old_library().is_ok());
    }

    #[test]
    fn an_address_is_relative_to_the_data_directory_unless_it_starts_at_the_root() {
        let data = Path::new("/srv/shop");
        assert_eq!(path_of("sqlite:///a.sqlite3", data).unwrap(), Path::new("/srv/shop/a.sqlite3"));
        assert_eq!(path_of("sqlite:////var/a.sqlite3", data).unwrap(), Path::new("/var/a.sqlite3"));
        assert!(path_of("sqlite:///", data).is_err());
        assert!(path_of("sqlite:a", data).is_err());
    }
}
