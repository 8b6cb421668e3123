//! Starting other programs: their output is shown as it comes, and counted.
//!
//! It knows the three ways test programs report (Rust's, node's and our own
//! scripts') and nothing about which program is run why.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;

/// How many tests a program reported.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    /// Tests that the program itself left out.
    pub ignored: u64,
}

impl Counts {
    /// Adds what one line of output reports, if it reports anything.
    fn read_line(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            for part in rest.split([';', '.']) {
                let mut words = part.split_whitespace();
                match (words.next().and_then(|n| n.parse::<u64>().ok()), words.next()) {
                    (Some(n), Some("passed")) => self.passed += n,
                    (Some(n), Some("failed")) => self.failed += n,
                    (Some(n), Some("ignored")) => self.ignored += n,
                    _ => {}
                }
            }
        } else if let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
            let mut words = rest.split_whitespace();
            match (words.next(), words.next().and_then(|n| n.parse::<u64>().ok()), words.next()) {
                (Some("pass"), Some(n), None) => self.passed += n,
                (Some("fail" | "cancelled"), Some(n), None) => self.failed += n,
                (Some("skipped" | "todo"), Some(n), None) => self.ignored += n,
                _ => {}
            }
        }
    }
}

/// What a finished program left.
pub struct Finished {
    pub success: bool,
    pub counts: Counts,
}

/// A command at the root of the checkout, with a clean environment.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).current_dir(crate::paths::root());
    environment::clean(&mut command);
    command
}

/// Cargo, the one that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(PathBuf::from(cargo), arguments);
    // Cargo describes this crate to us; a child that builds another one must not see it.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command, passing its output through line by line, and counts the tests it reports.
pub fn stream(command: Command) -> Result<Finished, String> {
    stream_to(command, &mut std::io::stdout())
}

fn stream_to(mut command: Command, screen: &mut impl Write) -> Result<Finished, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {name}: {error}"))?;
    let output = child.stdout.take().expect("stdout was asked for as a pipe");
    let mut reader = BufReader::new(output);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read =
            reader.read_until(b'\n', &mut line).map_err(|error| format!("cannot read what {name} prints: {error}"))?;
        if read == 0 {
            break;
        }
        counts.read_line(String::from_utf8_lossy(&line).trim_end());
        // A closed terminal is no reason to stop a test.
        let _ = screen.write_all(&line);
    }
    let status = child.wait().map_err(|error| format!("cannot wait for {name}: {error}"))?;
    Ok(Finished { success: status.success(), counts })
}

/// Runs a command whose output is wanted as text; its stderr is shown.
pub fn read(mut command: Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of `names` that is an executable file in a folder of `PATH`.
pub fn find_in_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    for folder in std::env::split_paths(&path) {
        for name in names {
            let candidate = folder.join(name);
            if is_executable(&candidate) {
                return Some(candidate);
            }
        }
    }
    None
}

/// True for a file that this machine could run.
pub fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reports_of_the_runners_are_counted() {
        let cases = [
            (
                "test result: FAILED. 7 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s",
                (7, 2, 1),
            ),
            ("ℹ pass 12", (12, 0, 0)),
            ("ℹ fail 3", (0, 3, 0)),
            ("# skipped 4", (0, 0, 4)),
            ("ℹ tests 12", (0, 0, 0)),
            ("# pass 3 of the exam", (0, 0, 0)),
            ("test selling ... ok", (0, 0, 0)),
        ];
        for (line, (passed, failed, ignored)) in cases {
            let mut counts = Counts::default();
            counts.read_line(line);
            assert_eq!(counts, Counts { passed, failed, ignored }, "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_is_seen_to_fail() {
        let finished = stream_to(command("/bin/sh", &["-c", "echo 'ℹ pass 2'; exit 3"]), &mut Vec::new()).unwrap();
        assert!(!finished.success);
        assert_eq!(finished.counts.passed, 2);
    }
}
