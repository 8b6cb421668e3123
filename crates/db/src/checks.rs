//! What must hold of every statement, as functions that a test calls.
//!
//! Owns the reading of statements' texts and plans. Each function gives the
//! problems as sentences that name the statement; an empty list is good.
//! The reading is by words, not by grammar: it is meant for texts written by
//! the rules of the house, and errs on the side of complaining.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::types::Type;

use crate::ranks::words;
use crate::{Db, DbError, Engine, Statement, StatementScope, schema};

/// Everything the shared SQL may not contain, and what to write instead.
const FORBIDDEN: [(&[&str], &str); 12] = [
    (&["select", "*"], "name the columns"),
    (&["returning", "*"], "name the columns"),
    (&[".", "*"], "name the columns"),
    (&["or", "replace"], "write ON CONFLICT; REPLACE deletes behind the triggers' back"),
    (&["for", "update"], "write {lock}"),
    (&["for", "no", "key"], "write {lock}"),
    (&[":", ":"], "write CAST(x AS type)"),
    (&["ilike"], "compare with a folded column"),
    (&["now", "("], "time arrives as a parameter"),
    (&["current_timestamp"], "time arrives as a parameter"),
    (&["random", "("], "chance arrives as a parameter"),
    (&[";"], "one statement a text"),
];

/// All checks at once, for the program's one statement test. Both databases are
/// migrated and may be empty.
///
/// # Errors
/// When a database does not answer; what is wrong with a statement is in the list.
pub async fn check(statements: &[&'static Statement], sqlite: &Db, postgres: &Db) -> Result<Vec<String>, DbError> {
    let shop_tables = shop_tables(sqlite).await?;
    let mut problems = style(statements);
    problems.extend(bound_to_shop(statements, &shop_tables));
    problems.extend(same_shape(statements, sqlite, postgres).await?);
    problems.extend(scans(statements, sqlite, &shop_tables).await?);
    Ok(problems)
}

/// Tables whose rows belong to a shop: those with a `shop_id`.
///
/// # Errors
/// When the database does not answer.
pub async fn shop_tables(db: &Db) -> Result<BTreeSet<String>, DbError> {
    let schema = schema::describe(db).await?;
    let of_shop = |table: &&String| schema[*table].columns.contains_key("shop_id");
    Ok(schema.keys().filter(of_shop).cloned().collect())
}

/// Text and names.
pub fn style(statements: &[&'static Statement]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for statement in statements {
        let name = statement.name();
        if !names.insert(name) {
            problems.push(format!("{name}: the name is used twice"));
        }
        if !name.contains('.') {
            problems.push(format!("{name}: a name is feature.what_it_does"));
        }
        let words = split_words(statement.text());
        for (pattern, instead) in FORBIDDEN {
            if words.windows(pattern.len()).any(|window| window.iter().eq(pattern)) {
                problems.push(format!("{name}: `{}`: {instead}", pattern.join(" ")));
            }
        }
        let stray = statement.text().replace("{lock}", "");
        if stray.contains(['{', '}']) {
            problems.push(format!("{name}: {{lock}} is the only word of the dialect"));
        }
    }
    problems
}

/// Like `words`, with `t.*` taken apart.
fn split_words(text: &str) -> Vec<String> {
    let mut split = Vec::new();
    for word in words(text) {
        match word.strip_suffix('.') {
            Some(table) => split.extend([table.to_owned(), String::from(".")]),
            None => split.push(word),
        }
    }
    split
}

/// Each statement under a shop binds `$1` to `shop_id`, once for each shop table
/// it names, directly or through a join.
pub fn bound_to_shop(statements: &[&'static Statement], shop_tables: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for statement in statements.iter().filter(|s| s.scope() == StatementScope::Shop) {
        let name = statement.name();
        let words = words(statement.text());
        let tables: Vec<_> = named_tables(&words).into_iter().filter(|(_, t)| shop_tables.contains(t)).collect();
        let is_shop = |word: &String| word == "shop_id" || word.ends_with(".shop_id");
        let compared = words
            .windows(3)
            .any(|w| w[1] == "=" && ((is_shop(&w[0]) && w[2] == "$1") || (w[0] == "$1" && is_shop(&w[2]))));
        if !compared && !inserts_shop(&words) {
            problems.push(format!("{name}: neither `shop_id = $1` nor an insert of $1 as shop_id"));
        }
        let conditions = words.iter().filter(|word| is_shop(word)).count();
        if conditions < tables.len() {
            problems.push(format!("{name}: names {} shop tables but shop_id only {conditions} times", tables.len()));
        }
    }
    problems
}

/// Statements without a shop that name a shop's table all the same. Not wrong by
/// itself (a worker takes jobs of all shops), so the program's test keeps a list.
pub fn reaching_across(statements: &[&'static Statement], shop_tables: &BTreeSet<String>) -> Vec<&'static str> {
    let reaches = |statement: &&&'static Statement| {
        statement.scope() == StatementScope::System
            && named_tables(&words(statement.text())).iter().any(|(_, table)| shop_tables.contains(table))
    };
    statements.iter().filter(reaches).map(|statement| statement.name()).collect()
}

/// Each table by the name it goes by in the statement (its alias), repeated when
/// named repeatedly.
fn named_tables(words: &[String]) -> Vec<(String, String)> {
    let mut tables = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let follows = matches!(word.as_str(), "from" | "join" | "into")
            || (word == "update" && words.get(index + 1).is_some_and(|next| next != "set"));
        let Some(table) = words.get(index + 1).filter(|_| follows) else {
            continue;
        };
        if !table.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let alias = match words.get(index + 2).map(String::as_str) {
            Some("as") => words.get(index + 3),
            Some(
                "where" | "on" | "set" | "join" | "left" | "inner" | "cross" | "group" | "order" | "limit" | "union"
                | "values" | "select" | "returning" | "having" | "using",
            ) => None,
            Some(next) if next.starts_with(|c: char| c.is_ascii_alphabetic()) => words.get(index + 2),
            _ => None,
        };
        tables.push((alias.unwrap_or(table).clone(), table.clone()));
    }
    tables
}

/// Whether an `INSERT` gives `$1` to the column `shop_id`.
fn inserts_shop(words: &[String]) -> bool {
    let Some(into) = words.windows(2).position(|w| w[0] == "insert" && w[1] == "into") else {
        return false;
    };
    let Some(columns) = items(words, into + 3) else {
        return false;
    };
    let Some(place) = columns.iter().position(|item| item[..] == ["shop_id"]) else {
        return false;
    };
    let given = words.iter().skip(into).position(|word| word == "values" || word == "select");
    let Some(given) = given.map(|offset| into + offset) else {
        return false;
    };
    let values = match words[given].as_str() {
        "values" => items(words, given + 1),
        _ => Some(split_at_commas(&words[given + 1..])),
    };
    values.and_then(|values| values.get(place).cloned()).is_some_and(|item| item[..1] == ["$1"])
}

/// The items of the parenthesis that opens at `open`.
fn items(words: &[String], open: usize) -> Option<Vec<Vec<&str>>> {
    (words.get(open)? == "(").then(|| split_at_commas(&words[open + 1..]))
}

/// Splits at commas until the parenthesis around ends.
fn split_at_commas(words: &[String]) -> Vec<Vec<&str>> {
    let mut items = vec![Vec::new()];
    let mut depth = 0_u32;
    for word in words {
        match word.as_str() {
            ")" if depth == 0 => break,
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => {
                items.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(word.as_str());
        }
    }
    items
}

/// Number of parameters and columns.
type Shape = (usize, usize);

/// Every statement prepares on both engines, with as many parameters and
/// columns, and PostgreSQL sees only types of the shared SQL.
///
/// # Errors
/// When a database does not answer.
pub async fn same_shape(statements: &[&'static Statement], sqlite: &Db, postgres: &Db) -> Result<Vec<String>, DbError> {
    assert_eq!((sqlite.engine(), postgres.engine()), (Engine::Sqlite, Engine::Postgres), "one database of each engine");
    let on_sqlite = sqlite.system("check statements").await?;
    let on_postgres = postgres.system("check statements").await?;
    let mut problems = Vec::new();
    for statement in statements {
        let name = statement.name();
        let left = sqlite_shape(&on_sqlite.session, statement);
        let right = postgres_shape(&on_postgres.session, statement, &mut problems).await;
        match (left, right) {
            (Ok(left), Ok(right)) if left != right => problems.push(format!(
                "{name}: SQLite sees {} parameters and {} columns, PostgreSQL {} and {}",
                left.0, left.1, right.0, right.1
            )),
            (Ok(_), Ok(_)) => {}
            (left, right) => {
                problems.extend(left.err().map(|error| format!("SQLite refuses {error}")));
                problems.extend(right.err().map(|error| format!("PostgreSQL refuses {error}")));
            }
        }
    }
    Ok(problems)
}

fn sqlite_shape(session: &crate::session::Session, statement: &Statement) -> Result<Shape, DbError> {
    let conn = session.sqlite().ok_or(DbError::Dead)?;
    let prepared = conn.prepare(statement.for_sqlite()).map_err(|error| DbError::of(statement.name(), &error))?;
    Ok((prepared.parameter_count(), prepared.column_count()))
}

async fn postgres_shape(
    session: &crate::session::Session,
    statement: &Statement,
    problems: &mut Vec<String>,
) -> Result<Shape, DbError> {
    let client = session.postgres().ok_or(DbError::Dead)?;
    let name = statement.name();
    let prepared = client.prepare(statement.for_postgres()).await.map_err(|error| DbError::of(name, &error))?;
    let shared = [Type::INT8, Type::TEXT, Type::BOOL, Type::UUID, Type::BYTEA];
    let readable = [Type::INT4, Type::VARCHAR, Type::NAME];
    for (index, ty) in prepared.params().iter().enumerate() {
        if !shared.contains(ty) && *ty != Type::INT4 {
            problems.push(format!("{name}: ${} is {ty}, which the shared SQL does not use", index + 1));
        }
    }
    for (index, column) in prepared.columns().iter().enumerate() {
        let ty = column.type_();
        if !shared.contains(ty) && !readable.contains(ty) {
            problems.push(format!("{name}: column {} is {ty}, which the shared SQL does not use", index + 1));
        }
    }
    Ok((prepared.params().len(), prepared.columns().len()))
}

/// SQLite's plan reads no whole shop table, unless the statement is declared
/// with `scan`.
///
/// # Errors
/// When the database does not answer.
pub async fn scans(
    statements: &[&'static Statement],
    sqlite: &Db,
    shop_tables: &BTreeSet<String>,
) -> Result<Vec<String>, DbError> {
    let read = sqlite.system("check plans").await?;
    let conn = read.session.sqlite().ok_or_else(|| DbError::other("plans are checked on SQLite"))?;
    let mut problems = Vec::new();
    for statement in statements {
        let aliases: BTreeMap<_, _> = named_tables(&words(statement.text())).into_iter().collect();
        // A statement that does not prepare is the business of `same_shape`.
        let Ok(mut plan) = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.for_sqlite())) else {
            continue;
        };
        let steps = plan
            .raw_query()
            .mapped(|row| row.get::<_, String>(3))
            .collect::<rusqlite::Result<Vec<_>>>()
            .map_err(|error| DbError::of(statement.name(), &error))?;
        let scanned = steps.iter().filter(|step| {
            let subject = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let table = subject.map(|s| aliases.get(s).map_or(s, String::as_str));
            table.is_some_and(|table| shop_tables.contains(table))
        });
        let scanned: Vec<_> = scanned.cloned().collect();
        if !scanned.is_empty() && !statement.may_scan() {
            problems.push(format!("{}: {}", statement.name(), scanned.join(", ")));
        }
    }
    Ok(problems)
}
