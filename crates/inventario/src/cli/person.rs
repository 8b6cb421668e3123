//! What the commands about people share: who, the password, and the application.

use crate::{
    cli::{Failure, serve::runtime, settings::SettingFlags},
    telemetry, wiring,
};
use app::{
    features::accounts::by_operator::{Refused, Wanted},
    kernel::App,
};
use clap::Args;
use std::io::{self, IsTerminal, Read};

/// The longest password that is read: what lies above it is a wrong file.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// A new person.
#[derive(Debug, Args)]
pub struct PersonFlags {
    /// The name they sign in with, without an @.
    #[arg(long)]
    pub username: String,
    /// Their e-mail address, which counts as confirmed.
    #[arg(long)]
    pub email: Option<String>,
    #[command(flatten)]
    pub password: PasswordFlags,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub struct PasswordFlags {
    /// Read the password from standard input, to its first line break.
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordFlags {
    /// Reads the password. Flags and environment are seen by others on the machine, and
    /// what is typed at a terminal shows, so that neither brings one.
    pub fn read(&self) -> Result<String, Failure> {
        let input = io::stdin();
        if !self.password_stdin || input.is_terminal() {
            return Err(Failure::Refused(
                "the password comes on standard input: add --password-stdin and pipe it in, as in `inventario … --password-stdin < file`".to_owned(),
            ));
        }
        let mut text = String::new();
        input.lock().take(PASSWORD_BYTES_MAX).read_to_string(&mut text).map_err(|error| {
            Failure::Refused(format!("the password cannot be read: {error}; give it as UTF-8 text"))
        })?;
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

impl PersonFlags {
    /// The person with the password read.
    pub fn read(self, must_change_password: bool) -> Result<Wanted, Failure> {
        let password = self.password.read()?;
        Ok(Wanted { username: self.username, email: self.email, password, must_change_password })
    }
}

/// Does something with the application, on its data, without serving it.
pub fn with_application<T>(
    settings: SettingFlags,
    act: impl AsyncFnOnce(&App) -> Result<T, Refused>,
) -> Result<T, Failure> {
    let config = settings.configuration()?;
    telemetry::start(&config.operation);
    runtime()?.block_on(async {
        let assembled = wiring::assemble(&config).await.map_err(Failure::Refused)?;
        act(&assembled.app).await.map_err(|Refused(sentence)| Failure::Refused(sentence))
    })
}
