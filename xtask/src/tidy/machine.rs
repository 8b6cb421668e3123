//! No path of somebody's machine: what works only in one home is not finished.

use super::{Finding, Tree};

/// Folders of people and build machines, taken apart so that this file passes.
const HOMES: &[(&str, &str)] =
    &[("/wo", "rk/"), ("/ro", "ot/"), ("/fa", "rm/"), ("/ho", "me/"), ("/Us", "ers/"), ("C:\\Us", "ers\\")];

/// What follows a home that an example names by a placeholder.
const PLACEHOLDERS: &[char] = &['<', '$', '{', '…'];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let rust = tree.rust.iter().map(|source| (source.name(), source.text.as_str()));
    let others = tree
        .texts
        .iter()
        .filter(|(name, _)| name != "package-lock.json" && name != "Cargo.lock")
        .map(|(name, text)| (name.clone(), text.as_str()));
    let mut found = Vec::new();
    for (path, text) in rust.chain(others) {
        for (index, line) in text.lines().enumerate() {
            if let Some(home) = home_in(line) {
                found.push(Finding {
                    path: path.clone(),
                    line: index + 1,
                    problem: format!("`{home}…` is a place on one machine"),
                });
            }
        }
    }
    found
}

/// The home that a line names, where it begins a path.
fn home_in(line: &str) -> Option<String> {
    for (head, tail) in HOMES {
        let home = format!("{head}{tail}");
        for (at, _) in line.match_indices(&home) {
            let begins = !line[..at]
                .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '}' | '*' | '>' | '/'));
            if begins && !line[at + home.len()..].starts_with(PLACEHOLDERS) {
                return Some(home);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        for (head, tail) in HOMES {
            let line = format!("let a = \"{head}{tail}project\";");
            assert!(home_in(&line).is_some(), "{line}");
        }
        for line in ["crates/network/src", "the team's home/", "$HOME/work/", "docs/homework/"] {
            assert_eq!(home_in(line), None, "{line}");
        }
        let bad = format!("//! See {}{}me/notes.\n", "/ro", "ot/");
        assert_eq!(check(&Tree::of(&[("a/src/a.rs", &bad)])).len(), 1);
    }
}
