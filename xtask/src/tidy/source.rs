//! Reading a Rust file as text: what is code, what is a string, what is a test.
//!
//! A small scanner instead of a parser: the checks need lines and words, and it
//! reads inside macros, where a parser sees only tokens. It knows Rust's
//! comments, strings and braces and nothing else.

use std::ops::Range;
use std::path::PathBuf;

/// One Rust file, taken apart.
pub struct Source {
    /// Relative to the root of the checkout.
    pub path: PathBuf,
    pub text: String,
    /// `text` with comments and the contents of strings blanked; as long, line by line.
    pub code: String,
    /// The strings, each with the line (from 1) on which it begins.
    pub strings: Vec<(usize, String)>,
    /// Lines (from 0) that only tests compile.
    test_lines: Vec<Range<usize>>,
    /// A file made of tests, examples or their tools.
    whole_file_is_test: bool,
}

impl Source {
    pub fn new(path: impl Into<PathBuf>, text: &str) -> Self {
        let path = path.into();
        let (code, strings) = blank(text);
        let test_lines = find_test_lines(&code);
        let whole_file_is_test = is_test_path(&path.to_string_lossy());
        Self { path, text: text.to_owned(), code, strings, test_lines, whole_file_is_test }
    }

    /// True when line `index` (from 0) is compiled for tests only.
    pub fn is_test(&self, index: usize) -> bool {
        self.whole_file_is_test || self.test_lines.iter().any(|range| range.contains(&index))
    }

    pub fn is_test_file(&self) -> bool {
        self.whole_file_is_test
    }

    /// Lines of the file that are not inside a test module.
    pub fn lines_outside_tests(&self) -> usize {
        let all = self.text.lines().count();
        all - self.test_lines.iter().map(ExactSizeIterator::len).sum::<usize>()
    }

    /// The path with `/` on every system.
    pub fn name(&self) -> String {
        self.path.to_string_lossy().replace('\\', "/")
    }
}

/// Tests, examples and test tools by their place in the tree.
fn is_test_path(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let file = path.rsplit('/').next().unwrap_or(&path);
    file == "tests.rs"
        || file.ends_with("_test.rs")
        || file.ends_with("_tests.rs")
        || file == "testkit.rs"
        || ["/tests/", "/examples/", "/benches/", "/testkit/"].iter().any(|folder| path.contains(folder))
}

/// Blanks comments and strings; returns the strings apart.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let mut scanner = Scanner {
        chars: text.chars().collect(),
        at: 0,
        line: 1,
        code: String::with_capacity(text.len()),
        strings: Vec::new(),
    };
    while scanner.at < scanner.chars.len() {
        scanner.step();
    }
    (scanner.code, scanner.strings)
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Takes one character, as it is or as a blank; ends of lines always stay.
    fn take(&mut self, keep: bool) {
        let char = self.peek(0);
        if char == '\n' {
            self.line += 1;
        }
        self.code.push(if keep || char == '\n' { char } else { ' ' });
        self.at += 1;
    }

    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                while self.at < self.chars.len() && self.peek(0) != '\n' {
                    self.take(false);
                }
            }
            ('/', '*') => self.block_comment(),
            ('r', '"' | '#') if !self.inside_word() && self.raw_hashes().is_some() => self.raw_string(),
            ('"', _) => self.string(),
            ('\'', _) => self.character_or_lifetime(),
            _ => self.take(true),
        }
    }

    /// True when the character before belongs to the same word (`for"` is no raw string), `b` and `c` aside.
    fn inside_word(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.chars[at]);
        match before(1) {
            Some('b' | 'c') => before(2).is_some_and(|c| c.is_alphanumeric() || c == '_'),
            Some(c) => c.is_alphanumeric() || c == '_',
            None => false,
        }
    }

    /// The number of `#` of the raw string that begins here.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = (1..).take_while(|&ahead| self.peek(ahead) == '#').count();
        (self.peek(1 + hashes) == '"').then_some(hashes)
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    self.take(false);
                    continue;
                }
            }
            self.take(false);
            self.take(false);
            if depth == 0 {
                return;
            }
        }
    }

    fn raw_string(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        let (start_line, opening) = (self.line, 2 + hashes);
        for _ in 0..opening {
            self.take(true);
        }
        let mut content = String::new();
        while self.at < self.chars.len() {
            let closes = self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#');
            if closes {
                break;
            }
            content.push(self.peek(0));
            self.take(false);
        }
        for _ in 0..=hashes {
            if self.at < self.chars.len() {
                self.take(true);
            }
        }
        self.strings.push((start_line, content));
    }

    fn string(&mut self) {
        let start_line = self.line;
        let mut content = String::new();
        self.take(true);
        while self.at < self.chars.len() && self.peek(0) != '"' {
            if self.peek(0) == '\\' {
                content.push('\\');
                self.take(false);
                if self.at == self.chars.len() {
                    break;
                }
            }
            content.push(self.peek(0));
            self.take(false);
        }
        if self.at < self.chars.len() {
            self.take(true);
        }
        self.strings.push((start_line, content));
    }

    fn character_or_lifetime(&mut self) {
        if self.peek(1) == '\\' {
            self.take(true);
            self.take(false);
            self.take(false);
            while self.at < self.chars.len() && self.peek(0) != '\'' {
                self.take(false);
            }
            self.take(true);
        } else if self.peek(2) == '\'' {
            self.take(true);
            self.take(false);
            self.take(true);
        } else {
            self.take(true);
        }
    }
}

/// The lines of items under `#[cfg(test)]`: up to the brace that closes them, or the semicolon.
fn find_test_lines(code: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("#[cfg(test)]") {
        let first = line_of(code, at);
        let last = match end_of_item(code, at) {
            Some(end) => line_of(code, end),
            None => continue,
        };
        found.push(first..last + 1);
    }
    found
}

/// The line (from 0) that the byte at `at` lies on.
pub fn line_of(code: &str, at: usize) -> usize {
    code[..at].bytes().filter(|byte| *byte == b'\n').count()
}

/// Where the item that begins at `from` ends: its closing brace, or its semicolon.
pub fn end_of_item(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    let mut nesting = 0_i32;
    for (offset, byte) in code.as_bytes()[from..].iter().enumerate() {
        match byte {
            b'(' | b'[' => nesting += 1,
            b')' | b']' => nesting -= 1,
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(from + offset);
                }
            }
            b';' if depth == 0 && nesting == 0 => return Some(from + offset),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = Source::new(
            "a.rs",
            "let a = \"x.unwrap()\"; // b.unwrap()\nlet c = r#\"{ \"quoted\" }\"#; /* { /* { */ */ d();\nlet e = '{'; let f: &'static str = b\"}\";\n",
        );
        assert!(!source.code.contains("unwrap"));
        assert!(source.code.contains("d();"));
        assert!(!source.code.contains(['{', '}']));
        assert!(source.code.contains("&'static str"));
        let strings: Vec<_> = source.strings.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(strings, [(1, "x.unwrap()"), (2, "{ \"quoted\" }"), (3, "}")]);
    }

    #[test]
    fn an_escaped_quote_ends_no_string() {
        let source = Source::new("a.rs", "let a = \"\\\"\"; let b = '\\''; let c = '\\u{1F600}'; code();");
        assert!(source.code.contains("code();"));
        assert!(!source.code.contains("1F600"));
    }

    #[test]
    fn a_test_module_is_known_by_its_lines() {
        let source = Source::new("a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
        let test: Vec<_> = (0..6).map(|line| source.is_test(line)).collect();
        assert_eq!(test, [false, true, true, true, true, false]);
        assert_eq!(source.lines_outside_tests(), 2);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        for (path, expected) in [
            ("crates/app/src/features/sales/tests.rs", true),
            ("crates/app/src/wall_test.rs", true),
            ("crates/db/src/testkit/cluster.rs", true),
            ("crates/guard/examples/notes.rs", true),
            ("crates/app/src/features/sales/store.rs", false),
        ] {
            assert_eq!(Source::new(path, "").is_test_file(), expected, "{path}");
        }
    }
}
