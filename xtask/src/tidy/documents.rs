//! Documents name only paths that exist: between backticks and as links.

use super::{Finding, Tree};

/// A word in backticks that begins so is a path of this tree.
const ROOTS: &[&str] =
    &["crates/", "docs/", "e2e/", "fixtures/", "migrations/", "xtask/", "benches/", "fuzz/", ".ci/", ".cargo/"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, text) in tree.texts_ending(".md") {
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced || speaks_of_another_project(line) {
                continue;
            }
            let links = links(line).into_iter().map(|target| join(name, target));
            let words = line.split('`').skip(1).step_by(2).filter(|word| is_path(word)).map(str::to_owned);
            for path in links.chain(words).filter(|path| !exists(tree, path)) {
                found.push(Finding {
                    path: name.clone(),
                    line: index + 1,
                    problem: format!("`{path}` does not exist"),
                });
            }
        }
    }
    found
}

/// A path of this tree, without wildcards and placeholders.
fn is_path(word: &str) -> bool {
    ROOTS.iter().any(|root| word.starts_with(root)) && !word.contains([' ', '*', '<', '{', '…', '$', '|'])
}

/// True for a line like "owner/project: `path`, `path`": its paths lie elsewhere.
fn speaks_of_another_project(line: &str) -> bool {
    line.split_whitespace().any(|word| word.ends_with(':') && !word.starts_with('`') && word.matches('/').count() == 1)
}

/// The targets of `[words](target)` that are files of this tree.
fn links(line: &str) -> Vec<&str> {
    line.match_indices("](")
        .filter_map(|(at, _)| line[at + 2..].split(')').next())
        .map(|target| target.split('#').next().unwrap_or(""))
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

/// `target` as seen from the document `from`.
fn join(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn exists(tree: &Tree, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    // `file.rs:12` names a line of a file.
    let path = path.split(':').next().unwrap_or(path);
    tree.names.iter().any(|name| name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_does_not_exist_is_found() {
        let tree = Tree::of(&[
            ("crates/app/src/lib.rs", "//! Head.\n"),
            (
                "docs/a.md",
                "See `crates/app/src/lib.rs`, `crates/app/`, `crates/*/src` and [it](../crates/app/src/lib.rs#top).\n\
                 See `crates/gone/lib.rs`.\nSee [gone](gone.md) and [far](https://example.com/x).\n\
                 ```\n`crates/in/an/example.rs`\n```\n\
                 | rust-lang/crates.io: `crates/elsewhere.rs` | read it |\n",
            ),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.line, finding.problem)).collect();
        let expected = [(2, "`crates/gone/lib.rs` does not exist"), (3, "`docs/gone.md` does not exist")];
        assert_eq!(found, expected.map(|(line, problem)| (line, problem.to_owned())));
    }
}
