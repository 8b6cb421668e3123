//! No `unwrap` outside tests: `expect("why it cannot fail")` where it is proven.

use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &tree.rust {
        for (index, line) in source.code.lines().enumerate() {
            let unwraps = line.contains(".unwrap()") || line.contains(".unwrap_err()");
            let says_nothing = source.text.lines().nth(index).is_some_and(|text| text.contains(".expect(\"\")"));
            if (unwraps || says_nothing) && !source.is_test(index) {
                found.push(Finding {
                    path: source.name(),
                    line: index + 1,
                    problem: "handle the failure, or say `expect(\"why it cannot fail\")`".to_owned(),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unwrap_in_code_is_found_and_one_in_a_test_is_not() {
        let tree = Tree::of(&[(
            "a/src/a.rs",
            "//! A `x.unwrap()` in words.\nfn a() { b().unwrap(); }\nfn c() { d().unwrap_or(1); }\n\
             #[cfg(test)]\nmod tests {\n fn e() { f().unwrap(); }\n}\n",
        )]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(found, [2]);
    }

    #[test]
    fn an_expect_that_says_nothing_is_an_unwrap() {
        let tree = Tree::of(&[("a/src/a.rs", "//! Head.\nfn a() { b().expect(\"\"); }\n")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
