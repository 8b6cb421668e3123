//! `inventario migrate`: the schema of the database.

use crate::{
    cli::{Failure, serve::runtime, settings::SettingFlags},
    telemetry, wiring,
};
use clap::Args;
use std::io::{self, Write};

/// Bring the database's schema up to this version.
///
/// A SQLite file that holds data is copied first. `serve` does the same at its start.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario migrate --check || inventario migrate")]
pub struct Migrate {
    /// Only say what is missing; exits with 1 when something is.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Migrate {
    /// Migrates, or says what is missing.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.configuration()?;
        telemetry::start(&config.operation);
        let pending = runtime()?.block_on(async {
            let db = wiring::open_as_owner(&config).await.map_err(Failure::Refused)?;
            let state = db
                .migration_state()
                .await
                .map_err(|error| Failure::Refused(format!("the schema cannot be read: {error}")))?;
            if !self.check {
                wiring::migrate(&db).await.map_err(Failure::Refused)?;
            }
            Ok::<_, Failure>(state.pending)
        })?;
        let numbers: Vec<String> = pending.iter().map(ToString::to_string).collect();
        let mut out = io::stdout().lock();
        match (pending.is_empty(), self.check) {
            (true, _) => writeln!(out, "the schema is up to date")?,
            (false, false) => writeln!(out, "applied: {}", numbers.join(", "))?,
            (false, true) => {
                writeln!(out, "missing: {}", numbers.join(", "))?;
                return Err(Failure::Said);
            }
        }
        Ok(())
    }
}
