//! Every list that `statements!` makes is registered in `features/mod.rs` (as
//! `<feature>::<module>::STATEMENTS`), so that the statement test sees each of them.

use super::{Finding, Tree};

const FEATURES: &str = "crates/app/src/features/";
const REGISTER: &str = "crates/app/src/features/mod.rs";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let register = tree.rust.iter().find(|source| source.name() == REGISTER).map_or("", |source| source.code.as_str());
    let mut found = Vec::new();
    for source in tree.rust.iter().filter(|source| !source.is_test_file()) {
        let name = source.name();
        let Some(file) = name.strip_prefix(FEATURES).filter(|_| name != REGISTER) else {
            continue;
        };
        let makes_a_list = source.code.lines().enumerate().any(|(index, line)| {
            !source.is_test(index)
                && ["statements! {", "statements!{", "statements!("].iter().any(|start| line.contains(start))
        });
        let module = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        let list = format!("{module}::STATEMENTS");
        let registered = register
            .match_indices(&list)
            .any(|(at, _)| !register[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
        if makes_a_list && !registered {
            found.push(Finding { path: name, line: 0, problem: format!("register `{list}` in {REGISTER}") });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_its_feature_does_not_register_is_found() {
        let registered = "//! Head.\npub static STATEMENTS: L = &[sales::store::STATEMENTS, totals::STATEMENTS];\n";
        let list = "//! Head.\ndb::statements! {\n    A = \"a.a\", \"SELECT 1\";\n}\n";
        let tree = Tree::of(&[
            ("crates/app/src/features/mod.rs", registered),
            ("crates/app/src/features/sales/store.rs", list),
            ("crates/app/src/features/sales/list_sales.rs", list),
            ("crates/app/src/features/totals.rs", list),
            ("crates/app/src/features/store.rs", list),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["crates/app/src/features/sales/list_sales.rs", "crates/app/src/features/store.rs"]);
    }
}
