//! The project's own files: everything in the checkout that a person wrote.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what was made or fetched; in a second work tree `.git` is a file.
const NOT_OURS: &[&str] = &["target", "node_modules", "data", ".git"];

/// Every own file below `root` in a fixed order, as paths relative to it.
///
/// # Errors
/// A sentence naming the folder that cannot be read.
pub fn own(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let whole = root.join(&folder);
        let entries = fs::read_dir(&whole).map_err(|error| format!("cannot read {}: {error}", whole.display()))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("cannot read {}: {error}", whole.display()))?;
            let name = entry.file_name();
            let kind = entry.file_type().map_err(|error| format!("cannot read {}: {error}", entry.path().display()))?;
            if name.to_str().is_some_and(|name| NOT_OURS.contains(&name)) {
                continue;
            }
            let path = folder.join(&name);
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The own files whose name ends so, for example `.test.ts`.
pub fn ending(files: &[PathBuf], end: &str) -> Vec<PathBuf> {
    files.iter().filter(|path| path.to_str().is_some_and(|path| path.ends_with(end))).cloned().collect()
}
