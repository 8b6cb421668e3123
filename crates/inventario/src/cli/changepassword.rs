//! `inventario changepassword`: another password for somebody.

use crate::cli::{
    Failure,
    person::{PasswordFlags, with_application},
    settings::SettingFlags,
};
use app::features::accounts::{by_operator, credentials::ChosenBy};
use clap::Args;
use std::io::{self, Write};

/// Give somebody another password, and end all their sessions.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  inventario changepassword --username marta --password-stdin < password.txt")]
pub struct ChangePassword {
    /// Their user name.
    #[arg(long, required_unless_present = "email", conflicts_with = "email")]
    username: Option<String>,
    /// Or their e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Let them choose a password of their own at the next sign-in.
    #[arg(long)]
    must_change_password: bool,
    #[command(flatten)]
    password: PasswordFlags,
    #[command(flatten)]
    settings: SettingFlags,
}

impl ChangePassword {
    /// Changes it.
    pub fn run(self) -> Result<(), Failure> {
        let who = self.username.or(self.email).unwrap_or_default();
        let password = self.password.read()?;
        let by = if self.must_change_password { ChosenBy::SomebodyElse } else { ChosenBy::Themselves };
        with_application(self.settings, async |app| by_operator::change_password(app, &who, &password, by).await)?;
        writeln!(io::stdout(), "the password of {who} is changed, and all sessions are ended")?;
        Ok(())
    }
}
