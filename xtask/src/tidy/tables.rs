//! One table, one writer: a feature lists the tables it owns in its `mod.rs`
//! as `pub const TABLES: &[&str]`, and only its folder writes to them.
//!
//! Owners are the features of `app` and whole crates (`jobs` owns its queue).
//! Every table of the migrations has exactly one owner.

use std::collections::BTreeMap;

use super::source::Source;
use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut owner_of: BTreeMap<String, String> = BTreeMap::new();
    for source in tree.rust.iter().filter(|source| !source.is_test_file()) {
        let Some(owner) = owner(&source.name()) else {
            continue;
        };
        for table in owned_tables(source) {
            if let Some(other) = owner_of.insert(table.clone(), owner.clone())
                && other != owner
            {
                found.push(finding(&source.name(), 0, format!("table `{table}` is already owned by {other}")));
            }
        }
    }
    for source in tree.rust.iter().filter(|source| !source.is_test_file()) {
        let name = source.name();
        let Some(writer) = owner(&name) else { continue };
        for (line, text) in &source.strings {
            if source.is_test(line - 1) {
                continue;
            }
            for table in written_tables(text) {
                match owner_of.get(&table) {
                    Some(owner) if *owner == writer => {}
                    Some(owner) => found.push(finding(
                        &name,
                        *line,
                        format!("writes to `{table}`, which {owner} owns: call a function of its owner"),
                    )),
                    None => found.push(finding(
                        &name,
                        *line,
                        format!("writes to `{table}`, which nobody owns: list it in the `TABLES` of its feature"),
                    )),
                }
            }
        }
    }
    found.extend(orphans(tree, &owner_of));
    found
}

/// Tables that a migration makes and no feature owns; a tree without features has nothing to say.
fn orphans(tree: &Tree, owner_of: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut found = Vec::new();
    if owner_of.is_empty() {
        return found;
    }
    for (name, text) in tree.texts_ending(".sql").filter(|(name, _)| name.starts_with("migrations/")) {
        let orphans: Vec<String> = text
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("CREATE TABLE "))
            .map(|rest| word(rest.trim_start_matches("IF NOT EXISTS ")))
            .filter(|table| !owner_of.contains_key(table))
            .collect();
        if !orphans.is_empty() {
            let problem = format!("no feature lists these tables in its `TABLES`: {}", orphans.join(", "));
            found.push(finding(name, 0, problem));
        }
    }
    found
}

fn finding(path: &str, line: usize, problem: String) -> Finding {
    Finding { path: path.to_owned(), line, problem }
}

/// Who a file belongs to: a feature of `app`, or its crate. `db` writes only its own bookkeeping.
fn owner(path: &str) -> Option<String> {
    let rest = path.strip_prefix("crates/")?;
    if let Some(feature) = rest.strip_prefix("app/src/features/") {
        // A small feature is one file, a larger one a folder.
        let feature = feature.split('/').next().unwrap_or(feature);
        return Some(format!("features/{}", feature.trim_end_matches(".rs")));
    }
    let name = rest.split('/').next()?;
    (name != "db").then(|| format!("crates/{name}"))
}

/// The names in `pub const TABLES: &[&str] = &[…]`.
fn owned_tables(source: &Source) -> Vec<String> {
    let Some(at) = source.code.find("const TABLES: &[&str]") else {
        return Vec::new();
    };
    let first = super::source::line_of(&source.code, at) + 1;
    let Some(length) = source.code[at..].find("];") else {
        return Vec::new();
    };
    let last = super::source::line_of(&source.code, at + length) + 1;
    source.strings.iter().filter(|(line, _)| (first..=last).contains(line)).map(|(_, table)| table.clone()).collect()
}

/// The tables that a statement writes to. Keywords are in capitals in this house.
fn written_tables(sql: &str) -> Vec<String> {
    let words: Vec<&str> = sql.split(|c: char| c.is_whitespace() || c == '(').filter(|word| !word.is_empty()).collect();
    let mut tables = Vec::new();
    for (index, pair) in words.windows(2).enumerate() {
        let table = word(pair[1]);
        let writes = match pair[0] {
            "INTO" => index > 0 && matches!(words[index - 1], "INSERT" | "REPLACE"),
            "FROM" => index > 0 && words[index - 1] == "DELETE",
            "UPDATE" => words[index + 2..].iter().take(3).any(|word| *word == "SET"),
            _ => false,
        };
        if writes && !table.is_empty() && table != "SET" {
            tables.push(table);
        }
    }
    tables
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOCK: (&str, &str) = (
        "crates/app/src/features/stock/mod.rs",
        "//! Head.\npub const TABLES: &[&str] = &[\n    \"stock_item\",\n    \"stock_movement\",\n];\n",
    );

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_write_outside_the_owner_is_found() {
        let write = "//! Head.\nconst A: &str = \"UPDATE stock_item SET on_hand = $2\\nWHERE shop_id = $1\";\n";
        assert!(problems(&[STOCK, ("crates/app/src/features/stock/ledger.rs", write)]).is_empty());
        let found = problems(&[STOCK, ("crates/app/src/features/sales/store.rs", write)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("sales/store.rs:2") && found[0].contains("features/stock"), "{found:?}");
    }

    #[test]
    fn a_table_without_an_owner_is_found_where_it_is_made_and_where_it_is_written() {
        let found = problems(&[
            STOCK,
            ("migrations/0001_start.sql", "CREATE TABLE stock_item (\nCREATE TABLE lonely (\n"),
            ("crates/app/src/features/stock/ledger.rs", "//! Head.\nconst A: &str = \"INSERT INTO lonely (a)\";\n"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|problem| problem.contains("lonely")));
    }

    #[test]
    fn a_feature_of_one_file_owns_its_tables() {
        let totals = "//! Head.\npub const TABLES: &[&str] = &[\"sales_hour\"];\nconst A: &str = \"INSERT INTO sales_hour (a)\";\n";
        assert_eq!(problems(&[("crates/app/src/features/totals.rs", totals)]), Vec::<String>::new());
        let elsewhere =
            ("crates/app/src/features/commands.rs", "//! Head.\nconst A: &str = \"DELETE FROM sales_hour\";\n");
        assert_eq!(problems(&[("crates/app/src/features/totals.rs", totals), elsewhere]).len(), 1);
    }

    #[test]
    fn a_table_with_two_owners_is_found() {
        let other =
            ("crates/app/src/features/sales/mod.rs", "//! Head.\npub const TABLES: &[&str] = &[\"stock_item\"];\n");
        let found = problems(&[STOCK, other]);
        assert!(found.iter().any(|problem| problem.contains("already owned")), "{found:?}");
    }

    #[test]
    fn reading_locking_and_conflict_clauses_are_no_writes() {
        for sql in [
            "SELECT a FROM stock_item WHERE shop_id = $1 FOR NO KEY UPDATE",
            "INSERT INTO sale (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = excluded.a",
        ] {
            assert!(!written_tables(sql).iter().any(|table| table == "stock_item" || table == "SET"), "{sql}");
        }
        assert_eq!(written_tables("DELETE FROM job WHERE id = $1"), ["job"]);
        assert_eq!(written_tables("UPDATE stock_item AS s SET a = 1"), ["stock_item"]);
        assert_eq!(written_tables("WITH x AS (INSERT INTO sale(a) VALUES (1) RETURNING a) SELECT 1"), ["sale"]);
    }
}
