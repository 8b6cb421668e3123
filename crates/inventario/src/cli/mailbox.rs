//! `inventario mailbox`: mail that stayed here because no service takes it.

use crate::{
    cli::{Failure, serve::runtime, settings::SettingFlags},
    telemetry, wiring,
};
use app::features::operator::mailbox::{self, StoredMail};
use clap::Args;
use std::io::{self, Write};

/// Show the mail of the local mailbox, newest last.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario mailbox --json")]
pub struct Mailbox {
    /// One JSON object a message: id, created_at in microseconds UTC, to, subject, text, html.
    #[arg(long)]
    json: bool,
    /// How many of the newest.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000))]
    count: i64,
    #[command(flatten)]
    settings: SettingFlags,
}

impl Mailbox {
    /// Shows them.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.configuration()?;
        telemetry::start(&config.operation);
        let mut messages = runtime()?.block_on(async {
            let db = wiring::open_database(&config).await.map_err(Failure::Refused)?;
            mailbox::newest(&db, self.count).await.map_err(|error| {
                Failure::Refused(format!(
                    "the mailbox cannot be read: {error}; `inventario migrate` makes a new database ready"
                ))
            })
        })?;
        messages.reverse();
        let mut out = io::stdout().lock();
        for message in &messages {
            if self.json {
                writeln!(out, "{}", as_json(message))?;
            } else {
                writeln!(out, "To: {}\nSubject: {}\n\n{}\n", message.recipient, message.subject, message.body_text)?;
            }
        }
        Ok(())
    }
}

fn as_json(message: &StoredMail) -> serde_json::Value {
    serde_json::json!({
        "id": message.id,
        "created_at": message.created_at,
        "to": message.recipient,
        "subject": message.subject,
        "text": message.body_text,
        "html": message.body_html,
    })
}
