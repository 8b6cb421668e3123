//! Functions fit a screen (70 lines) and files a sitting (500 lines).
//!
//! Tests are counted apart: a table of cases is as long as its cases.

use super::source::{Source, end_of_item, line_of};
use super::{Finding, Tree};

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 500;
const TEST_FILE_LINES_MAX: usize = 900;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &tree.rust {
        let max = if source.is_test_file() { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
        found.extend(long_file(&source.name(), source.lines_outside_tests(), max));
        found.extend(long_functions(source));
    }
    for (name, text) in &tree.texts {
        if [".ts", ".tsx", ".mjs"].iter().any(|end| name.ends_with(end)) {
            let test = name.contains(".test.") || name.contains(".story.");
            let max = if test { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
            found.extend(long_file(name, text.lines().count(), max));
        }
    }
    found
}

fn long_file(name: &str, lines: usize, max: usize) -> Option<Finding> {
    (lines > max).then(|| Finding {
        path: name.to_owned(),
        line: 0,
        problem: format!("{lines} lines without its tests: at most {max}; give what is apart a file of its own"),
    })
}

fn long_functions(source: &Source) -> Vec<Finding> {
    let code = &source.code;
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let after_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let first = line_of(code, at);
        if after_word || name.is_empty() || source.is_test(first) {
            continue;
        }
        let Some(end) = end_of_item(code, at) else {
            continue;
        };
        let lines = line_of(code, end) - first + 1;
        if lines > FUNCTION_LINES_MAX {
            found.push(Finding {
                path: source.name(),
                line: first + 1,
                problem: format!("fn {name} has {lines} lines: at most {FUNCTION_LINES_MAX}"),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!("//! Head.\nfn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_over_a_screen_is_found() {
        let tree = Tree::of(&[("a/src/good.rs", &function(70)), ("a/src/bad.rs", &function(71))]);
        let found = check(&tree);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), ("a/src/bad.rs", 2));
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_do_not_count() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "// A case.\n".repeat(600));
        let tree = Tree::of(&[
            ("a/src/good.rs", &("// A line.\n".repeat(500) + &tests)),
            ("a/src/bad.rs", &"// A line.\n".repeat(501)),
            ("e2e/bad.ts", &"// A line.\n".repeat(501)),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a/src/bad.rs", "e2e/bad.ts"]);
    }
}
