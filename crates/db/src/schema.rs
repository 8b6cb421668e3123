//! What tables a database has, in words common to both engines.
//!
//! Owns the comparison that keeps the engines alike: tables, columns, kinds,
//! nullability, primary, unique and foreign keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Db, DbError};

/// Tables by name.
pub type Schema = BTreeMap<String, Table>;

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Columns by name.
    pub columns: BTreeMap<String, ColumnKind>,
    /// Keys as sentences: `primary (a, b)`, `unique (a, b) where`,
    /// `foreign (a) -> t (b) on delete cascade`.
    pub keys: BTreeSet<String>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnKind {
    /// `integer`, `text` or `blob`: booleans are integers and UUIDs blobs on
    /// SQLite. Anything else is a type that the shared words do not make.
    pub kind: String,
    /// Whether it may be null.
    pub nullable: bool,
}

/// Reads a database's schema, without virtual tables and their shadows.
///
/// # Errors
/// When the database does not answer.
pub async fn describe(db: &Db) -> Result<Schema, DbError> {
    let read = db.system("describe the schema").await?;
    if let Some(conn) = read.session.sqlite() {
        return sqlite(conn).map_err(|error| DbError::of("describing the schema", &error));
    }
    let client = read.session.postgres().ok_or(DbError::Dead)?;
    postgres(client).await.map_err(|error| DbError::of("describing the schema", &error))
}

/// Differences between two databases as sentences, leaving out `except`.
///
/// # Errors
/// When a database does not answer.
pub async fn compare(left: &Db, right: &Db, except: &[&str]) -> Result<Vec<String>, DbError> {
    Ok(differences(&describe(left).await?, &describe(right).await?, except))
}

fn differences(left: &Schema, right: &Schema, except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let tables: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    for table in tables.into_iter().filter(|table| !except.contains(&table.as_str())) {
        let (Some(a), Some(b)) = (left.get(table), right.get(table)) else {
            found.push(format!("{table}: on one side only"));
            continue;
        };
        let columns: BTreeSet<&String> = a.columns.keys().chain(b.columns.keys()).collect();
        for column in columns {
            let (a, b) = (a.columns.get(column), b.columns.get(column));
            if a != b {
                found.push(format!("{table}.{column}: {} and {}", say(a), say(b)));
            }
        }
        for key in a.keys.symmetric_difference(&b.keys) {
            found.push(format!("{table}: on one side only: {key}"));
        }
    }
    found
}

fn say(column: Option<&ColumnKind>) -> String {
    match column {
        None => "missing".into(),
        Some(column) => format!("{}{}", column.kind, if column.nullable { " null" } else { " not null" }),
    }
}

fn key(what: &str, columns: &[String]) -> String {
    format!("{what} ({})", columns.join(", "))
}

fn sqlite(conn: &rusqlite::Connection) -> rusqlite::Result<Schema> {
    let names = "SELECT name FROM pragma_table_list
                 WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let tables = conn.prepare(names)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let mut schema = Schema::new();
    for name in tables {
        let table = sqlite_table(conn, &name)?;
        schema.insert(name, table);
    }
    Ok(schema)
}

fn sqlite_table(conn: &rusqlite::Connection, name: &str) -> rusqlite::Result<Table> {
    let mut table = Table::default();
    let mut primary = BTreeMap::new();
    let mut select = conn.prepare("SELECT name, lower(type), \"notnull\", pk FROM pragma_table_xinfo(?1)")?;
    let mut rows = select.query([name])?;
    while let Some(row) = rows.next()? {
        let (column, kind, not_null, place): (String, String, bool, i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        if place > 0 {
            primary.insert(place, column.clone());
        }
        table.columns.insert(column, ColumnKind { kind, nullable: !not_null });
    }
    let primary: Vec<String> = primary.into_values().collect();
    // A single INTEGER PRIMARY KEY is the row's number and cannot be null.
    if let [only] = &primary[..]
        && let Some(column) = table.columns.get_mut(only)
        && column.kind == "integer"
    {
        column.nullable = false;
    }
    if !primary.is_empty() {
        table.keys.insert(key("primary", &primary));
    }
    let mut list =
        conn.prepare("SELECT name, partial FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND origin <> 'pk'")?;
    let mut rows = list.query([name])?;
    while let Some(row) = rows.next()? {
        let (index, partial): (String, bool) = (row.get(0)?, row.get(1)?);
        let mut info =
            conn.prepare("SELECT coalesce(name, '(expression)') FROM pragma_index_info(?1) ORDER BY seqno")?;
        let columns = info.query_map([index], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        table.keys.insert(key("unique", &columns) + if partial { " where" } else { "" });
    }
    sqlite_foreign_keys(conn, name, &mut table)?;
    Ok(table)
}

fn sqlite_foreign_keys(conn: &rusqlite::Connection, name: &str, table: &mut Table) -> rusqlite::Result<()> {
    type Foreign = (String, String, Vec<String>, Vec<String>);
    let mut keys: BTreeMap<i64, Foreign> = BTreeMap::new();
    let mut select = conn.prepare(
        "SELECT id, \"table\", lower(on_delete), \"from\", coalesce(\"to\", '(primary)')
         FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
    )?;
    let mut rows = select.query([name])?;
    while let Some(row) = rows.next()? {
        let entry = keys.entry(row.get(0)?).or_default();
        (entry.0, entry.1) = (row.get(1)?, row.get(2)?);
        entry.2.push(row.get(3)?);
        entry.3.push(row.get(4)?);
    }
    for (target, on_delete, from, to) in keys.into_values() {
        table.keys.insert(foreign(&from, &target, &to, &on_delete));
    }
    Ok(())
}

fn foreign(from: &[String], target: &str, to: &[String], on_delete: &str) -> String {
    format!("{} -> {target} ({}) on delete {on_delete}", key("foreign", from), to.join(", "))
}

async fn postgres(client: &tokio_postgres::Client) -> Result<Schema, tokio_postgres::Error> {
    let mut schema = Schema::new();
    let columns = "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, NULL),
                          NOT a.attnotnull, CAST(l.collname AS TEXT)
                   FROM pg_class c
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   LEFT JOIN pg_collation l ON l.oid = a.attcollation
                   WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p')";
    for row in client.query(columns, &[]).await? {
        let (table, column, kind): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let collation: Option<String> = row.try_get(4)?;
        let kind = match (kind.as_str(), collation.as_deref()) {
            ("bigint" | "boolean", _) => "integer".into(),
            ("uuid" | "bytea", _) => "blob".into(),
            ("text", Some("C")) => "text".into(),
            ("text", _) => "text that does not order by code point".into(),
            _ => kind,
        };
        let nullable = row.try_get(3)?;
        schema.entry(table).or_default().columns.insert(column, ColumnKind { kind, nullable });
    }
    let unique = "SELECT CAST(c.relname AS TEXT), i.indisprimary, i.indpred IS NOT NULL,
                         ARRAY(SELECT CAST(coalesce(a.attname, '(expression)') AS TEXT)
                               FROM unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k(number, place)
                               LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                               ORDER BY k.place)
                  FROM pg_index i
                  JOIN pg_class c ON c.oid = i.indrelid
                  WHERE i.indisunique AND c.relnamespace = CAST(current_schema() AS regnamespace)";
    for row in client.query(unique, &[]).await? {
        let (table, primary, partial): (String, bool, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let what = if primary { "primary" } else { "unique" };
        let sentence = key(what, &row.try_get::<_, Vec<String>>(3)?) + if partial { " where" } else { "" };
        schema.entry(table).or_default().keys.insert(sentence);
    }
    postgres_foreign_keys(client, &mut schema).await?;
    Ok(schema)
}

async fn postgres_foreign_keys(
    client: &tokio_postgres::Client,
    schema: &mut Schema,
) -> Result<(), tokio_postgres::Error> {
    let select = "SELECT CAST(c.relname AS TEXT), CAST(f.relname AS TEXT),
                         CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict'
                              WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END,
                         ARRAY(SELECT CAST(a.attname AS TEXT) FROM unnest(k.conkey) WITH ORDINALITY AS u(number, place)
                               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number ORDER BY u.place),
                         ARRAY(SELECT CAST(a.attname AS TEXT) FROM unnest(k.confkey) WITH ORDINALITY AS u(number, place)
                               JOIN pg_attribute a ON a.attrelid = f.oid AND a.attnum = u.number ORDER BY u.place)
                  FROM pg_constraint k
                  JOIN pg_class c ON c.oid = k.conrelid
                  JOIN pg_class f ON f.oid = k.confrelid
                  WHERE k.contype = 'f' AND c.relnamespace = CAST(current_schema() AS regnamespace)";
    for row in client.query(select, &[]).await? {
        let (table, target, on_delete): (String, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (from, to): (Vec<String>, Vec<String>) = (row.try_get(3)?, row.try_get(4)?);
        schema.entry(table).or_default().keys.insert(foreign(&from, &target, &to, &on_delete));
    }
    Ok(())
}
