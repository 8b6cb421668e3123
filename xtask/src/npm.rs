//! Node and the packages of the lock file.
//!
//! It owns the decision when `npm ci` is needed, and the words for a machine
//! without node.

use std::path::{Path, PathBuf};

use crate::process;

/// Node's oldest version that runs the tools of the lock file.
const NODE_MAJOR_MIN: u32 = 20;

const REMEDY: &str = "install Node.js 20 or newer with npm (https://nodejs.org, or your system's packages `nodejs` and `npm`) and run the command again";

/// The node of this machine.
///
/// # Errors
/// A sentence with the remedy, if there is none or it is too old.
pub fn node() -> Result<PathBuf, String> {
    let node =
        process::find_in_path(&["node", "node.exe"]).ok_or_else(|| format!("node was not found in PATH: {REMEDY}"))?;
    let version = process::read(process::command(&node, &["--version"]))?;
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(node),
        _ => Err(format!("node {version} is too old: {REMEDY}")),
    }
}

fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Makes `node_modules` what the lock file says; quick when it already is.
///
/// # Errors
/// A sentence with the remedy.
pub fn ensure(root: &Path) -> Result<(), String> {
    if !is_stale(root) {
        return Ok(());
    }
    node()?;
    let npm =
        process::find_in_path(&["npm", "npm.cmd"]).ok_or_else(|| format!("npm was not found in PATH: {REMEDY}"))?;
    // A production environment would leave out the tools: they are asked for by name.
    let finished = process::stream(process::command(npm, &["ci", "--include=dev", "--no-audit", "--no-fund"]))?;
    if finished.success {
        Ok(())
    } else {
        Err("npm ci failed; its words stand above (it needs the npm registry once)".to_owned())
    }
}

/// npm writes its own copy of the lock last; one older than ours is out of date.
fn is_stale(root: &Path) -> bool {
    let modified = |path: PathBuf| path.metadata().and_then(|m| m.modified()).ok();
    match (modified(root.join("node_modules/.package-lock.json")), modified(root.join("package-lock.json"))) {
        (Some(installed), Some(locked)) => installed < locked,
        (None, Some(_)) => true,
        (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn packages_are_installed_when_missing_or_older_than_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert!(!is_stale(root), "nothing is locked, nothing to install");

        let lock = File::create(root.join("package-lock.json")).unwrap();
        lock.set_modified(UNIX_EPOCH + Duration::from_secs(2_000)).unwrap();
        assert!(is_stale(root), "nothing is installed");

        fs::create_dir(root.join("node_modules")).unwrap();
        let installed = File::create(root.join("node_modules/.package-lock.json")).unwrap();
        installed.set_modified(UNIX_EPOCH + Duration::from_secs(1_000)).unwrap();
        assert!(is_stale(root), "the lock is newer");

        installed.set_modified(UNIX_EPOCH + Duration::from_secs(3_000)).unwrap();
        assert!(!is_stale(root));
    }

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20.1"), None);
    }
}
