//! Every list that `statements!` makes is registered in its feature's `mod.rs`
//! (as `<module>::STATEMENTS`), so that the statement test sees each of them.

use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.rust.iter().filter(|source| !source.is_test_file()) {
        let name = source.name();
        let Some(inside) = name.strip_prefix("crates/app/src/features/") else {
            continue;
        };
        let Some((feature, file)) = inside.split_once('/') else {
            continue;
        };
        let makes_a_list = source.code.lines().enumerate().any(|(index, line)| {
            !source.is_test(index)
                && ["statements! {", "statements!{", "statements!("]
                    .iter()
                    .any(|start| line.contains(start))
        });
        if !makes_a_list || file == "mod.rs" {
            continue;
        }
        let list = format!(
            "{}::STATEMENTS",
            file.trim_end_matches(".rs").replace('/', "::")
        );
        let home = format!("crates/app/src/features/{feature}/mod.rs");
        let registered = tree
            .rust
            .iter()
            .any(|other| other.name() == home && other.code.contains(&list));
        if !registered {
            found.push(Finding {
                path: name,
                line: 0,
                problem: format!("register `{list}` in {home}"),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_its_feature_does_not_register_is_found() {
        let registered = "//! Head.\npub fn statements() -> Lists { &[store::STATEMENTS] }\n";
        let list = "//! Head.\ndb::statements! {\n    A = \"a.a\", \"SELECT 1\";\n}\n";
        let tree = Tree::of(&[
            ("crates/app/src/features/sales/mod.rs", registered),
            ("crates/app/src/features/sales/store.rs", list),
            ("crates/app/src/features/sales/list_sales.rs", list),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(found, ["crates/app/src/features/sales/list_sales.rs"]);
    }
}
