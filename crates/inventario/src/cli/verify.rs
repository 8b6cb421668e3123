//! `inventario verify`: whether everything that is kept still adds up.

use crate::{
    cli::{Failure, serve::runtime, settings::SettingFlags},
    telemetry, wiring,
};
use app::features::verify::{self, Report};
use clap::Args;
use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

/// A shop is read in one snapshot, which may take long: a million lines, a minute.
const SNAPSHOT_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Recompute every stock chain, document, drawer and total, and name the first row
/// of each that does not fit.
///
/// Only reads; the server may go on serving meanwhile. Exits with 1 when something
/// does not fit.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario verify --json")]
pub struct Verify {
    /// One JSON object instead of lines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Verify {
    /// Verifies every shop and says what it found.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.clone().configuration()?;
        telemetry::start(&config.operation);
        let report = runtime()?.block_on(async {
            let db = wiring::open_for_long_reads(&config, SNAPSHOT_LIMIT).await.map_err(Failure::Refused)?;
            let state = db.migration_state().await.map_err(|error| unread(&error))?;
            if !state.pending.is_empty() {
                return Err(Failure::Refused(
                    "the schema is not up to date; run `inventario migrate` first".to_owned(),
                ));
            }
            verify::verify(&db, tell).await.map_err(|error| unread(&error))
        })?;
        say(&report, self.json)?;
        if report.findings.is_empty() { Ok(()) } else { Err(Failure::Said) }
    }
}

fn say(report: &Report, as_json: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if as_json {
        let answer = serde_json::json!({
            "ok": report.findings.is_empty(),
            "shops": report.shops,
            "rows": report.rows,
            "findings": report.findings,
        });
        writeln!(out, "{answer}")?;
        return Ok(());
    }
    for finding in &report.findings {
        writeln!(out, "{finding}")?;
    }
    let many = report.findings.len();
    writeln!(out, "{} shops, {} rows, {many} that do not fit", report.shops, report.rows)?;
    Ok(())
}

/// Progress, for somebody who waits at a screen.
fn tell(shop: &str) {
    let mut screen = io::stderr();
    if screen.is_terminal() {
        // Whoever closed the screen does not wait at it.
        let _ = writeln!(screen, "verifying {shop} …");
    }
}

fn unread(error: &db::DbError) -> Failure {
    Failure::Refused(format!("the data cannot be read: {error}; check DATABASE_URL and that the disk is sound"))
}
