//! Every source file says at its head what it is.

use super::{Finding, Tree};

/// Rust files begin with `//!`, TypeScript and module scripts with a comment. A test
/// that stands beside its module is described by it.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let rust = tree.rust.iter().map(|source| (source.name(), source.text.as_str(), &["//!"][..]));
    let scripts = tree
        .texts
        .iter()
        .filter(|(name, _)| !name.contains(".test."))
        .filter(|(name, _)| [".ts", ".tsx", ".mjs"].iter().any(|end| name.ends_with(end)))
        .map(|(name, text)| (name.clone(), text.as_str(), &["//", "/*"][..]));
    rust.chain(scripts)
        .filter(|(_, text, heads)| {
            let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!")).unwrap_or("");
            !heads.iter().any(|head| first.starts_with(head))
        })
        .map(|(path, _, heads)| Finding {
            path,
            line: 1,
            problem: format!(
                "begin with `{}` and say what the file is, what it owns and what it must not know",
                heads[0]
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_head_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/good.rs", "//! What it is.\nfn a() {}\n"),
            ("crates/a/src/bad.rs", "fn a() {}\n"),
            ("e2e/good.story.ts", "// What it is.\n"),
            ("e2e/tool.mjs", "#!/usr/bin/env node\n// What it is.\n"),
            ("e2e/good.test.ts", "import test from 'node:test';\n"),
            ("e2e/bad.story.ts", "import test from 'node:test';\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["crates/a/src/bad.rs", "e2e/bad.story.ts"]);
    }
}
