//! What is kept of a proof: its progress while it runs, its row when it ended.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{paths, process};

const DOCUMENT: &str = "docs/evidence.md";

/// How far a part is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Progress {
    commit: String,
    seed: u64,
    pub rounds: u64,
    pub seconds: u64,
    /// What the last round said.
    pub seen: String,
}

impl Progress {
    /// The progress of a run that was stopped, if it was of this commit and seed.
    pub fn load(part: &str, commit: &str, seed: u64) -> Self {
        let fresh = Self { commit: commit.to_owned(), seed, ..Self::default() };
        let kept = fs::read_to_string(place(part)).ok().and_then(|text| Self::read(&text));
        kept.filter(|kept| kept.commit == fresh.commit && kept.seed == seed).unwrap_or(fresh)
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.splitn(5, '\n');
        Some(Self {
            commit: lines.next()?.to_owned(),
            seed: lines.next()?.parse().ok()?,
            rounds: lines.next()?.parse().ok()?,
            seconds: lines.next()?.parse().ok()?,
            seen: lines.next()?.to_owned(),
        })
    }

    fn text(&self) -> String {
        format!("{}\n{}\n{}\n{}\n{}", self.commit, self.seed, self.rounds, self.seconds, self.seen)
    }

    /// Writes it down, whole or not at all.
    pub fn save(&self, part: &str) -> Result<(), String> {
        let (place, beside) = (place(part), place(part).with_extension("new"));
        let failed = |error: std::io::Error| format!("{}: {error}", place.display());
        fs::create_dir_all(paths::made("evidence")).map_err(failed)?;
        fs::write(&beside, self.text()).map_err(failed)?;
        fs::rename(&beside, &place).map_err(failed)
    }

    /// The part has ended.
    pub fn forget(&self, part: &str) {
        // A part of one round that failed at once has left nothing.
        let _ = fs::remove_file(place(part));
    }
}

fn place(part: &str) -> PathBuf {
    paths::made("evidence").join(part)
}

/// A line of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub date: String,
    pub part: &'static str,
    pub commit: String,
    pub seed: u64,
    pub seconds: u64,
    pub holds: bool,
    pub result: String,
}

impl Row {
    /// As it stands in the table.
    pub fn line(&self) -> String {
        let Self { date, part, commit, seed, seconds, holds, result } = self;
        let verdict = if *holds { "holds" } else { "FAILS" };
        let told: String = result.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let told: String = told.chars().take(500).collect();
        format!("| {date} | {part} | {commit} | {seed} | {seconds} s | {verdict}: {told} |")
    }
}

/// Adds a row to the table.
pub fn append(root: &Path, row: &Row) -> Result<(), String> {
    let path = root.join(DOCUMENT);
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(&path).map_err(failed)?;
    fs::write(&path, format!("{}\n{}\n", text.trim_end(), row.line())).map_err(failed)
}

/// The commit, and whether the checkout has changes that it does not.
pub fn commit() -> Result<String, String> {
    let commit = process::read(process::command("git", &["rev-parse", "--short=10", "HEAD"]))?;
    let changes = process::read(process::command("git", &["status", "--porcelain", "--untracked-files=no"]))?;
    // Rows of this command are no changes of what is proven.
    let changed = changes.lines().any(|line| !line.ends_with(DOCUMENT));
    Ok(if changed { format!("{commit} with changes") } else { commit })
}

/// The day, UTC.
pub fn today() -> Result<String, String> {
    process::read(process::command("date", &["-u", "+%Y-%m-%d"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_as_it_was_written() {
        let progress = Progress { commit: "abc".into(), seed: 3, rounds: 2, seconds: 60, seen: "two\nlines".into() };
        assert_eq!(Progress::read(&progress.text()), Some(progress));
        assert_eq!(Progress::read("abc\nx"), None);
    }

    #[test]
    fn a_row_stays_on_its_line_whatever_failed() {
        let row = Row {
            date: "2026-11-25".into(),
            part: "cut",
            commit: "abc".into(),
            seed: 1,
            seconds: 5,
            holds: false,
            result: "left | right\nand more".into(),
        };
        assert_eq!(row.line(), "| 2026-11-25 | cut | abc | 1 | 5 s | FAILS: left \\| right and more |");
    }
}
