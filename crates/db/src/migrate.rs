//! Brings a database to the program's schema, once, under a lock.
//!
//! Owns the table `schema_migration`. **Invariant:** what has been applied never
//! changes: its checksum is recorded, and a text that differs stops the start.
//! Each migration is one transaction together with its record.

use std::fs::File;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::dialect::{Engine, expand};
use crate::error::DbError;
use crate::postgres::PgPool;
use crate::sqlite;

/// One numbered migration file, embedded in the program.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// From 1, without gaps.
    pub number: u32,
    /// The file's name without its number.
    pub name: &'static str,
    /// Text in the two-engine dialect (see the crate.s page).
    pub sql: &'static str,
}

impl Migration {
    /// SHA-256 over the text as written, both engines' blocks included.
    pub fn checksum(&self) -> [u8; 32] {
        Sha256::digest(self.sql.as_bytes()).into()
    }
}

/// Where a database stands against the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Numbers recorded in the database.
    pub applied: Vec<u32>,
    /// Numbers the program has and the database lacks.
    pub pending: Vec<u32>,
}

/// Any number will do as long as nobody else on the server uses it.
const POSTGRES_LOCK: i64 = 0x1A7E_57A1_0001;

const RECORDS: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    number {int} NOT NULL PRIMARY KEY,
    name {text} NOT NULL,
    checksum {bytes} NOT NULL
) {strict};";

type Recorded = (i64, Vec<u8>);

/// Compares records with the program's list and gives what is missing.
fn pending(recorded: &[Recorded], migrations: &'static [Migration]) -> Result<Vec<&'static Migration>, DbError> {
    for (index, migration) in migrations.iter().enumerate() {
        if usize::try_from(migration.number).ok() != Some(index + 1) {
            return Err(DbError::other(format!("migration {} is out of sequence", migration.number)));
        }
    }
    for (number, checksum) in recorded {
        let Some(migration) = migrations.iter().find(|m| i64::from(m.number) == *number) else {
            return Err(DbError::other(format!(
                "the database has migration {number}, which this program does not know: it is older than its data"
            )));
        };
        if migration.checksum() != checksum[..] {
            return Err(DbError::other(format!(
                "migration {number} ({}) was changed after it had been applied",
                migration.name
            )));
        }
    }
    let missing = |m: &&Migration| !recorded.iter().any(|(number, _)| *number == i64::from(m.number));
    Ok(migrations.iter().filter(missing).collect())
}

fn state(recorded: &[Recorded], missing: &[&Migration]) -> MigrationState {
    MigrationState {
        applied: recorded.iter().filter_map(|(number, _)| u32::try_from(*number).ok()).collect(),
        pending: missing.iter().map(|m| m.number).collect(),
    }
}

fn step(migration: &Migration) -> String {
    format!("migration {:04} {}", migration.number, migration.name)
}

/// Migrates a SQLite file, after a copy of it if it holds anything.
pub(crate) fn migrate_sqlite(path: &Path, migrations: &'static [Migration]) -> Result<(), DbError> {
    // Held to the end: the copy cannot be made inside a transaction, and two
    // programs starting at once would write the same one.
    let _lock = lock_folder(path)?;
    let conn = sqlite::open_writer(path, false)?;
    let failed = |error: rusqlite::Error| DbError::of("migrating", &error);
    conn.execute_batch(&expand(RECORDS, Engine::Sqlite)?).map_err(failed)?;
    let recorded = read_sqlite(&conn)?;
    let missing = pending(&recorded, migrations)?;
    if missing.is_empty() {
        return sqlite::statistics::tell_once(&conn).map_err(failed);
    }
    if !recorded.is_empty() {
        copy_before(&conn, path, recorded.len())?;
    }
    for migration in missing {
        apply_sqlite(&conn, migration, migrations)?;
    }
    Ok(())
}

/// One migrating process a folder. The folder and not the file is locked, for
/// closing a handle of the file would drop SQLite's own locks on it.
fn lock_folder(path: &Path) -> Result<File, DbError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| DbError::other(format!("{}: {error}", folder.display()));
    let handle = File::open(folder).map_err(failed)?;
    handle.lock().map_err(failed)?;
    Ok(handle)
}

fn apply_sqlite(
    conn: &rusqlite::Connection,
    migration: &'static Migration,
    migrations: &'static [Migration],
) -> Result<(), DbError> {
    let name = step(migration);
    let failed = |error: rusqlite::Error| DbError::of(&name, &error);
    let text = expand(migration.sql, Engine::Sqlite).map_err(|error| DbError::of(&name, &error))?;
    // Dropped unless committed, which rolls back.
    let tx = rusqlite::Transaction::new_unchecked(conn, rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
    // A restore or an older program may have changed it since our look.
    if !pending(&read_sqlite(conn)?, migrations)?.iter().any(|m| m.number == migration.number) {
        return Ok(());
    }
    tx.execute_batch(&text).map_err(failed)?;
    if tx.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([])).map_err(failed)? {
        return Err(DbError::other(format!("{name} leaves a foreign key without its row")));
    }
    tx.execute(
        "INSERT INTO schema_migration (number, name, checksum) VALUES (?1, ?2, ?3)",
        (migration.number, migration.name, migration.checksum()),
    )
    .map_err(failed)?;
    // In the transaction that changes the schema, so that open connections read it anew.
    sqlite::statistics::tell(&tx).map_err(failed)?;
    tx.commit().map_err(failed)
}

fn read_sqlite(conn: &rusqlite::Connection) -> Result<Vec<Recorded>, DbError> {
    let failed = |error: rusqlite::Error| DbError::of("reading migrations", &error);
    let mut select = conn.prepare("SELECT number, checksum FROM schema_migration ORDER BY number").map_err(failed)?;
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
    rows.collect::<rusqlite::Result<_>>().map_err(failed)
}

/// `file.before-0007.sqlite3` beside the file; an earlier copy of the same step
/// is kept and a counter added, for it may be the only good one.
fn copy_before(conn: &rusqlite::Connection, path: &Path, applied: usize) -> Result<(), DbError> {
    let base = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = |try_number: u32| match try_number {
        0 => format!("{base}.before-{:04}.sqlite3", applied + 1),
        _ => format!("{base}.before-{:04}-{try_number}.sqlite3", applied + 1),
    };
    let target: PathBuf = (0..=u32::MAX)
        .map(|try_number| path.with_file_name(name(try_number)))
        .find(|target| !target.exists())
        .ok_or_else(|| DbError::other("no free name for the copy before migrating"))?;
    // VACUUM INTO accepts an empty file, and so the copy has our file mode.
    sqlite::prepare_file(&target)?;
    conn.execute("VACUUM INTO ?1", [target.to_string_lossy()])
        .map_err(|error| DbError::of("copying before migrating", &error))?;
    tracing::info!(copy = %target.display(), "database copied before migrating");
    Ok(())
}

/// Where a SQLite file stands.
pub(crate) fn state_sqlite(path: &Path, migrations: &'static [Migration]) -> Result<MigrationState, DbError> {
    let conn = sqlite::open_reader(path)?;
    let exists = conn
        .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migration'")
        .and_then(|mut select| select.exists([]))
        .map_err(|error| DbError::of("reading migrations", &error))?;
    let recorded = if exists { read_sqlite(&conn)? } else { Vec::new() };
    Ok(state(&recorded, &pending(&recorded, migrations)?))
}

/// Migrates a PostgreSQL database.
pub(crate) async fn migrate_postgres(pool: &PgPool, migrations: &'static [Migration]) -> Result<(), DbError> {
    loop {
        // One transaction a migration; a failure drops the connection with it.
        let conn = pool.autocommit().await?;
        let failed = |error: tokio_postgres::Error| DbError::of("migrating", &error);
        let client = deadpool_postgres::Object::take(conn.into_object());
        client
            .batch_execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;")
            .await
            .map_err(failed)?;
        client.execute("SELECT pg_advisory_xact_lock($1)", &[&POSTGRES_LOCK]).await.map_err(failed)?;
        client.batch_execute(&expand(RECORDS, Engine::Postgres)?).await.map_err(failed)?;
        let recorded = read_postgres(&client).await?;
        let Some(next) = pending(&recorded, migrations)?.into_iter().next() else {
            return client.batch_execute("COMMIT").await.map_err(failed);
        };
        let name = step(next);
        let failed = |error: tokio_postgres::Error| DbError::of(&name, &error);
        let text = expand(next.sql, Engine::Postgres).map_err(|error| DbError::of(&name, &error))?;
        client.batch_execute(&text).await.map_err(failed)?;
        client
            .execute(
                "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
                &[&i64::from(next.number), &next.name, &&next.checksum()[..]],
            )
            .await
            .map_err(failed)?;
        client.batch_execute("COMMIT").await.map_err(failed)?;
    }
}

async fn read_postgres(client: &tokio_postgres::Client) -> Result<Vec<Recorded>, DbError> {
    let failed = |error: tokio_postgres::Error| DbError::of("reading migrations", &error);
    let rows =
        client.query("SELECT number, checksum FROM schema_migration ORDER BY number", &[]).await.map_err(failed)?;
    rows.iter().map(|row| Ok((row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?))).collect()
}

/// Where a PostgreSQL database stands.
pub(crate) async fn state_postgres(pool: &PgPool, migrations: &'static [Migration]) -> Result<MigrationState, DbError> {
    let conn = pool.autocommit().await?;
    let exists = conn
        .client()
        .query_opt("SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_migration')", &[])
        .await
        .map_err(|error| DbError::of("reading migrations", &error))?;
    let recorded = if exists.is_some() { read_postgres(conn.client()).await? } else { Vec::new() };
    Ok(state(&recorded, &pending(&recorded, migrations)?))
}
