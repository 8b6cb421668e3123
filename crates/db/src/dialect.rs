//! The words by which one migration text serves both engines.
//!
//! Owns every difference of definition language. Statements have one word only
//! (`{lock}`, see `statement`).

use crate::error::DbError;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one machine.
    Sqlite,
    /// A server, many machines.
    Postgres,
}

const WORDS: [(&str, &str, &str); 7] = [
    ("{int}", "INTEGER", "BIGINT"),
    ("{bool}", "INTEGER", "BOOLEAN"),
    ("{uuid}", "BLOB", "UUID"),
    ("{bytes}", "BLOB", "BYTEA"),
    // The C collation orders by code point, as SQLite does.
    ("{text}", "TEXT", "TEXT COLLATE \"C\""),
    ("{strict}", "STRICT", ""),
    // Rows in key order: a shop's rows lie together and the key is stored once.
    ("{clustered}", "STRICT, WITHOUT ROWID", ""),
];

const APPEND_ONLY: &str = "{append_only ";

/// The text of a migration in the engine's own language.
///
/// # Errors
/// An unknown word, or a block that does not end, by line.
pub(crate) fn expand(text: &str, engine: Engine) -> Result<String, DbError> {
    let mut out = String::with_capacity(text.len());
    let mut block: Option<Engine> = None;
    for (number, line) in text.lines().enumerate() {
        let wrong = |what: &str| DbError::other(format!("line {}: {what}: {line}", number + 1));
        match line.trim() {
            "-- @sqlite" | "-- @postgres" if block.is_some() => {
                return Err(wrong("a block inside a block"));
            }
            "-- @sqlite" => block = Some(Engine::Sqlite),
            "-- @postgres" => block = Some(Engine::Postgres),
            "-- @end" if block.is_none() => return Err(wrong("an end without a block")),
            "-- @end" => block = None,
            other if other.starts_with("-- @") => return Err(wrong("an unknown mark")),
            _ if block.is_some_and(|only| only != engine) => {}
            _ => {
                let line = expand_line(line, engine);
                // Inside an engine's own block braces may be part of its language.
                if block.is_none() && line.contains('{') && !line.trim_start().starts_with("--") {
                    return Err(wrong("an unknown word"));
                }
                out.push_str(&line);
            }
        }
        // Lines stay where they were, so that an engine's message points right.
        out.push('\n');
    }
    if block.is_some() {
        return Err(DbError::other("a block does not end"));
    }
    Ok(out)
}

fn expand_line(line: &str, engine: Engine) -> String {
    let mut line = line.to_owned();
    for (word, sqlite, postgres) in WORDS {
        line = line.replace(word, if engine == Engine::Sqlite { sqlite } else { postgres });
    }
    while let Some(start) = line.find(APPEND_ONLY) {
        let name_at = start + APPEND_ONLY.len();
        let Some(length) = line[name_at..].find('}') else {
            break;
        };
        let end = name_at + length + 1;
        let triggers = append_only(line[name_at..name_at + length].trim(), engine);
        // A semicolon after the word would be an empty statement.
        let end = if line[end..].starts_with(';') { end + 1 } else { end };
        line.replace_range(start..end, &triggers);
    }
    line
}

/// Triggers that refuse every change of a posted row.
fn append_only(table: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => format!(
            "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} \
             BEGIN SELECT RAISE(ABORT, '{prefix}{table}'); END; \
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} \
             BEGIN SELECT RAISE(ABORT, '{prefix}{table}'); END;",
            prefix = crate::sqlite::constraint::APPEND_ONLY,
        ),
        Engine::Postgres => format!(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
             'BEGIN RAISE EXCEPTION USING ERRCODE = ''{code}'', MESSAGE = ''append-only: '' || TG_TABLE_NAME; END'; \
             CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} \
             FOR EACH ROW EXECUTE FUNCTION refuse_change(); \
             CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();",
            code = crate::postgres::failure::APPEND_ONLY,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_reads_its_own_words_and_blocks() {
        let text =
            "CREATE TABLE a (id {uuid}, n {text}) {strict};\n-- @sqlite\nLEFT;\n-- @end\n-- @postgres\nRIGHT;\n-- @end";
        let sqlite = expand(text, Engine::Sqlite).unwrap();
        assert!(sqlite.contains("id BLOB, n TEXT) STRICT") && sqlite.contains("LEFT") && !sqlite.contains("RIGHT"));
        let postgres = expand(text, Engine::Postgres).unwrap();
        assert!(postgres.contains("id UUID, n TEXT COLLATE \"C\") ;"), "{postgres}");
        assert!(postgres.contains("RIGHT") && !postgres.contains("LEFT"));
    }

    #[test]
    fn a_text_that_cannot_be_read_names_its_line() {
        for (text, hint) in [
            ("a\n{number}", "line 2"),
            ("-- @sqlite\n-- @postgres", "line 2"),
            ("-- @end", "line 1"),
            ("-- @mysql", "line 1"),
            ("-- @sqlite\n", "does not end"),
        ] {
            let error = expand(text, Engine::Sqlite).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
