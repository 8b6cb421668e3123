//! `inventario check`: every problem of the configuration at once.

use std::io::{self, Write};

use clap::Args;

use crate::cli::Failure;
use crate::cli::settings::SettingFlags;
use crate::config::problem::Severity;

/// Say what is wrong with the settings, all at once, and how to mend it.
///
/// Exits with 1 when something would keep the server from starting.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario check --json")]
pub struct Check {
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Check {
    /// Reads and reports.
    pub fn run(self) -> Result<(), Failure> {
        let reading = self.settings.read();
        let is_ok = reading.config.is_some();
        let mut out = io::stdout().lock();
        if self.json {
            let answer = serde_json::json!({ "ok": is_ok, "problems": reading.problems });
            writeln!(out, "{answer}")?;
        } else {
            for problem in &reading.problems {
                writeln!(out, "{problem}")?;
            }
            let errors = reading.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            let warnings = reading.problems.len() - errors;
            writeln!(out, "{} errors, {} warnings", errors, warnings)?;
        }
        if is_ok { Ok(()) } else { Err(Failure::Said) }
    }
}
