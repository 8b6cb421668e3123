//! `inventario version`: which build this is.

use std::io::{self, Write};

use clap::Args;

use crate::cli::Failure;

/// Print the version of this build.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario version --json")]
pub struct Version {
    /// A JSON object with version, target and profile.
    #[arg(long)]
    json: bool,
}

impl Version {
    /// Prints it.
    pub fn run(self) -> Result<(), Failure> {
        let version = env!("CARGO_PKG_VERSION");
        let mut out = io::stdout().lock();
        if self.json {
            let answer = serde_json::json!({
                "name": "inventario",
                "version": version,
                "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
                "os": std::env::consts::OS,
                "arch": std::env::consts::ARCH,
            });
            writeln!(out, "{answer}")?;
        } else {
            writeln!(out, "inventario {version}")?;
        }
        Ok(())
    }
}
