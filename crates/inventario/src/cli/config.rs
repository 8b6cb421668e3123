//! `inventario config show`: every setting, its value and where it came from.

use std::io::{self, Write};

use clap::{Args, Subcommand};

use crate::cli::Failure;
use crate::cli::settings::SettingFlags;

/// Look at the settings.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario config show")]
pub struct Config {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Show(Show),
}

/// Print every setting with what is in effect and where it came from; secrets are masked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario config show --json")]
struct Show {
    /// A JSON list instead of a table.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Config {
    /// Prints what is asked for; a setting that cannot be read is still shown.
    pub fn run(self) -> Result<(), Failure> {
        let ConfigCommand::Show(Show { json, settings }) = self.command;
        let reading = settings.read();
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", reading.to_json())?;
        } else {
            write!(out, "{}", reading.to_text())?;
        }
        if reading.config.is_none() {
            return Err(Failure::Refused(
                "some settings cannot be used; `inventario check` says which and why".to_owned(),
            ));
        }
        Ok(())
    }
}
