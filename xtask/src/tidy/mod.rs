//! `cargo xtask tidy`: the rules of `STYLE.md` that a machine can check.
//!
//! Each check is a file with a function from the tree to findings, and a test
//! that shows it a file that breaks its rule.
//! **Invariant:** a check reads; nothing here changes a file.

mod documents;
mod engines;
mod heads;
mod lengths;
mod machine;
pub mod source;
mod statements;
mod tables;
mod texts;
mod unwraps;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{files, paths};
use source::Source;

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    /// From 1; 0 speaks of the whole file.
    pub line: usize,
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.problem),
            line => write!(f, "{}:{line}: {}", self.path, self.problem),
        }
    }
}

/// The tree as the checks see it.
pub struct Tree {
    pub rust: Vec<Source>,
    /// Every other own file that is text: path relative to the root, and content.
    pub texts: Vec<(String, String)>,
    /// Every own file, text or not.
    pub names: Vec<String>,
}

impl Tree {
    /// Reads the checkout at `root`.
    fn read(root: &Path) -> Result<Self, String> {
        let mut tree = Self { rust: Vec::new(), texts: Vec::new(), names: Vec::new() };
        for path in files::own(root)? {
            tree.add(root, &path)?;
        }
        Ok(tree)
    }

    fn add(&mut self, root: &Path, path: &PathBuf) -> Result<(), String> {
        let name = path.to_string_lossy().replace('\\', "/");
        let bytes = fs::read(root.join(path)).map_err(|error| format!("cannot read {name}: {error}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            if name.ends_with(".rs") {
                self.rust.push(Source::new(path, &text));
            } else {
                self.texts.push((name.clone(), text));
            }
        }
        self.names.push(name);
        Ok(())
    }

    /// A tree made of the given files, for the tests of the checks.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self { rust: Vec::new(), texts: Vec::new(), names: Vec::new() };
        for (name, text) in files {
            tree.names.push((*name).to_owned());
            if name.ends_with(".rs") {
                tree.rust.push(Source::new(*name, text));
            } else {
                tree.texts.push(((*name).to_owned(), (*text).to_owned()));
            }
        }
        tree
    }

    /// The text files whose name ends so.
    pub fn texts_ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = &'a (String, String)> {
        self.texts.iter().filter(move |(name, _)| name.ends_with(end))
    }
}

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: &[(&str, Check)] = &[
    ("every file says at its head what it is", heads::check),
    ("functions fit a screen and files a sitting", lengths::check),
    ("no unwrap outside tests", unwraps::check),
    ("engine differences end in crates/db", engines::check),
    ("one table, one writer", tables::check),
    ("every list of statements is registered", statements::check),
    ("documents name only what exists", documents::check),
    ("no path of somebody's machine", machine::check),
    ("the three languages have the same texts", texts::check),
];

/// Runs every check over the checkout and prints what they find.
pub fn run(_arguments: &[String]) -> Result<(), String> {
    let tree = Tree::read(&paths::root())?;
    let mut findings = 0;
    let mut broken = 0;
    for (rule, check) in CHECKS {
        let found = check(&tree);
        broken += usize::from(!found.is_empty());
        findings += found.len();
        println!("{} {rule}", if found.is_empty() { "ok    " } else { "BROKEN" });
        for finding in found {
            println!("       {finding}");
        }
    }
    // The form of node's reporter, so that the test command counts the rules.
    println!("# pass {}\n# fail {broken}", CHECKS.len() - broken);
    if broken == 0 { Ok(()) } else { Err(format!("{findings} places break a rule; they are listed above")) }
}
