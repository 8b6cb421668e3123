//! Engine differences end in `crates/db`: nobody else names a driver or asks
//! which engine is running. The binary's configuration alone tells the two
//! kinds of address apart.

use super::{Finding, Tree};

const DRIVERS: &[&str] = &["rusqlite", "tokio_postgres", "tokio-postgres", "deadpool_postgres", "deadpool-postgres"];
const BRANCHES: &[&str] = &["Engine::Sqlite", "Engine::Postgres", "is_sqlite(", "is_postgres("];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &tree.rust {
        let name = source.name();
        if !name.starts_with("crates/") || name.starts_with("crates/db/") {
            continue;
        }
        let may_branch = name.starts_with("crates/inventario/") || source.is_test_file();
        for (index, line) in source.code.lines().enumerate() {
            let driver = DRIVERS.iter().find(|word| line.contains(**word));
            let branch = BRANCHES.iter().find(|word| line.contains(**word) && !may_branch && !source.is_test(index));
            if let Some(word) = driver.or(branch) {
                found.push(finding(&name, index + 1, word));
            }
        }
    }
    for (name, text) in tree.texts_ending("Cargo.toml") {
        if name.starts_with("crates/") && name != "crates/db/Cargo.toml" {
            for (index, line) in text.lines().enumerate() {
                if let Some(word) = DRIVERS.iter().find(|word| line.starts_with(**word)) {
                    found.push(finding(name, index + 1, word));
                }
            }
        }
    }
    found
}

fn finding(path: &str, line: usize, word: &str) -> Finding {
    Finding {
        path: path.to_owned(),
        line,
        problem: format!("`{word}` belongs to crates/db, which ends the differences between the engines"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_or_an_engine_branch_outside_db_is_found() {
        let tree = Tree::of(&[
            ("crates/db/src/sqlite.rs", "//! Head.\nuse rusqlite::Connection;\n"),
            ("crates/app/src/a.rs", "//! Head.\nuse rusqlite::Connection;\n"),
            ("crates/app/src/b.rs", "//! Head.\nfn f(e: Engine) -> bool { e == Engine::Sqlite }\n"),
            ("crates/app/src/c.rs", "//! The driver is rusqlite.\n"),
            ("crates/jobs/Cargo.toml", "[dependencies]\ntokio-postgres.workspace = true\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.path, finding.line)).collect();
        let expected = [("crates/app/src/a.rs", 2), ("crates/app/src/b.rs", 2), ("crates/jobs/Cargo.toml", 2)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }
}
